package dev.kimi.starter.springretry.internal;

import dev.kimi.error.KimiException;
import dev.kimi.retry.FailedAttempt;
import dev.kimi.retry.RetryDecision;
import dev.kimi.spi.ProviderSettings;
import java.time.Duration;
import java.util.function.Predicate;
import org.springframework.core.retry.RetryPolicy;
import org.springframework.util.backoff.BackOffExecution;

/**
 * Asks a policy of Spring Framework what it would do, as others are asked of Spring Retry: its back-off counts within a
 * loop, so each question replays the waits of the call so far. Its timeout ends the call as it would end a template's,
 * when the next wait would pass it. A hint of the service is a lower bound of each wait.
 */
public final class CoreRetry implements dev.kimi.retry.RetryPolicy {

    private final RetryPolicy policy;
    private final Predicate<Throwable> canPass;

    private CoreRetry(RetryPolicy policy, Predicate<Throwable> canPass) {
        this.policy = policy;
        this.canPass = canPass;
    }

    /**
     * Lets a policy of Spring Framework decide, with its back-off. Works without Spring Retry.
     *
     * @param settings those below {@code kimi.retry}, of which {@code retry-after-ceiling} (60 s) is used
     * @throws dev.kimi.error.ConfigurationException if a setting is wrong
     */
    public static dev.kimi.retry.RetryPolicy of(ProviderSettings settings, RetryPolicy policy) {
        return new CoreRetry(policy, new CanPass(settings));
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
