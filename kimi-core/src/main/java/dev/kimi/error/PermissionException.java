package dev.kimi.error;

import org.jspecify.annotations.Nullable;

/**
 * The credentials are good but do not allow this: a 403, or a token without the scope (a 403 or 401 whose
 * {@code WWW-Authenticate} says {@code insufficient_scope}). Not retried, and tokens are not refreshed for it.
 */
public final class PermissionException extends KimiException {

    private static final long serialVersionUID = 1L;

    public PermissionException(String message, Details details, @Nullable Throwable cause) {
        super(message, details, cause);
    }
}
