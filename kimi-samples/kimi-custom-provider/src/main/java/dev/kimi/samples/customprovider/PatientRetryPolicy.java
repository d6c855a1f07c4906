package dev.kimi.samples.customprovider;

import dev.kimi.error.KimiException;
import dev.kimi.error.OverloadedException;
import dev.kimi.error.RateLimitException;
import dev.kimi.error.ServerException;
import dev.kimi.error.TransportException;
import dev.kimi.retry.FailedAttempt;
import dev.kimi.retry.RetryDecision;
import dev.kimi.retry.RetryPolicy;
import java.time.Duration;

/** Waits a little longer before each attempt: once, twice, three times the delay. */
final class PatientRetryPolicy implements RetryPolicy {

    private final int maxAttempts;
    private final Duration delay;

    PatientRetryPolicy(int maxAttempts, Duration delay) {
        this.maxAttempts = maxAttempts;
        this.delay = delay;
    }

    @Override
    public RetryDecision decide(FailedAttempt attempt) {
        KimiException failure = attempt.failure();
        if (attempt.attempt() >= maxAttempts || !mayPass(failure)) {
            return RetryDecision.stop();
        }
        Duration hint = failure.retryAfter();
        Duration wait = delay.multipliedBy(attempt.attempt());
        Duration least = hint != null && hint.compareTo(wait) > 0 ? hint : wait;
        // Up to a quarter on top, or all that failed together would come back together.
        Duration spread = least.plusNanos((long) (attempt.random().nextDouble() * least.toNanos() / 4));
        return spread.compareTo(attempt.remaining()) < 0 ? RetryDecision.after(spread) : RetryDecision.stop();
    }

    private static boolean mayPass(KimiException failure) {
        return failure instanceof RateLimitException
                || failure instanceof OverloadedException
                || failure instanceof ServerException
                || failure instanceof TransportException;
    }
}
