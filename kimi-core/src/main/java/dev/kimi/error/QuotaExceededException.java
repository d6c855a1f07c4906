package dev.kimi.error;

import org.jspecify.annotations.Nullable;

/**
 * The account is out of balance or quota. Waiting does not help, so this is never retried: recharge, or raise the
 * quota.
 */
public final class QuotaExceededException extends KimiException {

    private static final long serialVersionUID = 1L;

    public QuotaExceededException(String message, Details details, @Nullable Throwable cause) {
        super(message, details, cause);
    }
}
