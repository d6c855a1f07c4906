package dev.kimi.internal.endpoint;

import dev.kimi.error.KimiException;
import dev.kimi.internal.governor.LimitGate;
import dev.kimi.time.TimeSource;
import java.time.Duration;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Whether calls for one model should go to one endpoint. It opens by {@value #ROW} failures in a row that speak of the
 * service, or by one that says it for all, see {@link Health}. After a pause one call is let in as a probe, and while
 * it has no outcome no other is, but for one every two seconds, since a probe can hang for minutes. When one has
 * succeeded, calls are let in by doubling numbers every 250 ms, so that what has just recovered gets no herd.
 *
 * <p>Only what was let in since the circuit last opened or closed counts. It decides nothing but that: whom it does not
 * let in may go elsewhere, or come in spite of it. Thread-safe; a closed one costs one volatile read. The watcher is
 * called while no lock is held.
 */
public final class Circuit {

    static final int ROW = 5;
    static final long FIRST_PAUSE_NANOS = 1_000_000_000L;
    static final long PAUSE_NANOS = 2_000_000_000L;
    static final long STEP_NANOS = 250_000_000L;
    /** From so many in one step on, everybody is let in. */
    static final int EVERYBODY = 256;

    private static final double JITTER = 0.2;

    /** Notified of what operators should know. */
    interface Watcher {

        /**
         * No calls are let in.
         *
         * @param cause the last failure of the row
         * @param pause until one call finds out whether that still holds
         */
        void opened(KimiException cause, Duration pause);

        /** A probe has succeeded, and calls are let in again. */
        void closed();
    }

    /** What a call has that was let in. Its outcomes are reported here; all but the first of a probe say nothing. */
    public abstract static class Pass {

        /** Of a route with one endpoint, where nothing depends on it. */
        public static final Pass NONE = new Pass() {
            @Override
            public void succeeded() {}

            @Override
            public void failed(KimiException failure) {}

            @Override
            public void left() {}
        };

        private Pass() {}

        /** The first of a good response was delivered: enough for a probe, while the others may still be cut. */
        public void begun() {}

        /** A good response is whole. */
        public abstract void succeeded();

        /** An attempt has failed. */
        public abstract void failed(KimiException failure);

        /** The call is over at the endpoint; says nothing if it had an outcome. */
        public abstract void left();
    }

    private final TimeSource time;
    private final RandomGenerator random;
    private final Watcher watcher;
    /** What every call gets while the circuit is closed, null when it is not. */
    private volatile @Nullable Period closed;

    // Below: guarded by this.
    /** What those get that are let in, while the circuit closes or is closed; null while it is open. */
    private @Nullable Period period;

    private int openings;
    private @Nullable Probe lastProbe;
    private long nextProbeNanos;
    private int stepSize;
    private int leftInStep;
    private long stepEndNanos;

    /** @param random chance for the pauses; safe for many threads */
    Circuit(TimeSource time, RandomGenerator random, Watcher watcher) {
        this.time = time;
        this.random = random;
        this.watcher = watcher;
        Period first = new Period();
        this.period = first;
        this.closed = first;
    }

    /** Lets a call in, or gives null. */
    @Nullable Pass enter() {
        Pass pass = closed;
        return pass != null ? pass : enterOpen(time.nanoTime());
    }

    private synchronized @Nullable Pass enterOpen(long now) {
        if (period != null) {
            return takeTurn(now) ? period : null;
        }
        if (nextProbeNanos - now > 0) {
            return null;
        }
        Probe probe = new Probe(openings);
        lastProbe = probe;
        nextProbeNanos = now + PAUSE_NANOS;
        return probe;
    }

    /** Whether the circuit, which is closing, lets one more in. */
    private boolean takeTurn(long now) {
        while (stepEndNanos - now <= 0 && stepSize < EVERYBODY) {
            stepSize *= 2;
            leftInStep = stepSize;
            stepEndNanos += STEP_NANOS;
        }
        if (stepSize >= EVERYBODY) {
            closed = period;
            return true;
        }
        return --leftInStep >= 0;
    }

    /** Lets a call in that has nowhere else to go: it may close the circuit, and keeps no probe away. */
    synchronized Pass enterAnyway() {
        return period != null ? period : new Probe(openings);
    }

    /** Whether everybody is let in. */
    boolean isClosed() {
        return closed != null;
    }

    /**
     * As long as the service asks for, where it does and that is more than a moment, but no longer than gates close.
     */
    private Duration pauseAfter(KimiException cause, long usual) {
        Duration asked = cause.retryAfter();
        long least = asked == null || Health.of(cause) != Health.DOWN_FOR_ALL
                ? 0
                : Math.min(asked.toNanos(), LimitGate.LONGEST.toNanos());
        long spread = (long) (usual * (1 + JITTER * (2 * random.nextDouble() - 1)));
        return Duration.ofNanos(Math.max(least, spread));
    }

    /** From one opening of the circuit to the next; what all get that are let in. */
    private final class Period extends Pass {

        /** Failures since the last success; written under the lock. */
        private volatile int inRow;

        @Override
        public void succeeded() {
            if (inRow != 0) {
                synchronized (Circuit.this) {
                    inRow = 0;
                }
            }
        }

        @Override
        public void failed(KimiException failure) {
            Health health = Health.of(failure);
            if (health == Health.WELL) {
                succeeded();
            } else if (health != Health.UNKNOWN) {
                Duration pause = open(failure, health);
                if (pause != null) {
                    watcher.opened(failure, pause);
                }
            }
        }

        /** Opens the circuit if it is the last failure of the row, and gives the pause then. */
        private @Nullable Duration open(KimiException failure, Health health) {
            synchronized (Circuit.this) {
                inRow = health == Health.DOWN_FOR_ALL ? ROW : inRow + 1;
                if (period != this || inRow < ROW) {
                    return null;
                }
                period = null;
                closed = null;
                openings++;
                Duration pause = pauseAfter(failure, FIRST_PAUSE_NANOS);
                nextProbeNanos = time.nanoTime() + pause.toNanos();
                return pause;
            }
        }

        @Override
        public void left() {}
    }

    /** A call that was let in while the circuit was open. */
    private final class Probe extends Pass {

        private final int opening;

        private Probe(int opening) {
            this.opening = opening;
        }

        @Override
        public void begun() {
            succeeded();
        }

        @Override
        public void succeeded() {
            if (closes()) {
                watcher.closed();
            }
        }

        private boolean closes() {
            synchronized (Circuit.this) {
                if (period != null || opening != openings) {
                    return false;
                }
                period = new Period();
                lastProbe = null;
                stepSize = 2;
                leftInStep = stepSize;
                stepEndNanos = time.nanoTime() + STEP_NANOS;
                return true;
            }
        }

        @Override
        public void failed(KimiException failure) {
            Health health = Health.of(failure);
            if (health == Health.WELL) {
                succeeded();
            } else if (health == Health.UNKNOWN) {
                left();
            } else {
                synchronized (Circuit.this) {
                    if (lastProbe == this) {
                        lastProbe = null;
                        nextProbeNanos = time.nanoTime()
                                + pauseAfter(failure, PAUSE_NANOS).toNanos();
                    }
                }
            }
        }

        /** Without an outcome: the next call may find out. */
        @Override
        public void left() {
            synchronized (Circuit.this) {
                if (lastProbe == this) {
                    lastProbe = null;
                    nextProbeNanos = time.nanoTime();
                }
            }
        }
    }
}
