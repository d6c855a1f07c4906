package dev.kimi.internal.call;

import dev.kimi.error.KimiException;

/**
 * How an attempt failed.
 *
 * @param exception what the caller gets when no other attempt follows
 * @param evidence what is known beside it about sending the request again
 */
record AttemptFailure(KimiException exception, Evidence evidence) {

    /** What the transport or the reader of the response knows about sending a request again. */
    enum Evidence {
        /** Nothing beyond the exception: the policy decides. */
        NONE,
        /** HTTP/2: the service said that it did not process the request. */
        REFUSED,
        /** A pooled connection was closed before the whole request was written to it. */
        STALE_CONNECTION,
        /** A reused connection ended in good order after the request, before any byte of a response. */
        IDLE_CLOSE
    }

    static AttemptFailure of(KimiException exception) {
        return new AttemptFailure(exception, Evidence.NONE);
    }

    /** Whether the failure says something about the service's load, which all callers should know. */
    boolean saysLoad() {
        return evidence == Evidence.NONE;
    }
}
