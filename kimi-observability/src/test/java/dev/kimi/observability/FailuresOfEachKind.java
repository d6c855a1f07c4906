package dev.kimi.observability;

import dev.kimi.error.AuthenticationException;
import dev.kimi.error.CallCancelledException;
import dev.kimi.error.DeadlineExceededException;
import dev.kimi.error.KimiException;
import dev.kimi.error.KimiException.Details;
import dev.kimi.error.QuotaExceededException;
import dev.kimi.error.RejectedException;
import dev.kimi.error.ServerException;
import dev.kimi.error.TransportException;

/** One of each. */
public final class FailuresOfEachKind {

    private FailuresOfEachKind() {}

    public static KimiException cancelled() {
        return new CallCancelledException("cancelled", Details.NONE, null);
    }

    public static KimiException timeout(DeadlineExceededException.Phase phase) {
        return new DeadlineExceededException("too late", Details.NONE, phase, null);
    }

    public static KimiException io() {
        return new TransportException("broken", Details.NONE, false, null);
    }

    public static KimiException rejected(RejectedException.Reason reason) {
        return new RejectedException("rejected", Details.NONE, reason, null);
    }

    public static KimiException server(int status) {
        return new ServerException(
                "broken", Details.builder().status(status).requestId("r-1").build(), null);
    }

    public static KimiException authentication() {
        return new AuthenticationException("who?", Details.NONE, null);
    }

    public static KimiException outOfMoney() {
        return new QuotaExceededException("pay", Details.NONE, null);
    }
}
