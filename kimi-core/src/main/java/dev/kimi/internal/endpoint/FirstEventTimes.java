package dev.kimi.internal.endpoint;

import java.util.Arrays;

/**
 * How long streams took from sending to their first event, the last {@value #KEPT} of them: how long nineteen of twenty
 * take at most. Thread-safe; what is known is one volatile read.
 */
final class FirstEventTimes {

    static final int KEPT = 128;
    /** With fewer nothing is known. */
    static final int LEAST = 20;

    private static final int EVERY = 8;

    private volatile long p95 = Hedging.NEVER;

    // Below: guarded by this.
    private final long[] times = new long[KEPT];
    private int taken;

    synchronized void took(long nanos) {
        times[taken % KEPT] = nanos;
        taken = taken == 2 * KEPT ? KEPT + 1 : taken + 1;
        if (taken == LEAST || taken > LEAST && taken % EVERY == 0) {
            p95 = ninetyFifth(Math.min(taken, KEPT));
        }
    }

    private long ninetyFifth(int known) {
        long[] sorted = Arrays.copyOf(times, known);
        Arrays.sort(sorted);
        return sorted[(known * 95 + 99) / 100 - 1];
    }

    /** Nanoseconds, or {@link Hedging#NEVER} while too few are known. */
    long p95() {
        return p95;
    }
}
