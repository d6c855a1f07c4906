package dev.kimi.internal.call;

import dev.kimi.time.TimeSource;
import dev.kimi.time.Timer;
import org.jspecify.annotations.Nullable;

/**
 * The one timer of a call, set to the nearest of its limits. One that fires early just looks again: a phase that ends
 * in time, as nearly all do, so costs no timer operation. Used in turns of the call only.
 */
final class CallTimer {

    private final TimeSource time;
    private final Timer timer;
    private final long deadlineNanos;
    private final Runnable onFire;
    private Timer.@Nullable Timeout timeout;
    private long setToNanos;

    /**
     * @param deadlineNanos the timer is never set later than this
     * @param onFire what to do; must call {@link #fired} in a turn of the call
     */
    CallTimer(TimeSource time, Timer timer, long deadlineNanos, Runnable onFire) {
        this.time = time;
        this.timer = timer;
        this.deadlineNanos = deadlineNanos;
        this.onFire = onFire;
    }

    /** Fires at that time or before. */
    void set(long nanos) {
        long due = nanos - deadlineNanos > 0 ? deadlineNanos : nanos;
        Timer.Timeout current = timeout;
        if (current != null) {
            if (setToNanos - due <= 0) {
                return;
            }
            current.cancel();
        }
        setToNanos = due;
        timeout = timer.schedule(due - time.nanoTime(), onFire);
    }

    void fired() {
        timeout = null;
    }

    void cancel() {
        Timer.Timeout current = timeout;
        if (current != null) {
            current.cancel();
            timeout = null;
        }
    }
}
