package dev.kimi.error;

import org.jspecify.annotations.Nullable;

/** The service refused the content. Not retried: the same content meets the same answer. */
public final class ContentFilteredException extends KimiException {

    private static final long serialVersionUID = 1L;

    public ContentFilteredException(String message, Details details, @Nullable Throwable cause) {
        super(message, details, cause);
    }
}
