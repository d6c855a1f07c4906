package dev.kimi.error;

import org.jspecify.annotations.Nullable;

/** The service has no capacity left for anybody (429 overloaded, 503, 529). Retried under the budget. */
public final class OverloadedException extends KimiException {

    private static final long serialVersionUID = 1L;

    public OverloadedException(String message, Details details, @Nullable Throwable cause) {
        super(message, details, cause);
    }
}
