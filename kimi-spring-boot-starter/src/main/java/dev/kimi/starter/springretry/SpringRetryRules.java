package dev.kimi.starter.springretry;

import dev.kimi.error.KimiException;
import dev.kimi.spi.ProviderSettings;
import dev.kimi.starter.springretry.internal.CanPass;
import java.time.Duration;
import java.util.function.Predicate;
import org.springframework.retry.backoff.ExponentialRandomBackOffPolicy;
import org.springframework.retry.policy.ExceptionClassifierRetryPolicy;
import org.springframework.retry.policy.NeverRetryPolicy;
import org.springframework.retry.policy.SimpleRetryPolicy;

/**
 * {@code kimi.retry.*} in the terms of Spring Retry: {@code max-attempts} (3), {@code min-delay} (1 s),
 * {@code max-delay} (20 s), {@code multiplier} (2) and {@code retry-after-ceiling} (60 s).
 */
final class SpringRetryRules {

    private final int maxAttempts;
    private final Duration minDelay;
    private final Duration maxDelay;
    private final double multiplier;
    private final CanPass canPass;

    SpringRetryRules(ProviderSettings settings) {
        this.maxAttempts = settings.positive("max-attempts", 3);
        this.minDelay = settings.duration("min-delay", Duration.ofSeconds(1));
        this.maxDelay = settings.duration("max-delay", Duration.ofSeconds(20));
        this.multiplier = settings.positive("multiplier", 2.0);
        this.canPass = new CanPass(settings);
    }

    /** See {@link CanPass}. */
    boolean canPass(Throwable failure) {
        return canPass.test(failure);
    }

    org.springframework.retry.RetryPolicy retryPolicy() {
        return deciding(this::canPass);
    }

    /**
     * For templates around calls: what an engine has tried more than once already is not tried again on top, whatever
     * there is left of attempts.
     */
    org.springframework.retry.RetryPolicy retryPolicyOfCallers() {
        return deciding(failure -> canPass(failure) && failure instanceof KimiException known && known.attempts() <= 1);
    }

    private org.springframework.retry.RetryPolicy deciding(Predicate<Throwable> worthwhile) {
        ExceptionClassifierRetryPolicy policy = new ExceptionClassifierRetryPolicy();
        SimpleRetryPolicy some = new SimpleRetryPolicy(maxAttempts);
        NeverRetryPolicy never = new NeverRetryPolicy();
        policy.setExceptionClassifier(failure -> failure == null || worthwhile.test(failure) ? some : never);
        return policy;
    }

    ExponentialRandomBackOffPolicy backOff() {
        ExponentialRandomBackOffPolicy backOff = new ExponentialRandomBackOffPolicy();
        backOff.setInitialInterval(minDelay.toMillis());
        backOff.setMaxInterval(Math.max(minDelay.toMillis(), maxDelay.toMillis()));
        backOff.setMultiplier(Math.max(1, multiplier));
        return backOff;
    }
}
