package dev.kimi.starter.springretry;

import dev.kimi.error.ConfigurationException;
import dev.kimi.retry.FailedAttempt;
import dev.kimi.retry.RetryDecision;
import java.time.Duration;
import java.util.function.Predicate;
import org.springframework.retry.RetryContext;
import org.springframework.retry.RetryPolicy;
import org.springframework.retry.backoff.BackOffContext;
import org.springframework.retry.backoff.BackOffPolicy;
import org.springframework.retry.backoff.NoBackOffPolicy;
import org.springframework.retry.backoff.Sleeper;
import org.springframework.retry.backoff.SleepingBackOffPolicy;

/**
 * Asks a Spring Retry policy and back-off what they would do, without anybody sleeping: the back-off gets a sleeper
 * that only notes the time. Spring Retry counts inside of a loop that the engine does not have, so each question
 * replays the call's failures so far. What cannot pass, such as a spent balance, is not tried again whatever the policy
 * says, and a hint of the service is a lower bound.
 */
final class EvaluatedSpringRetry implements dev.kimi.retry.RetryPolicy {

    private final RetryPolicy policy;
    private final BackOffPolicy backOff;
    private final Predicate<Throwable> canPass;

    /** @throws ConfigurationException if the back-off sleeps in a way that cannot be taken from it */
    EvaluatedSpringRetry(RetryPolicy policy, BackOffPolicy backOff, Predicate<Throwable> canPass) {
        if (!(backOff instanceof SleepingBackOffPolicy<?>) && !(backOff instanceof NoBackOffPolicy)) {
            throw new ConfigurationException(
                    "kimi.retry.preset",
                    "The back-off " + backOff.getClass().getName()
                            + " sleeps on its own, which would block the engine.",
                    "Use one that implements SleepingBackOffPolicy, such as ExponentialRandomBackOffPolicy.");
        }
        this.policy = policy;
        this.backOff = backOff;
        this.canPass = canPass;
    }

    @Override
    public RetryDecision decide(FailedAttempt attempt) {
        if (!canPass.test(attempt.failure())) {
            return RetryDecision.stop();
        }
        RetryContext context = policy.open(null);
        try {
            for (int failed = 0; failed < attempt.attempt(); failed++) {
                policy.registerThrowable(context, attempt.failure());
            }
            if (!policy.canRetry(context)) {
                return RetryDecision.stop();
            }
            Duration delay = delay(context, attempt.attempt());
            Duration hint = attempt.failure().retryAfter();
            Duration wait = hint != null && hint.compareTo(delay) > 0 ? hint : delay;
            return wait.compareTo(attempt.remaining()) < 0 ? RetryDecision.after(wait) : RetryDecision.stop();
        } finally {
            policy.close(context);
        }
    }

    private Duration delay(RetryContext context, int attempt) {
        if (!(backOff instanceof SleepingBackOffPolicy<?> sleeping)) {
            return Duration.ZERO;
        }
        CapturingSleeper noted = new CapturingSleeper();
        BackOffPolicy awake = sleeping.withSleeper(noted);
        BackOffContext begun = awake.start(context);
        for (int waited = 0; waited < attempt; waited++) {
            awake.backOff(begun);
        }
        return Duration.ofMillis(noted.millis);
    }

    private static final class CapturingSleeper implements Sleeper {
        private static final long serialVersionUID = 1L;

        private long millis;

        @Override
        public void sleep(long backOffPeriod) {
            millis = backOffPeriod;
        }
    }
}
