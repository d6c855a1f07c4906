package dev.kimi.internal.call;

import java.util.function.LongSupplier;

/**
 * How long a stream has sent nothing, and how long nothing but keep-alives. It counts only while more is asked for:
 * otherwise the silence is the consumer's. Written by whoever asks or reads, read in turns of the call.
 */
final class Silence {

    private final LongSupplier clock;
    private volatile long contentNanos;
    /** 0 while nobody asks. */
    private volatile long lifeNanos;

    Silence(LongSupplier clock) {
        this.clock = clock;
    }

    /** More is asked for, after a time in which it was not. */
    void begins() {
        heard(true, true);
    }

    /**
     * A chunk was read.
     *
     * @param content whether there was more in it than a sign of life: a comment, a ping, a part of an event
     * @param moreAskedFor whether the next one is asked for
     */
    void heard(boolean content, boolean moreAskedFor) {
        if (!moreAskedFor) {
            lifeNanos = 0;
            return;
        }
        long now = clock.getAsLong() | 1;
        if (content) {
            contentNanos = now;
        }
        // the last: whoever sees that it counts sees since when
        lifeNanos = now;
    }

    /** Since when nothing has come, or 0 while nobody asks. */
    long sinceLifeNanos() {
        return lifeNanos;
    }

    /** Since when no content has come; only while somebody asks. */
    long sinceContentNanos() {
        return contentNanos;
    }
}
