package dev.kimi.internal.call;

import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;

/**
 * Whether something of a response was delivered, and by which of at most two attempts: the one fact that threads race
 * for. At most one attempt commits, whatever the other does at that moment. Thread-safe.
 */
final class CommitPoint {

    /** The sides of it: the attempt that it is made for, and one that is made beside that. */
    static final int FIRST = 0;

    static final int SECOND = 1;

    private static final int COMMITTED = 1;
    private static final int DEAD = 1 << 2;
    private static final int ANY_COMMITTED = COMMITTED << FIRST | COMMITTED << SECOND;

    private static final AtomicIntegerFieldUpdater<CommitPoint> FATE =
            AtomicIntegerFieldUpdater.newUpdater(CommitPoint.class, "fate");

    private volatile int fate;

    /** Claims the right to deliver: true the first time, and always from then on for the same side. */
    boolean commit(int side) {
        while (true) {
            int seen = fate;
            if ((seen & ANY_COMMITTED) != 0 || (seen & DEAD << side) != 0) {
                return committed(side);
            }
            if (FATE.compareAndSet(this, seen, seen | COMMITTED << side)) {
                return true;
            }
        }
    }

    boolean committed(int side) {
        return (fate & COMMITTED << side) != 0;
    }

    /** Takes the right to deliver from a side that has not; once true, it never will. */
    boolean kill(int side) {
        while (true) {
            int seen = fate;
            if ((seen & COMMITTED << side) != 0) {
                return false;
            }
            if ((seen & DEAD << side) != 0 || FATE.compareAndSet(this, seen, seen | DEAD << side)) {
                return true;
            }
        }
    }
}
