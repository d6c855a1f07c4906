package dev.kimi.sim;

import dev.kimi.error.AuthenticationException;
import dev.kimi.error.CallCancelledException;
import dev.kimi.error.ContentFilteredException;
import dev.kimi.error.DeadlineExceededException;
import dev.kimi.error.DeadlineExceededException.Phase;
import dev.kimi.error.InvalidRequestException;
import dev.kimi.error.KimiException;
import dev.kimi.error.PermissionException;
import dev.kimi.error.QuotaExceededException;
import dev.kimi.error.RateLimitException;
import dev.kimi.error.RejectedException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The circuit of one endpoint and model as it must be, by the rules as documented. Pauses have a share of chance, so
 * now and then nobody can say whether a call is let in; what the engine did then says it afterwards.
 */
final class SimCircuit {

    /** Whether a call is let in. */
    enum Entry {
        YES,
        NO,
        MAYBE
    }

    private static final int ROW = 5;
    private static final long SECOND = 1_000_000_000L;
    private static final long LONGEST = 60 * SECOND;
    private static final long STEP = SECOND / 4;
    /** From the step on in which 256 calls are let in, all are. */
    private static final int LAST_STEP = 7;

    private boolean open;
    private int openings;
    private int row;
    private int rowOfStreams;
    /** Whether one of those streams was cut after its first event. */
    private boolean cut;

    /** Whether it takes a whole response to close it. */
    private boolean openedByCuts;

    private long probesFrom;
    private long probesAtLatest;
    private @Nullable Pass lastProbe;
    /** Whether it is not known who the last probe is. */
    private boolean blurred;

    private long closedAt = Long.MIN_VALUE / 2;
    private final int[] letIn = new int[LAST_STEP];
    /** The streams that wait for their heads, of those that were let in since it opened last. */
    private final Set<Pass> headless = new HashSet<>();

    /** When it did so. */
    private final List<Long> opened = new ArrayList<>();

    private long lastHead = Long.MIN_VALUE / 2;

    /** What a call has that was let in. */
    static final class Pass {
        private final SimCircuit of;
        private final int opening;
        private final boolean probe;
        private long begunNanos;
        private long sentNanos;

        private Pass(SimCircuit of, int opening, boolean probe) {
            this.of = of;
            this.opening = opening;
            this.probe = probe;
        }

        /** A stream was sent. */
        void sent(long now) {
            sentNanos = now;
            of.headless.add(this);
        }

        /** Whether it was sent before the circuit opened, and need not wait for long, whatever has been since. */
        boolean isLeftBehind() {
            return !probe && opening < of.openings && sentNanos <= of.opened.get(opening);
        }

        boolean isProbe() {
            return probe;
        }

        void headCame(long now) {
            of.headless.remove(this);
            if (isOfPeriod()) {
                of.lastHead = now;
            }
        }

        void waitsNoMore() {
            of.headless.remove(this);
        }

        private boolean isOfPeriod() {
            return !probe && !of.open && opening == of.openings;
        }

        void begun(long now) {
            if (probe && !of.openedByCuts) {
                of.succeeded(this, true, now);
            }
        }

        void succeeded(boolean streamed, long now) {
            of.succeeded(this, streamed, now);
        }

        /** @param afterContent whether a stream had begun to deliver */
        void failed(KimiException failure, boolean streamed, boolean afterContent, long now) {
            if (isResponse(failure)) {
                succeeded(streamed, now);
            } else if (saysNothing(failure)) {
                left(now);
            } else if (probe) {
                of.probeFailed(this, failure, now);
            } else if (isOfPeriod()) {
                of.failed(failure, streamed, afterContent, now);
            }
        }

        /** The call is over at the endpoint. */
        void left(long now) {
            if (of.lastProbe == this) {
                of.lastProbe = null;
                of.pause(now, now);
            }
        }
    }

    Entry enter(long now) {
        if (!open) {
            long step = (now - closedAt) / STEP;
            return step >= LAST_STEP || letIn[(int) step] < 2 << step ? Entry.YES : Entry.NO;
        }
        return now < probesFrom ? Entry.NO : now >= probesAtLatest ? Entry.YES : Entry.MAYBE;
    }

    /** A call was let in. */
    Pass entered(long now) {
        if (open) {
            Pass probe = new Pass(this, openings, true);
            probe.begunNanos = now;
            blurred = false;
            lastProbe = probe;
            pause(now + 2 * SECOND, now + 2 * SECOND);
            return probe;
        }
        long step = (now - closedAt) / STEP;
        if (step < LAST_STEP) {
            letIn[(int) step]++;
        }
        return new Pass(this, openings, false);
    }

    /** A call was not let in, though it might have been. */
    void notEntered(long now) {
        probesFrom = Math.max(probesFrom, now + 1);
    }

    /** A call comes that has nowhere else to go. */
    Pass anyway() {
        return new Pass(this, openings, open);
    }

    /** A call may have been let in, or not. */
    void blur(long now) {
        if (open) {
            blurred = true;
            probesFrom = now;
            probesAtLatest = Long.MAX_VALUE;
        }
    }

    /** Whether everybody is let in. */
    boolean isClosed(long now) {
        return !open && now - closedAt >= LAST_STEP * STEP;
    }

    /** Whether it lets calls in, if not all of them. */
    boolean isOpen() {
        return open;
    }

    /** Whether streams wait, no heads come, and that has been so for a while. */
    boolean mayFallSilent(long now) {
        return !open
                && headless.size() >= ROW
                && now - lastHead >= SECOND / 2
                && headless.stream()
                                .filter(pass -> pass.isOfPeriod() && now - pass.sentNanos >= SECOND / 2)
                                .count()
                        >= ROW;
    }

    /** It has opened since no heads come. */
    void fallSilent(long now) {
        opens(now);
        pause(now + SECOND * 4 / 5, now + SECOND * 6 / 5);
    }

    private void opens(long now) {
        open = true;
        openedByCuts = false;
        openings++;
        opened.add(now);
    }

    private void pause(long from, long atLatest) {
        if (!blurred) {
            probesFrom = from;
            probesAtLatest = atLatest;
        }
    }

    private void pauseAfter(KimiException failure, long usual, long now) {
        Duration asked = opensAtOnce(failure) ? failure.retryAfter() : null;
        long least = asked == null ? 0 : Math.min(asked.toNanos(), LONGEST);
        pause(now + Math.max(least, usual * 4 / 5), now + Math.max(least, usual * 6 / 5));
    }

    private void succeeded(Pass pass, boolean streamed, long now) {
        if (pass.opening != openings) {
            return;
        }
        if (pass.probe && open) {
            open = false;
            blurred = false;
            row = 0;
            rowOfStreams = 0;
            cut = false;
            lastProbe = null;
            closedAt = now;
            Arrays.fill(letIn, 0);
        } else if (!pass.probe && streamed) {
            rowOfStreams = 0;
            cut = false;
        } else if (!pass.probe) {
            row = 0;
        }
    }

    private void probeFailed(Pass pass, KimiException failure, long now) {
        if (lastProbe == pass) {
            lastProbe = null;
            pauseAfter(failure, 2 * SECOND, opensAtOnce(failure) ? now : pass.begunNanos);
        }
    }

    private void failed(KimiException failure, boolean streamed, boolean afterContent, long now) {
        cut |= afterContent;
        int failures = opensAtOnce(failure) ? ROW : streamed ? rowOfStreams + 1 : row + 1;
        if (streamed) {
            rowOfStreams = failures;
        } else {
            row = failures;
        }
        if (failures >= ROW) {
            opens(now);
            openedByCuts = streamed && cut;
            pauseAfter(failure, SECOND, now);
        }
    }

    // --- what a failure says of the service ----------------------------------------------------------------------

    private static boolean isResponse(KimiException failure) {
        return failure instanceof InvalidRequestException || failure instanceof ContentFilteredException;
    }

    private static boolean saysNothing(KimiException failure) {
        if (failure instanceof RateLimitException) {
            return !opensAtOnce(failure);
        }
        boolean ofPool = failure instanceof DeadlineExceededException late && late.phase() == Phase.POOL_WAIT;
        return ofPool || failure instanceof RejectedException || failure instanceof CallCancelledException;
    }

    private static boolean opensAtOnce(KimiException failure) {
        Duration wait = failure.retryAfter();
        return failure instanceof AuthenticationException
                || failure instanceof PermissionException
                || failure instanceof QuotaExceededException
                || failure instanceof RateLimitException && wait != null && wait.toNanos() >= LONGEST;
    }
}
