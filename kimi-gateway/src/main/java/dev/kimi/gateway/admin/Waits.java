package dev.kimi.gateway.admin;

import org.jspecify.annotations.Nullable;

/** How long calls waited for their first event, in buckets that each end a fifth later than the one before. */
final class Waits {

    /** From 1 ms to 9 minutes. */
    static final int BUCKETS = 74;

    private static final double FIRST_MILLIS = 1;
    private static final double GROWTH = 1.2;
    private static final double LOG_GROWTH = Math.log(GROWTH);
    private static final double NANOS_PER_MILLI = 1e6;

    private final long[] counts = new long[BUCKETS];
    private long total;

    static int bucket(long nanos) {
        double millis = nanos / NANOS_PER_MILLI;
        if (millis <= FIRST_MILLIS) {
            return 0;
        }
        return (int) Math.min(BUCKETS - 1, Math.ceil(Math.log(millis / FIRST_MILLIS) / LOG_GROWTH));
    }

    void add(int bucket, long count) {
        counts[bucket] += count;
        total += count;
    }

    /** In milliseconds, at most a tenth off; null where nothing was measured. */
    @Nullable Long percentile(double share) {
        if (total == 0) {
            return null;
        }
        long rank = Math.max(1, (long) Math.ceil(total * share));
        int bucket = 0;
        for (long seen = counts[0]; seen < rank; seen += counts[bucket]) {
            bucket++;
        }
        double upper = FIRST_MILLIS * Math.pow(GROWTH, bucket);
        return Math.round(bucket == 0 ? upper : upper * (1 + 1 / GROWTH) / 2);
    }
}
