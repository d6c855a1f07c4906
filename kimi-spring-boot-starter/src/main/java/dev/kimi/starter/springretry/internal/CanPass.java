package dev.kimi.starter.springretry.internal;

import dev.kimi.error.KimiException;
import dev.kimi.retry.FailedAttempt;
import dev.kimi.retry.RetryPolicy;
import dev.kimi.spi.ProviderSettings;
import java.time.Duration;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;

/**
 * Whether a failure is one that can pass, and the service does not ask for a longer wait than
 * {@code retry-after-ceiling} (60 s). Needs none of Spring's libraries for retries.
 */
public final class CanPass implements Predicate<Throwable> {

    private final RetryPolicy policy;
    private final RandomGenerator random;

    /** @param settings those below {@code kimi.retry} */
    public CanPass(ProviderSettings settings) {
        // Two attempts, so that it is asked about the failure alone and not about how many there were.
        this.policy = RetryPolicy.standard(2, settings.duration("retry-after-ceiling", Duration.ofSeconds(60)));
        this.random = settings.random();
    }

    @Override
    public boolean test(Throwable failure) {
        return failure instanceof KimiException known
                && policy.decide(new FailedAttempt(known, 1, Duration.ofDays(1), random))
                                .delay()
                        != null;
    }
}
