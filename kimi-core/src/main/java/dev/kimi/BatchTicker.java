package dev.kimi;

import dev.kimi.time.Timer;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The second hand of a bulk run. It moves only when the run takes a tick and asks for the next, so that ticks do not
 * pile up when nobody takes them.
 */
final class BatchTicker {

    private static final long PERIOD_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Timer timer;
    private final Runnable wake;
    private volatile boolean due;
    private volatile boolean stopped;
    private volatile Timer.@Nullable Timeout next;

    /** @param wake run on the timer's thread when a tick is due */
    BatchTicker(Timer timer, Runnable wake) {
        this.timer = timer;
        this.wake = wake;
    }

    /** Has a tick fall due in a second, unless one is on its way. In turns of the run only, as {@link #take()}. */
    void start() {
        if (next != null || stopped) {
            return;
        }
        Timer.Timeout scheduled;
        try {
            scheduled = timer.schedule(PERIOD_NANOS, this::ring);
        } catch (IllegalStateException closed) {
            // the client is closed, and ends the calls of the run with it
            stopped = true;
            return;
        }
        next = scheduled;
        if (stopped) {
            scheduled.cancel();
        }
    }

    private void ring() {
        due = true;
        wake.run();
    }

    /** Whether a tick is due, which it is no more after this. */
    boolean take() {
        if (!due) {
            return false;
        }
        due = false;
        next = null;
        return !stopped;
    }

    /** There are no more ticks. Idempotent, on any thread. */
    void stop() {
        stopped = true;
        Timer.Timeout scheduled = next;
        if (scheduled != null) {
            scheduled.cancel();
        }
    }
}
