package dev.kimi.error;

import org.jspecify.annotations.Nullable;

/**
 * The service does not accept the credentials (401), or none could be obtained. Not retried, but for one replay with a
 * fresh token.
 */
public final class AuthenticationException extends KimiException {

    private static final long serialVersionUID = 1L;

    public AuthenticationException(String message, Details details, @Nullable Throwable cause) {
        super(message, details, cause);
    }
}
