package dev.kimi.error;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A time limit passed. Says in which phase, so that the right limit can be raised or the right thing repaired. */
public final class DeadlineExceededException extends KimiException {

    private static final long serialVersionUID = 1L;

    private final Phase phase;

    /** @param cause what the call was recovering from when the time ran out, or null */
    public DeadlineExceededException(String message, Details details, Phase phase, @Nullable Throwable cause) {
        super(message, details, cause);
        this.phase = Objects.requireNonNull(phase, "phase");
    }

    /** What the call was doing when the time ran out. */
    public Phase phase() {
        return phase;
    }

    /** The phases of a call that have a time limit. */
    public enum Phase {
        /** Waiting for a permit of the account's quota. */
        QUEUED,
        /** Held back, since another call in the scope of the same limit got a 429 with a wait. */
        RATE_LIMITED,
        /** Waiting for credentials. */
        CREDENTIALS,
        /** Waiting for a pooled connection. */
        POOL_WAIT,
        /** Opening a connection. */
        CONNECT,
        /** Sending the request and waiting for response headers. */
        HEADERS,
        /** Waiting for the first event of a stream, or for the whole of a response that is not streamed. */
        FIRST_EVENT,
        /** Between two events of a stream, while nothing came, not even a keep-alive. */
        IDLE,
        /** Between two events of a stream, while nothing but keep-alives came: comments, pings, empty events. */
        QUIET,
        /** Waiting before another attempt. */
        BACK_OFF
    }
}
