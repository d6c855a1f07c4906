package dev.kimi.internal.call;

import dev.kimi.error.AuthenticationException;
import dev.kimi.error.DeadlineExceededException;
import dev.kimi.error.DeadlineExceededException.Phase;
import dev.kimi.error.KimiException;
import dev.kimi.error.RateLimitException;
import dev.kimi.error.RejectedException;
import dev.kimi.error.TransportException;
import dev.kimi.internal.protocol.UnreadableResponse;
import dev.kimi.internal.util.Gunzip;
import dev.kimi.transport.TransportFailure;

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
        /** A reused connection ended right after the request, before any byte of a response. */
        IDLE_CLOSE,
        /** A response with a good status came as the service meant it, and this library rejects it: paid for. */
        PAID,
        /** A response with a good status was damaged or cut on its way: paid for, but another one may be whole. */
        PAID_AND_GARBLED
    }

    static AttemptFailure of(KimiException exception) {
        return new AttemptFailure(exception, Evidence.NONE);
    }

    /** The transport failed before any response. */
    static AttemptFailure ofTransport(KimiException exception, TransportFailure failure) {
        Evidence evidence = switch (failure.kind()) {
            case REFUSED -> failure.unprocessed() ? Evidence.REFUSED : Evidence.NONE;
            case STALE_CONNECTION -> failure.unprocessed() ? Evidence.STALE_CONNECTION : Evidence.NONE;
            case IDLE_CLOSE -> Evidence.IDLE_CLOSE;
            default -> Evidence.NONE;
        };
        return new AttemptFailure(exception, evidence);
    }

    /** The body of a response failed to be read: its cause says whether the service meant it like that. */
    static AttemptFailure ofResponse(KimiException exception) {
        Throwable cause = exception.getCause();
        if (cause instanceof UnreadableResponse unreadable) {
            return new AttemptFailure(exception, unreadable.garbled() ? Evidence.PAID_AND_GARBLED : Evidence.PAID);
        }
        if (cause instanceof Gunzip.BadBody bad) {
            return new AttemptFailure(exception, bad.overLimit() ? Evidence.PAID : Evidence.PAID_AND_GARBLED);
        }
        return of(exception);
    }

    /** Whether the service has not counted the request: it never reached it, or was rejected for a limit or its key. */
    boolean isUncounted() {
        return exception instanceof RateLimitException
                || exception instanceof AuthenticationException
                || exception instanceof RejectedException
                || exception instanceof TransportException broken && broken.unprocessed()
                || exception instanceof DeadlineExceededException late
                        && (late.phase() == Phase.POOL_WAIT || late.phase() == Phase.CONNECT);
    }

    /** Whether the request may be sent to another service: it was neither paid for nor perhaps worked on. */
    boolean maySendElsewhere() {
        if (exception instanceof TransportException broken) {
            return broken.unprocessed();
        }
        return evidence != Evidence.PAID && evidence != Evidence.PAID_AND_GARBLED;
    }

    /** Whether the failure may say that the service is down. */
    boolean saysHealth() {
        return evidence == Evidence.NONE || evidence == Evidence.IDLE_CLOSE || evidence == Evidence.PAID_AND_GARBLED;
    }

    /** Whether the failure says something about the service's load, which all callers should know. */
    boolean saysLoad() {
        return evidence == Evidence.NONE;
    }
}
