package dev.kimi.error;

import org.jspecify.annotations.Nullable;

/** The service rejected the content. Not retried: the same content meets the same response. */
public final class ContentFilteredException extends KimiException {

    private static final long serialVersionUID = 1L;

    public ContentFilteredException(String message, Details details, @Nullable Throwable cause) {
        super(message, details, cause);
    }
}
