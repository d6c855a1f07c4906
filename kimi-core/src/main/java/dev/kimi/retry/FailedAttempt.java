package dev.kimi.retry;

import dev.kimi.error.KimiException;
import dev.kimi.error.OverloadedException;
import dev.kimi.error.RateLimitException;
import java.time.Duration;
import java.util.Objects;
import java.util.random.RandomGenerator;

/**
 * An attempt that failed, with everything that a policy may decide by. The engine asks only about attempts that are
 * safe to make again: never past the commit point of a stream, never when the request may have been worked on or the
 * response has been paid for and was not damaged on its way, and never when a setting is wrong. Replays that are free
 * of charge, as after a refused HTTP/2 stream, are made without asking and do not count.
 */
public final class FailedAttempt {

    private final KimiException failure;
    private final int attempt;
    private final Duration remaining;
    private final RandomGenerator random;

    /**
     * @param failure what happened; {@link KimiException#retryAfter()} holds the service's hint
     * @param attempt number of the failed attempt, from 1
     * @param remaining time until the call's deadline
     * @param random the source for jitter
     */
    public FailedAttempt(KimiException failure, int attempt, Duration remaining, RandomGenerator random) {
        this.failure = Objects.requireNonNull(failure, "failure");
        this.attempt = attempt;
        this.remaining = Objects.requireNonNull(remaining, "remaining");
        this.random = Objects.requireNonNull(random, "random");
    }

    public KimiException failure() {
        return failure;
    }

    /** Whether the service asked for less, by a rate limit or as overloaded: to come back soon would not help it. */
    public boolean throttled() {
        return failure instanceof RateLimitException || failure instanceof OverloadedException;
    }

    /** Number of the failed attempt, from 1. */
    public int attempt() {
        return attempt;
    }

    /** Time until the call's deadline; never negative. */
    public Duration remaining() {
        return remaining;
    }

    /** The source for jitter. */
    public RandomGenerator random() {
        return random;
    }
}
