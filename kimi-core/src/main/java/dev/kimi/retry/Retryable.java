package dev.kimi.retry;

import dev.kimi.error.DeadlineExceededException;
import dev.kimi.error.KimiException;
import dev.kimi.error.OverloadedException;
import dev.kimi.error.RateLimitException;
import dev.kimi.error.RejectedException;
import dev.kimi.error.ServerException;
import dev.kimi.error.TransportException;
import dev.kimi.error.TruncatedStreamException;
import java.time.Duration;

/** What both built-in policies agree on: which failures can pass, and which of those only on the service's word. */
final class Retryable {

    private Retryable() {}

    static boolean canPass(KimiException failure) {
        return failure instanceof RateLimitException
                || failure instanceof OverloadedException
                || failure instanceof ServerException
                || (failure instanceof TransportException broken && !broken.permanent())
                || failure instanceof TruncatedStreamException
                || (failure instanceof DeadlineExceededException late && connecting(late))
                || (failure instanceof RejectedException rejected
                        && rejected.reason() == RejectedException.Reason.QUEUE_FULL
                        && rejected.attempts() > 0);
    }

    private static boolean connecting(DeadlineExceededException late) {
        return late.phase() == DeadlineExceededException.Phase.CONNECT;
    }

    /** A daily limit is worth waiting for only on the service's word, since backing off cannot outlast it. */
    static boolean needsHint(KimiException failure) {
        return failure instanceof RateLimitException limited
                && limited.limit() == RateLimitException.Limit.TOKENS_PER_DAY;
    }

    static boolean fits(Duration wait, FailedAttempt attempt) {
        return wait.compareTo(attempt.remaining()) < 0;
    }
}
