package dev.kimi.retry;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What a policy wants done. Immutable. */
public final class RetryDecision {

    private static final RetryDecision STOP = new RetryDecision(null);

    private final @Nullable Duration delay;

    private RetryDecision(@Nullable Duration delay) {
        this.delay = delay;
    }

    /** Fail with what happened. */
    public static RetryDecision stop() {
        return STOP;
    }

    /**
     * Try again.
     *
     * @param delay how long to wait first; negative counts as zero
     */
    public static RetryDecision after(Duration delay) {
        return new RetryDecision(delay.isNegative() ? Duration.ZERO : delay);
    }

    /** How long to wait before the next attempt, or null to fail. */
    public @Nullable Duration delay() {
        return delay;
    }

    @Override
    public String toString() {
        return delay == null ? "stop" : "retry after " + delay;
    }
}
