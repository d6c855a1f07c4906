package dev.kimi.retry;

import java.time.Duration;

/**
 * Decides whether a failed attempt is worth another, and when. It only decides: it does not wait, count over calls or
 * throw. What it allows is still held back by the engine's retry budget and the deadline, so that no policy can make a
 * storm. Implementations are thread-safe and pass the contract kit in {@code kimi-test}.
 */
@FunctionalInterface
public interface RetryPolicy {

    /** Decides. Must return quickly; an exception counts as {@link RetryDecision#stop()}. */
    RetryDecision decide(FailedAttempt attempt);

    /**
     * The default: exponential back-off with full jitter, from 50 ms for transient failures and 1 s for throttling,
     * doubling up to 20 s; a hint of the service is obeyed, with jitter on top, when it is below the ceiling. After
     * AWS, "Exponential Backoff And Jitter" (2015) and the standard retry mode of its SDKs.
     *
     * @param maxAttempts attempts in all, the first included; at least 1
     * @param retryAfterCeiling longest hint of the service worth waiting for
     */
    static RetryPolicy standard(int maxAttempts, Duration retryAfterCeiling) {
        return new StandardRetryPolicy(maxAttempts, retryAfterCeiling);
    }

    /**
     * A policy with a minimum wait: waits of multiplier x 2^n seconds between a minimum and a maximum (with multiplier
     * 1, minimum 4 s and maximum 10 s: 4, 4, 4, 8, 10 s ...), without jitter. A longer hint of the service is obeyed.
     *
     * @param maxAttempts attempts in all, the first included; at least 1
     */
    static RetryPolicy classic(int maxAttempts, double multiplier, Duration min, Duration max) {
        return new ClassicRetryPolicy(maxAttempts, multiplier, min, max, Duration.ofSeconds(60));
    }

    /** Never tries again. */
    static RetryPolicy never() {
        return attempt -> RetryDecision.stop();
    }
}
