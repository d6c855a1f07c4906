package dev.kimi.starter.springretry;

import dev.kimi.error.KimiException;
import dev.kimi.retry.FailedAttempt;
import dev.kimi.retry.RetryDecision;
import java.time.Duration;
import java.util.function.Predicate;
import org.springframework.core.retry.RetryPolicy;
import org.springframework.util.backoff.BackOffExecution;

/**
 * Asks a policy of Spring Framework what it would do, as {@link EvaluatedSpringRetry} asks one of Spring Retry: its
 * back-off counts within a loop, so each question replays the waits of the call so far. Its timeout ends the call as it
 * would end a template's, when the next wait would pass it.
 */
final class EvaluatedCoreRetry implements dev.kimi.retry.RetryPolicy {

    private final RetryPolicy policy;
    private final Predicate<Throwable> canPass;

    EvaluatedCoreRetry(RetryPolicy policy, Predicate<Throwable> canPass) {
        this.policy = policy;
        this.canPass = canPass;
    }

    @Override
    public RetryDecision decide(FailedAttempt attempt) {
        KimiException failure = attempt.failure();
        if (!canPass.test(failure) || !policy.shouldRetry(failure)) {
            return RetryDecision.stop();
        }
        BackOffExecution waits = policy.getBackOff().start();
        long millis = BackOffExecution.STOP;
        for (int failed = 0; failed < attempt.attempt(); failed++) {
            millis = waits.nextBackOff();
            if (millis == BackOffExecution.STOP) {
                return RetryDecision.stop();
            }
        }
        Duration hint = failure.retryAfter();
        Duration delay = Duration.ofMillis(millis);
        Duration wait = hint != null && hint.compareTo(delay) > 0 ? hint : delay;
        Duration timeout = policy.getTimeout();
        boolean late = !timeout.isZero() && failure.elapsed().plus(wait).compareTo(timeout) >= 0;
        return late || wait.compareTo(attempt.remaining()) >= 0 ? RetryDecision.stop() : RetryDecision.after(wait);
    }
}
