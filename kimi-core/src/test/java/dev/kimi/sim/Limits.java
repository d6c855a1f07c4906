package dev.kimi.sim;

import java.util.ArrayList;
import java.util.List;

/** What holds for all calls of a schedule. */
final class Limits {

    /** Constants of the budget that all calls share, as documented. */
    private static final int CAPACITY = 500;

    private static final long LONGEST_GATE = 60_000_000_000L;
    private static final int TRANSIENT = 14;
    private static final int THROTTLED = 5;
    /** Constants of the ratio of retries to first attempts. */
    private static final long RATIO_WINDOW = 60_000_000_000L;

    private static final double RATIO = 0.05;
    private static final int SAVED = 10;
    private static final long SECOND = 1_000_000_000L;
    /** BadRequestHints before which the adaptive throttle concludes nothing. */
    private static final int FEWEST_REFUSALS = 20;

    /** The names of the endpoints that calls may go to, in their order. */
    final List<String> endpoints;

    final int maxAttempts;
    final boolean replayOnIdleClose;
    final boolean credentialsMayFail;
    /** True when a plug-in throws what it must not, so that calls may end with that. */
    final boolean bugs;

    private int tokens = CAPACITY;
    private final List<Long> firstAttempts = new ArrayList<>();
    private final List<Long> retries = new ArrayList<>();
    private int failures;
    private long letThroughNanos = -SECOND;
    private long closedAtNanos = -1;
    private long closedUntilNanos;

    Limits(
            List<String> endpoints,
            int maxAttempts,
            boolean replayOnIdleClose,
            boolean credentialsMayFail,
            boolean bugs) {
        this.endpoints = endpoints;
        this.maxAttempts = maxAttempts;
        this.replayOnIdleClose = replayOnIdleClose;
        this.credentialsMayFail = credentialsMayFail;
        this.bugs = bugs;
    }

    /** A retry is charged; gives its cost. */
    int charge(boolean throttled) {
        int cost = throttled ? THROTTLED : TRANSIENT;
        tokens -= cost;
        return cost;
    }

    void giveBack(int lastCost) {
        tokens = Math.min(CAPACITY, tokens + (lastCost == 0 ? 1 : lastCost));
    }

    /** The service asked one call to wait, which counts for all of the account, but for no longer than a minute. */
    void closeGate(long nowNanos, long hintNanos) {
        closedAtNanos = nowNanos;
        closedUntilNanos = Math.max(closedUntilNanos, nowNanos + Math.min(hintNanos, LONGEST_GATE));
    }

    /**
     * Credentials that are late may come for a call that had passed the gate before it was closed, and of several that
     * were let in together the first may close it at that very moment.
     */
    boolean maySend(long nowNanos) {
        return credentialsMayFail || nowNanos == closedAtNanos || nowNanos >= closedUntilNanos;
    }

    boolean overdrawn() {
        return tokens < 0;
    }

    void firstAttempt(long nowNanos) {
        firstAttempts.add(nowNanos);
    }

    /**
     * Whether one more charged retry keeps to the ratio: in no span of at most a minute may there be more than one and
     * 5 % of the first attempts of that span and the minute before it, and what the reserve gives, which is ten saved
     * and one a second.
     */
    boolean mayRetry(long nowNanos) {
        retries.add(nowNanos);
        int count = 0;
        for (int i = retries.size() - 1; i >= 0 && nowNanos - retries.get(i) <= RATIO_WINDOW; i--) {
            count++;
            long from = retries.get(i);
            long first = firstAttempts.stream()
                    .filter(at -> at >= from - RATIO_WINDOW)
                    .count();
            if (count > 1 + RATIO * first + SAVED + (double) (nowNanos - from) / SECOND) {
                return false;
            }
        }
        return true;
    }

    void attemptFailed() {
        failures++;
    }

    /** A call was let through to where it asks for credentials, which is past everything that holds calls back. */
    void letThrough(long nowNanos) {
        letThroughNanos = nowNanos;
    }

    /** The throttle needs reasons, and lets through one call a second whatever they are. */
    boolean mayThrottle(long nowNanos) {
        return failures >= FEWEST_REFUSALS && nowNanos - letThroughNanos < SECOND;
    }
}
