package dev.kimi.sim;

/** What holds for all calls of a schedule. */
final class Limits {

    /** Constants of the budget that all calls share, as documented. */
    private static final int CAPACITY = 500;

    private static final long LONGEST_GATE = 60_000_000_000L;
    private static final int TRANSIENT = 14;
    private static final int THROTTLED = 5;

    final int maxAttempts;
    final boolean credentialsMayFail;
    /** True when a plug-in throws what it must not, so that calls may end with that. */
    final boolean bugs;

    private int tokens = CAPACITY;
    private long closedAtNanos = -1;
    private long closedUntilNanos;

    Limits(int maxAttempts, boolean credentialsMayFail, boolean bugs) {
        this.maxAttempts = maxAttempts;
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
}
