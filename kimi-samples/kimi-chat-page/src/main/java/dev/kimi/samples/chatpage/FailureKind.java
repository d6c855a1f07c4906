package dev.kimi.samples.chatpage;

import dev.kimi.error.AuthenticationException;
import dev.kimi.error.ConfigurationException;
import dev.kimi.error.ContentFilteredException;
import dev.kimi.error.DeadlineExceededException;
import dev.kimi.error.InvalidRequestException;
import dev.kimi.error.OverloadedException;
import dev.kimi.error.PermissionException;
import dev.kimi.error.QuotaExceededException;
import dev.kimi.error.RateLimitException;
import dev.kimi.error.RejectedException;
import dev.kimi.error.ServerException;
import dev.kimi.error.TransportException;
import dev.kimi.error.TruncatedStreamException;

/** The failures that a reader can distinguish, and whether sending the same again may succeed. */
enum FailureKind {
    RATE_LIMIT("rate-limit", true),
    OVERLOADED("overloaded", true),
    QUOTA("quota", false),
    AUTHENTICATION("authentication", false),
    INVALID_REQUEST("invalid-request", false),
    CONTENT_FILTER("content-filter", false),
    TRUNCATED("truncated", true),
    TIMEOUT("timeout", true),
    SERVER("server", true),
    CONNECTION("connection", true),
    REJECTED("rejected", true),
    OVER_LIMIT("over-limit", false),
    CONFIGURATION("configuration", false),
    OTHER("other", false);

    private final String word;
    private final boolean retryable;

    FailureKind(String word, boolean retryable) {
        this.word = word;
        this.retryable = retryable;
    }

    /** The word that the page uses. */
    String word() {
        return word;
    }

    /** True when the same request may succeed later, without anybody changing anything. */
    boolean retryable() {
        return retryable;
    }

    static FailureKind of(Throwable failure) {
        if (failure instanceof RateLimitException) {
            return RATE_LIMIT;
        } else if (failure instanceof OverloadedException) {
            return OVERLOADED;
        } else if (failure instanceof QuotaExceededException) {
            return QUOTA;
        } else if (failure instanceof AuthenticationException || failure instanceof PermissionException) {
            return AUTHENTICATION;
        } else if (failure instanceof InvalidRequestException) {
            return INVALID_REQUEST;
        } else if (failure instanceof ContentFilteredException) {
            return CONTENT_FILTER;
        } else if (failure instanceof RejectedException rejected) {
            return rejected(rejected);
        } else if (failure instanceof ConfigurationException) {
            return CONFIGURATION;
        }
        return broken(failure);
    }

    private static FailureKind broken(Throwable failure) {
        if (failure instanceof TruncatedStreamException) {
            return TRUNCATED;
        } else if (failure instanceof DeadlineExceededException) {
            return TIMEOUT;
        } else if (failure instanceof ServerException) {
            return SERVER;
        } else if (failure instanceof TransportException) {
            return CONNECTION;
        }
        return OTHER;
    }

    private static FailureKind rejected(RejectedException rejected) {
        return switch (rejected.reason()) {
            case QUEUE_FULL -> REJECTED;
            case OVER_QUOTA -> OVER_LIMIT;
            case THROTTLED -> OVERLOADED;
            // What a reader wants to know is the failure that was not retried.
            case RETRY_BUDGET_EXHAUSTED, BODY_NOT_REPLAYABLE ->
                rejected.getCause() == null ? REJECTED : of(rejected.getCause());
            case SHUTTING_DOWN, CLOSED -> OTHER;
        };
    }
}
