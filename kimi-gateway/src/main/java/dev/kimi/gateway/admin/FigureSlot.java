package dev.kimi.gateway.admin;

import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLongArray;

/** What happened within one interval of a {@link FigureRing}. Thread-safe. */
final class FigureSlot {

    /** What is counted. */
    enum Figure {
        REQUESTS,
        OK,
        REJECTED,
        FAILED,
        TRUNCATED,
        CANCELLED,
        /** 429 because of a limit of the key. */
        LIMITED_BY_KEY,
        /** 402 or 429 because a budget of the key is used up. */
        LIMITED_BY_BUDGET,
        /** 429 of the service. */
        LIMITED_BY_SERVICE,
        /** Tokens that were written then, of calls that have ended since. */
        OUTPUT_TOKENS,
        /** Tokens of calls that ended then, whenever they were written. */
        REPORTED_TOKENS,
        /** The most streams that were open at a time. */
        STREAMS_MOST,
        /** Streams that were open when one last began or ended. */
        STREAMS_LAST
    }

    private static final int FIGURES = Figure.values().length;

    final long number;
    private final AtomicLongArray counts = new AtomicLongArray(FIGURES);
    private final AtomicIntegerArray waits = new AtomicIntegerArray(Waits.BUCKETS);
    private volatile boolean streamsKnown;

    FigureSlot(long number) {
        this.number = number;
    }

    void add(Figure figure, long count) {
        counts.addAndGet(figure.ordinal(), count);
    }

    void streams(int open) {
        counts.accumulateAndGet(Figure.STREAMS_MOST.ordinal(), open, Math::max);
        counts.set(Figure.STREAMS_LAST.ordinal(), open);
        streamsKnown = true;
    }

    void waited(long nanos) {
        waits.incrementAndGet(Waits.bucket(nanos));
    }

    long count(Figure figure) {
        return counts.get(figure.ordinal());
    }

    boolean streamsKnown() {
        return streamsKnown;
    }

    void addWaitsTo(Waits sum) {
        for (int bucket = 0; bucket < Waits.BUCKETS; bucket++) {
            sum.add(bucket, waits.get(bucket));
        }
    }
}
