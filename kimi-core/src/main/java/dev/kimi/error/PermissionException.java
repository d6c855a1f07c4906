package dev.kimi.error;

import org.jspecify.annotations.Nullable;

/** The credentials are good but do not allow this (403). Not retried. */
public final class PermissionException extends KimiException {

    private static final long serialVersionUID = 1L;

    public PermissionException(String message, Details details, @Nullable Throwable cause) {
        super(message, details, cause);
    }
}
