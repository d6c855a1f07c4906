package dev.kimi.internal.endpoint;

import dev.kimi.error.KimiException;
import dev.kimi.internal.governor.LimitGate;
import dev.kimi.time.TimeSource;
import java.time.Duration;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Whether calls for one model should go to one endpoint. It opens by {@value #ROW} failures in a row that speak of the
 * service, of streams or of other calls, by one that says it for all, see {@link Health}, or when streams wait and no
 * head of a response comes, see {@link HeadWatch}. After a pause one call is let in as a probe, and while it has no
 * outcome no other is, but for one every two seconds, since a probe can hang for minutes. When one has succeeded, calls
 * are let in by doubling numbers every 250 ms, so that what has just recovered gets no herd.
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

    /** So many times the usual time to a head a stream waits for it that is a probe. */
    private static final int TIMES_OF_PROBE = 2;

    private static final int MOST_DOUBLED = 4;

    private static final double JITTER = 0.2;

    /** Who is let in. */
    public enum State {
        /** Everybody. */
        CLOSED,
        /** A probe is under way, or has succeeded and calls are let in by growing numbers. */
        HALF_OPEN,
        /** Nobody. */
        OPEN
    }

    /**
     * A circuit at one moment.
     *
     * @param endpoint its name
     * @param model as the endpoint calls it, {@code other} for those beyond the first 256
     * @param state who is let in
     */
    public record Seen(String endpoint, String model, State state) {}

    /** Notified of what operators should know. */
    interface Watcher {

        /** Of a circuit that nobody asks any more. */
        Watcher NONE = new Watcher() {
            @Override
            public void opened(KimiException cause, Duration pause) {}

            @Override
            public void fellSilent(Duration silence, int waiting, Duration pause) {}

            @Override
            public void closed() {}
        };

        /**
         * No calls are let in.
         *
         * @param cause the last failure of the row
         * @param pause until one call finds out whether that still holds
         */
        void opened(KimiException cause, Duration pause);

        /**
         * No calls are let in, since streams wait and no head of a response comes.
         *
         * @param silence for how long
         * @param waiting how many wait
         * @param pause until one call finds out whether that still holds
         */
        void fellSilent(Duration silence, int waiting, Duration pause);

        /** A probe has succeeded, and calls are let in again. */
        void closed();
    }

    private final TimeSource time;
    private final RandomGenerator random;
    private volatile Watcher watcher;
    /** What every call gets while the circuit is closed, null when it is not. */
    private volatile @Nullable Period closed;

    // Below: guarded by this.
    /** What those get that are let in, while the circuit closes or is closed; null while it is open. */
    private @Nullable Period period;

    private int openings;

    /** It was opened by streams that began well. */
    private boolean openedByCuts;

    /** Since the circuit has opened. */
    private int probes;

    /** Time to the head of a stream, as last known of a period, or of a probe since; 0 where it is not known. */
    private long usualHeadNanos;

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
        Period first = new Period(0);
        this.period = first;
        this.closed = first;
    }

    /** Nobody asks it any more: what becomes of those that it has let in is nobody's concern. */
    void retire() {
        watcher = Watcher.NONE;
    }

    /** Lets a call in, or gives null. */
    @Nullable Pass enter() {
        Period all = closed;
        if (all != null && !all.fallsSilent()) {
            return all;
        }
        Period few = closing();
        if (few != null) {
            few.fallsSilent();
        }
        return enterOpen(time.nanoTime());
    }

    /** What those have that are let in while not everybody is; null while the circuit is open. */
    private synchronized @Nullable Period closing() {
        return period;
    }

    private synchronized @Nullable Pass enterOpen(long now) {
        if (period != null) {
            return takeTurn(now) ? period : null;
        }
        if (nextProbeNanos - now > 0) {
            return null;
        }
        Probe probe = new Probe(openings, patienceOfProbe(), true);
        probes++;
        lastProbe = probe;
        nextProbeNanos = now + PAUSE_NANOS;
        return probe;
    }

    /**
     * How long a stream waits for its head that is a probe. Where nobody knows how long that takes, one probe after
     * another waits twice as long, lest a slow service is never found to have recovered.
     */
    private long patienceOfProbe() {
        return usualHeadNanos == 0
                ? PAUSE_NANOS << Math.min(probes, MOST_DOUBLED)
                : Math.max(PAUSE_NANOS, TIMES_OF_PROBE * usualHeadNanos);
    }

    /** Whether the circuit, which is closing, lets one more in. */
    private boolean takeTurn(long now) {
        return settled(now) != null || --leftInStep >= 0;
    }

    /** What everybody gets, once enough time has passed since a probe; null before that, and while it is open. */
    private synchronized @Nullable Period settled(long now) {
        if (period == null || closed != null) {
            return closed;
        }
        while (stepEndNanos - now <= 0 && stepSize < EVERYBODY) {
            stepSize *= 2;
            leftInStep = stepSize;
            stepEndNanos += STEP_NANOS;
        }
        if (stepSize >= EVERYBODY) {
            closed = period;
        }
        return closed;
    }

    /** Lets a call in that has nowhere else to go: it may close the circuit, and keeps no probe away. */
    synchronized Pass enterAnyway() {
        return period != null ? period : new Probe(openings, Long.MAX_VALUE, false);
    }

    /** Whether everybody is let in. */
    boolean isClosed() {
        Period all = closed != null ? closed : settled(time.nanoTime());
        return all != null && !all.fallsSilent();
    }

    /** Whether nobody is let in but probes. */
    boolean isOpen() {
        Period some = closed != null ? closed : closing();
        return some == null || some.fallsSilent();
    }

    /** Lets nobody in. */
    synchronized State state() {
        if (settled(time.nanoTime()) != null) {
            return State.CLOSED;
        }
        return period != null || lastProbe != null ? State.HALF_OPEN : State.OPEN;
    }

    /**
     * As long as the service asks for, where it does and that is more than a moment, but no longer than gates close.
     */
    private Duration pauseAfter(KimiException cause, long usual) {
        Duration asked = cause.retryAfter();
        long least = asked == null || Health.of(cause) != Health.DOWN_FOR_ALL
                ? 0
                : Math.min(asked.toNanos(), LimitGate.LONGEST.toNanos());
        return Duration.ofNanos(Math.max(least, pause(usual).toNanos()));
    }

    private Duration pause(long usual) {
        return Duration.ofNanos((long) (usual * (1 + JITTER * (2 * random.nextDouble() - 1))));
    }

    /** From one opening of the circuit to the next; what all get that are let in. */
    private final class Period extends Pass {

        private final HeadWatch heads;

        /** Failures of streams since the last that succeeded; written under the lock, as the next two. */
        private volatile int streamsInRow;

        private volatile int othersInRow;

        /** Whether one of those streams had begun well. */
        private boolean cut;

        /** The circuit has opened since. */
        private volatile boolean over;

        private volatile long overNanos;

        /** That was since no heads came. */
        private volatile boolean silent;

        /** @param usualHead time to the head of a stream, 0 where it is not known */
        private Period(long usualHead) {
            this.heads = new HeadWatch(usualHead, time.nanoTime());
        }

        @Override
        public void awaitsHead() {
            heads.waits(time.nanoTime());
        }

        @Override
        public void awaitsNoMore() {
            heads.waitsNoMore();
        }

        @Override
        public void headCame(boolean waited) {
            if (waited) {
                heads.waitsNoMore();
            }
            heads.came(time.nanoTime());
        }

        @Override
        public void streamBegins(long sentNanos) {
            heads.took(time.nanoTime() - sentNanos);
        }

        @Override
        public boolean isInVain(long sentNanos) {
            if (fallsSilent()) {
                return true;
            }
            // what was sent since then speaks to a service that may have recovered
            boolean sentBefore = over && sentNanos - overNanos <= 0;
            return sentBefore && (silent || time.nanoTime() - sentNanos > heads.patience());
        }

        /** Opens the circuit if no heads come for which streams wait. */
        private boolean fallsSilent() {
            int waiting = heads.waiting();
            if (over || waiting < HeadWatch.ENOUGH) {
                return false;
            }
            long silence = heads.silence(time.nanoTime());
            Duration pause = silence > heads.patience(waiting) ? openSilent() : null;
            if (pause == null) {
                return false;
            }
            watcher.fellSilent(Duration.ofNanos(silence), waiting, pause);
            return true;
        }

        private @Nullable Duration openSilent() {
            synchronized (Circuit.this) {
                if (period != this) {
                    return null;
                }
                silent = true;
                return open(pause(FIRST_PAUSE_NANOS));
            }
        }

        @Override
        public void succeeded(boolean streamed) {
            if ((streamed ? streamsInRow : othersInRow) != 0) {
                synchronized (Circuit.this) {
                    count(streamed, 0);
                    cut &= !streamed;
                }
            }
        }

        private void count(boolean streamed, int failures) {
            if (streamed) {
                streamsInRow = failures;
            } else {
                othersInRow = failures;
            }
        }

        @Override
        public void failed(boolean streamed, KimiException failure) {
            failed(streamed, false, failure);
        }

        @Override
        public void cut(KimiException failure) {
            failed(true, true, failure);
        }

        private void failed(boolean streamed, boolean afterContent, KimiException failure) {
            Health health = Health.of(failure);
            if (health == Health.WELL) {
                succeeded(streamed);
            } else if (health != Health.UNKNOWN) {
                Duration pause = openAfter(streamed, afterContent, failure);
                if (pause != null) {
                    watcher.opened(failure, pause);
                }
            }
        }

        /** Opens the circuit if it is the last failure of the row, and gives the pause then. */
        private @Nullable Duration openAfter(boolean streamed, boolean afterContent, KimiException failure) {
            boolean forAll = Health.of(failure) == Health.DOWN_FOR_ALL;
            synchronized (Circuit.this) {
                int row = forAll ? ROW : (streamed ? streamsInRow : othersInRow) + 1;
                count(streamed, row);
                cut |= afterContent;
                if (period != this || row < ROW) {
                    return null;
                }
                Duration pause = open(pauseAfter(failure, FIRST_PAUSE_NANOS));
                openedByCuts = streamed && cut;
                return pause;
            }
        }

        /** Under the lock. */
        private Duration open(Duration pause) {
            overNanos = time.nanoTime();
            over = true;
            period = null;
            closed = null;
            openings++;
            openedByCuts = false;
            probes = 0;
            usualHeadNanos = heads.usual();
            nextProbeNanos = time.nanoTime() + pause.toNanos();
            return pause;
        }

        @Override
        public void left() {}
    }

    /** A call that was let in while the circuit was open. */
    private final class Probe extends Pass {

        private final int opening;
        private final long patience;
        private final boolean due;
        private final long begunNanos = time.nanoTime();

        /**
         * @param patience how long a stream waits for its head
         * @param due whether it was time for one, or the call had nowhere else to go
         */
        private Probe(int opening, long patience, boolean due) {
            this.opening = opening;
            this.patience = patience;
            this.due = due;
        }

        @Override
        public boolean isProbe() {
            return due;
        }

        @Override
        public void streamBegins(long sentNanos) {
            long took = time.nanoTime() - sentNanos;
            synchronized (Circuit.this) {
                usualHeadNanos = HeadWatch.usual(usualHeadNanos, took);
            }
        }

        @Override
        public boolean isInVain(long sentNanos) {
            long waited = time.nanoTime() - sentNanos;
            synchronized (Circuit.this) {
                return period == null && waited >= patience;
            }
        }

        @Override
        public void begun() {
            closeAfter(false);
        }

        @Override
        public void succeeded(boolean streamed) {
            closeAfter(true);
        }

        private void closeAfter(boolean whole) {
            if (closes(whole)) {
                watcher.closed();
            }
        }

        private boolean closes(boolean whole) {
            synchronized (Circuit.this) {
                if (period != null || opening != openings || openedByCuts && !whole) {
                    return false;
                }
                period = new Period(usualHeadNanos);
                lastProbe = null;
                stepSize = 2;
                leftInStep = stepSize;
                stepEndNanos = time.nanoTime() + STEP_NANOS;
                return true;
            }
        }

        @Override
        public void failed(boolean streamed, KimiException failure) {
            Health health = Health.of(failure);
            if (health == Health.WELL) {
                succeeded(streamed);
            } else if (health == Health.UNKNOWN) {
                left();
            } else {
                synchronized (Circuit.this) {
                    if (lastProbe == this) {
                        lastProbe = null;
                        // one that took long to fail was a pause
                        long from = health == Health.DOWN_FOR_ALL ? time.nanoTime() : begunNanos;
                        nextProbeNanos = from + pauseAfter(failure, PAUSE_NANOS).toNanos();
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
