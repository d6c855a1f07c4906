package dev.kimi.internal.governor;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Counts what happened in each of the last seconds. Thread-safe without locks: a second and its count share one word,
 * so that a count is never added to a second that it does not belong to.
 */
final class SecondsWindow {

    private static final long NANOS = 1_000_000_000L;
    private static final int COUNT_BITS = 32;
    private static final long COUNT_MASK = (1L << COUNT_BITS) - 1;

    private final long originNanos;
    private final AtomicLongArray slots;

    /**
     * @param seconds how far back it remembers, the running second included
     * @param originNanos a moment before all that is counted
     */
    SecondsWindow(int seconds, long originNanos) {
        this.slots = new AtomicLongArray(seconds);
        this.originNanos = originNanos;
    }

    /** The second that a moment belongs to. */
    private long second(long nanos) {
        // the mask keeps a clock that has run for longer than the word holds from mixing with the count
        return Math.floorDiv(nanos - originNanos, NANOS) & COUNT_MASK >> 1;
    }

    /** Counts one more in the second of that moment; a moment that is forgotten already is not counted. */
    void add(long nanos) {
        long second = second(nanos);
        int index = (int) (second % slots.length());
        while (true) {
            long word = slots.get(index);
            long held = word >>> COUNT_BITS;
            if (held > second) {
                return;
            }
            long next = held == second ? word + 1 : (second << COUNT_BITS) + 1;
            if (slots.compareAndSet(index, word, next)) {
                return;
            }
        }
    }

    /** Counts one less in the second of that moment, if it is remembered. */
    void remove(long nanos) {
        long second = second(nanos);
        int index = (int) (second % slots.length());
        while (true) {
            long word = slots.get(index);
            if (word >>> COUNT_BITS != second
                    || (word & COUNT_MASK) == 0
                    || slots.compareAndSet(index, word, word - 1)) {
                return;
            }
        }
    }

    /** The moment at which the second after that moment begins. */
    long nextSecond(long nanos) {
        return nanos + NANOS - Math.floorMod(nanos - originNanos, NANOS);
    }

    /** What was counted in the second of that moment and in those before it that are remembered. */
    long sum(long nowNanos) {
        return sum(nowNanos, originNanos);
    }

    /** The same without the seconds before that of another moment. */
    long sum(long nowNanos, long sinceNanos) {
        long now = second(nowNanos);
        long oldest = Math.max(now - slots.length() + 1, second(sinceNanos));
        long sum = 0;
        for (int i = 0; i < slots.length(); i++) {
            long word = slots.get(i);
            long held = word >>> COUNT_BITS;
            if (held >= oldest && held <= now) {
                sum += word & COUNT_MASK;
            }
        }
        return sum;
    }
}
