package dev.kimi.error;

import org.jspecify.annotations.Nullable;

/**
 * The service failed, or sent what no client can read (408, 409, 5xx, malformed responses). Retried under the budget.
 */
public final class ServerException extends KimiException {

    private static final long serialVersionUID = 1L;

    public ServerException(String message, Details details, @Nullable Throwable cause) {
        super(message, details, cause);
    }
}
