package dev.kimi.error;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The account sends more than it may (429): in all, or to one model, as {@link #limitScope()} says. Retried when the
 * wait fits the ceiling and the deadline.
 */
public final class RateLimitException extends KimiException {

    private static final long serialVersionUID = 1L;

    private final Limit limit;

    public RateLimitException(String message, Details details, Limit limit, @Nullable Throwable cause) {
        super(message, details, cause);
        this.limit = Objects.requireNonNull(limit, "limit");
    }

    /** Which of the account's limits was met. */
    public Limit limit() {
        return limit;
    }

    /** The limits that an account has. */
    public enum Limit {
        /** Calls at the same time. */
        CONCURRENCY,
        /** Requests per minute. */
        REQUESTS_PER_MINUTE,
        /** Tokens per minute. */
        TOKENS_PER_MINUTE,
        /** Tokens per day: retried only when the wait fits the deadline. */
        TOKENS_PER_DAY,
        /** The service did not say. */
        UNKNOWN
    }
}
