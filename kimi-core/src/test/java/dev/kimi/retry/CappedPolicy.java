package dev.kimi.retry;

import java.time.Duration;

/** The standard policy with another cap than its own, which callers cannot set. */
public final class CappedPolicy {

    private CappedPolicy() {}

    public static RetryPolicy standard(int maxAttempts, Duration cap) {
        return new StandardRetryPolicy(maxAttempts, Duration.ofSeconds(60), cap);
    }
}
