package dev.kimi.error;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** This library rejected the call before sending, to protect the caller or the service. */
public final class RejectedException extends KimiException {

    private static final long serialVersionUID = 1L;

    private final Reason reason;

    public RejectedException(String message, Details details, Reason reason, @Nullable Throwable cause) {
        super(message, details, cause);
        this.reason = Objects.requireNonNull(reason, "reason");
    }

    /** Why nothing was sent. */
    public Reason reason() {
        return reason;
    }

    /** Why nothing was sent. */
    public enum Reason {
        /** As many calls wait for admission or a connection as may. */
        QUEUE_FULL,
        /** The call can never fit the account's limits. */
        OVER_QUOTA,
        /** Too many retries lately. */
        RETRY_BUDGET_EXHAUSTED,
        /**
         * The request would have been sent again, but an attempt had begun to read its body, which can be read only
         * once. The cause is the failure of that attempt.
         */
        BODY_NOT_REPLAYABLE,
        /** The service rejected most calls lately, so that most are not sent at all for a while. */
        THROTTLED,
        /** The client is shutting down, or has: only calls that had begun before go on. */
        SHUTTING_DOWN,
        /** The client is closed. */
        CLOSED
    }
}
