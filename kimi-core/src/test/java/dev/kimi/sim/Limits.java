package dev.kimi.sim;

/** What holds for all calls of a schedule. */
final class Limits {

    /** Constants of the budget that all calls share, as documented. */
    private static final int CAPACITY = 500;

    private static final int TRANSIENT = 14;
    private static final int THROTTLED = 5;

    final int maxAttempts;
    final boolean credentialsMayFail;
    /** True when a plug-in throws what it must not, so that calls may end with that. */
    final boolean bugs;

    private int tokens = CAPACITY;

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

    boolean overdrawn() {
        return tokens < 0;
    }
}
