package dev.kimi.internal.governor;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * The tokens that all calls of a client share for retries, so that an outage causes no retry storm. Constants of the
 * "standard" retry mode of the AWS SDKs, 2026: 500 tokens; a transient retry costs 14, a throttling retry 5; a success
 * gives back what its own last retry cost, or 1 when it needed none. Thread-safe.
 */
public final class RetryBudget {

    public static final int CAPACITY = 500;
    public static final int TRANSIENT_COST = 14;
    public static final int THROTTLED_COST = 5;

    private final AtomicInteger tokens;

    public RetryBudget() {
        this(CAPACITY);
    }

    /** For tests of a budget that is partly spent. */
    RetryBudget(int available) {
        this.tokens = new AtomicInteger(available);
    }

    /** Takes the cost of a retry, or nothing when there is too little. */
    public boolean take(int cost) {
        while (true) {
            int current = tokens.get();
            if (current < cost) {
                return false;
            }
            if (tokens.compareAndSet(current, current - cost)) {
                return true;
            }
        }
    }

    /** Gives tokens back, up to the capacity. */
    public void giveBack(int amount) {
        int current = tokens.get();
        // A full bucket is the usual case, and then the shared line is only read.
        while (current < CAPACITY && !tokens.compareAndSet(current, Math.min(CAPACITY, current + amount))) {
            current = tokens.get();
        }
    }

    /** Tokens that are left. */
    public int available() {
        return tokens.get();
    }
}
