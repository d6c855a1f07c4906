package dev.kimi.internal.endpoint;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Sees whether a service has fallen silent: streams wait for the heads of their responses, and none comes. The moments
 * are those of one clock. Thread-safe, without locks; who counts a stream that waits must end that once.
 */
final class HeadWatch {

    /** So many streams that wait are no accident of one of them. */
    static final int ENOUGH = 5;

    static final long LEAST_NANOS = 500_000_000L;
    /** So many times the usual time to a head is silence, where just enough wait. */
    static final int TIMES = 4;
    /** The same where many wait, so that heads should come one after another. */
    private static final int LEAST_TIMES = 2;
    /** What silence is where no head has ever come, so that the usual time is not known. */
    static final long UNKNOWN_NANOS = 5_000_000_000L;

    /** Of the way from the usual time down to that of a faster head, each goes one in so many parts. */
    private static final int FORGETS = 32;

    /** By one head the usual time becomes so many times as long at most. */
    private static final int RISE = 2;

    /** The bits of a moment that give way to the count: a millisecond. */
    private static final long COUNT = (1L << 20) - 1;

    /** How many wait, and since when they are enough, in one word so that nobody sees one without the other. */
    private final AtomicLong waiting = new AtomicLong();

    private final AtomicLong usual;
    private final AtomicLong lastHead;

    /**
     * @param usual time to a head, 0 where it is not known
     * @param now the moment from which on there is something to see
     */
    HeadWatch(long usual, long now) {
        this.usual = new AtomicLong(usual);
        this.lastHead = new AtomicLong(now);
    }

    /** A stream waits for its head. */
    void waits(long now) {
        long seen = waiting.get();
        while (!waiting.compareAndSet(seen, oneMore(seen, now))) {
            seen = waiting.get();
        }
    }

    private static long oneMore(long seen, long now) {
        return count(seen) == ENOUGH - 1 ? now & ~COUNT | ENOUGH : seen + 1;
    }

    /** A stream that was counted waits no longer. */
    void waitsNoMore() {
        waiting.decrementAndGet();
    }

    /** The head of any response has come. */
    void came(long now) {
        lastHead.accumulateAndGet(now, HeadWatch::later);
    }

    /**
     * The head of a stream took so long: the usual time is about the longest of late, but for one that is an accident.
     */
    void took(long nanos) {
        usual.accumulateAndGet(nanos, HeadWatch::usual);
    }

    static long usual(long before, long nanos) {
        if (nanos < before) {
            return before - (before - nanos) / FORGETS;
        }
        // below that, the least silence is as long anyway
        return before == 0 ? nanos : Math.min(nanos, Math.max(RISE * before, LEAST_NANOS / TIMES));
    }

    /** Time to a head; 0 where it is not known. */
    long usual() {
        return usual.get();
    }

    /** Longer than that, a stream need not wait when something else speaks against the service. */
    long patience() {
        long known = usual.get();
        return known == 0 ? UNKNOWN_NANOS : Math.max(LEAST_NANOS, TIMES * known);
    }

    /** Longer than that is silence when so many wait, which are enough. */
    long patience(int waiting) {
        long known = usual.get();
        return known == 0
                ? UNKNOWN_NANOS
                : Math.max(LEAST_NANOS, Math.max(known * TIMES * ENOUGH / waiting, known * LEAST_TIMES));
    }

    int waiting() {
        return count(waiting.get());
    }

    /** For how long enough streams wait while no head has come; 0 if they do not. */
    long silence(long now) {
        long seen = waiting.get();
        if (count(seen) < ENOUGH) {
            return 0;
        }
        return Math.max(0, now - later(seen & ~COUNT, lastHead.get()));
    }

    private static long later(long one, long other) {
        return one - other < 0 ? other : one;
    }

    private static int count(long word) {
        return (int) (word & COUNT);
    }
}
