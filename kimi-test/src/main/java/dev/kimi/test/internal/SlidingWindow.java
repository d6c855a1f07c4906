package dev.kimi.test.internal;

/** Sums what fell into the latest span of time, in sixty steps. Not thread-safe. */
public final class SlidingWindow {

    private static final int STEPS = 60;

    private final long[] sums = new long[STEPS];
    private final long stepNanos;
    private long latestStep = Long.MIN_VALUE;

    public SlidingWindow(long spanNanos) {
        this.stepNanos = spanNanos / STEPS;
    }

    public void add(long nowNanos, long amount) {
        moveTo(nowNanos);
        sums[slot(latestStep)] += amount;
    }

    public long sum(long nowNanos) {
        moveTo(nowNanos);
        long sum = 0;
        for (long one : sums) {
            sum += one;
        }
        return sum;
    }

    /** How long until the sum has fallen to the given value; the whole span if it takes all of it. */
    public long nanosUntilAtMost(long nowNanos, long value) {
        long left = sum(nowNanos);
        for (int step = 0; step < STEPS; step++) {
            if (left <= value) {
                return step == 0 ? 0 : nanosUntilStep(nowNanos, latestStep + step);
            }
            left -= sums[slot(latestStep + step + 1)];
        }
        return nanosUntilStep(nowNanos, latestStep + STEPS);
    }

    private long nanosUntilStep(long nowNanos, long step) {
        return step * stepNanos - nowNanos;
    }

    private void moveTo(long nowNanos) {
        long step = Math.floorDiv(nowNanos, stepNanos);
        long stale = latestStep == Long.MIN_VALUE ? STEPS : Math.min(STEPS, step - latestStep);
        for (long i = 0; i < stale; i++) {
            sums[slot(step - i)] = 0;
        }
        latestStep = step;
    }

    private static int slot(long step) {
        return Math.floorMod(step, STEPS);
    }
}
