package dev.kimi.internal.endpoint;

import dev.kimi.error.AuthenticationException;
import dev.kimi.error.CallCancelledException;
import dev.kimi.error.ContentFilteredException;
import dev.kimi.error.DeadlineExceededException;
import dev.kimi.error.DeadlineExceededException.Phase;
import dev.kimi.error.InvalidRequestException;
import dev.kimi.error.KimiException;
import dev.kimi.error.PermissionException;
import dev.kimi.error.QuotaExceededException;
import dev.kimi.error.RateLimitException;
import dev.kimi.error.RejectedException;
import dev.kimi.internal.governor.LimitGate;
import java.time.Duration;
import java.util.Set;

/** What the failure of one attempt says of whether its endpoint serves the model. */
enum Health {
    /** The service has responded, and meant what it said. */
    WELL,
    /** Nothing: the failure is this client's, or a limit that is soon over. */
    UNKNOWN,
    /** The service failed. It may be this call's bad luck. */
    DOWN,
    /** The next call will not fare better. */
    DOWN_FOR_ALL;

    /** The phases in which it is the service that lets a call wait. */
    private static final Set<Phase> OF_SERVICE =
            Set.of(Phase.CONNECT, Phase.HEADERS, Phase.FIRST_EVENT, Phase.IDLE, Phase.QUIET);

    static Health of(KimiException failure) {
        if (failure instanceof InvalidRequestException || failure instanceof ContentFilteredException) {
            return WELL;
        }
        if (failure instanceof RejectedException || failure instanceof CallCancelledException) {
            return UNKNOWN;
        }
        if (failure instanceof RateLimitException) {
            Duration wait = failure.retryAfter();
            return wait != null && wait.compareTo(LimitGate.LONGEST) >= 0 ? DOWN_FOR_ALL : UNKNOWN;
        }
        if (failure instanceof QuotaExceededException
                || failure instanceof AuthenticationException
                || failure instanceof PermissionException) {
            return DOWN_FOR_ALL;
        }
        if (failure instanceof DeadlineExceededException late) {
            return OF_SERVICE.contains(late.phase()) ? DOWN : UNKNOWN;
        }
        return DOWN;
    }
}
