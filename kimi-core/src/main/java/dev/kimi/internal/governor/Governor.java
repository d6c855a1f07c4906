package dev.kimi.internal.governor;

import dev.kimi.error.KimiException;
import dev.kimi.error.OverloadedException;
import dev.kimi.error.RateLimitException;
import dev.kimi.error.TransportException;
import dev.kimi.time.TimeSource;
import dev.kimi.time.Timer;
import java.time.Duration;
import java.util.random.RandomGenerator;

/** All that the calls of one account at one endpoint share about sending again, or at all. Thread-safe. */
public final class Governor {

    private static final int BAD_GATEWAY = 502;
    private static final int UNAVAILABLE = 503;
    private static final int GATEWAY_TIMEOUT = 504;

    private final TimeSource time;
    private final RetryBudget budget = new RetryBudget();
    private final RetryRatio ratio;
    private final AccountGate gate;
    private final AdaptiveThrottle throttle;

    public Governor(TimeSource time, Timer timer, RandomGenerator random) {
        this.time = time;
        this.ratio = new RetryRatio(time.nanoTime());
        this.gate = new AccountGate(time, timer);
        this.throttle = new AdaptiveThrottle(random, time.nanoTime());
    }

    /** The tokens for retries. */
    public RetryBudget budget() {
        return budget;
    }

    /** The gate that a 429 closes. */
    public AccountGate gate() {
        return gate;
    }

    /** Counts what is to be sent, and says whether it may be. */
    public boolean admit() {
        return throttle.admit(time.nanoTime());
    }

    /** A call is sent for the first time, now. */
    public void firstAttempt(long nowNanos) {
        ratio.firstAttempt(nowNanos);
    }

    /** Takes what one retry costs, or nothing when there have been too many. */
    public boolean takeRetry(int cost) {
        if (!budget.take(cost)) {
            return false;
        }
        if (!ratio.take(time.nanoTime())) {
            budget.giveBack(cost);
            return false;
        }
        return true;
    }

    /**
     * Learns from a failure what concerns every caller. Not to be told of requests that the service did not process
     * for reasons that say nothing about its load, which is what a free replay follows.
     *
     * @param sentNanos when that attempt was sent
     */
    public void learn(KimiException failure, long sentNanos) {
        Duration hint = failure.retryAfter();
        if (failure instanceof RateLimitException && hint != null) {
            gate.close(hint);
        } else if (isOverload(failure)) {
            throttle.refused(sentNanos, time.nanoTime());
        }
    }

    /** Whether the service could not take the call on: a defect of one answer is no reason to hold others back. */
    private static boolean isOverload(KimiException failure) {
        return failure instanceof OverloadedException
                || failure.status() == BAD_GATEWAY
                || failure.status() == UNAVAILABLE
                || failure.status() == GATEWAY_TIMEOUT
                || (failure instanceof TransportException broken && broken.unprocessed() && !broken.permanent());
    }
}
