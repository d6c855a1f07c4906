package dev.kimi.internal.call;

import dev.kimi.error.KimiException;
import dev.kimi.time.TimeSource;
import dev.kimi.time.Timer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Waits, for an engine that rejects new calls, until those under way have ended or their time is over, and then closes
 * it: once, whichever comes first. Thread-safe, never blocks.
 */
final class Drain {

    private static final Duration LONGEST = Duration.ofDays(365);

    private final Timer timer;
    private final TimeSource time;
    private final Executor executor;
    private final Predicate<Function<KimiException.Details, KimiException>> cancelAll;
    private final Runnable close;
    private final long startNanos;
    private final AtomicBoolean decided = new AtomicBoolean();
    private final CompletableFuture<Boolean> over = new CompletableFuture<>();
    // guarded by this
    private @Nullable Duration limit;
    private Timer.@Nullable Timeout timeout;

    /**
     * @param executor where the engine is closed, whose parts may be plug-ins that block
     * @param cancelAll cancels the calls under way for a reason; true if there were none
     * @param close closes the engine
     */
    Drain(
            Timer timer,
            TimeSource time,
            Executor executor,
            Predicate<Function<KimiException.Details, KimiException>> cancelAll,
            Runnable close) {
        this.timer = timer;
        this.time = time;
        this.executor = executor;
        this.cancelAll = cancelAll;
        this.close = close;
        this.startNanos = time.nanoTime();
    }

    /** Runs the task, once the engine is closed, with whether all calls had ended by themselves. */
    void whenOver(Consumer<Boolean> task) {
        over.thenAccept(task);
    }

    /** Cuts short what has not ended by then, unless an earlier end was set before. */
    void endWithin(Duration wanted) {
        Duration most = wanted.compareTo(LONGEST) > 0 ? LONGEST : wanted;
        boolean now = most.isNegative() || most.isZero();
        synchronized (this) {
            Duration sinceStart = Duration.ofNanos(time.nanoTime() - startNanos).plus(now ? Duration.ZERO : most);
            if (decided.get() || limit != null && limit.compareTo(sinceStart) <= 0) {
                return;
            }
            limit = sinceStart;
            stopTimer();
            now = now || !schedule(most);
        }
        if (now) {
            cutShort();
        }
    }

    /** False when the timer is closed, which then ends nothing any more. */
    private boolean schedule(Duration delay) {
        try {
            timeout = timer.schedule(delay.toNanos(), this::cutShort);
            return true;
        } catch (IllegalStateException closed) {
            return false;
        }
    }

    private void stopTimer() {
        if (timeout != null) {
            timeout.cancel();
            timeout = null;
        }
    }

    /** No call is under way. */
    void allEnded() {
        if (decide()) {
            end(true);
        }
    }

    /** Does not wait any longer. */
    void cutShort() {
        if (decide()) {
            Duration had = had();
            // here and now, since a callback may hold the executor until its call has ended
            end(cancelAll.test(details -> Failures.cutShort(had, details)));
        }
    }

    private synchronized boolean decide() {
        stopTimer();
        return decided.compareAndSet(false, true);
    }

    private synchronized Duration had() {
        Duration passed = Duration.ofNanos(time.nanoTime() - startNanos);
        return limit == null || passed.compareTo(limit) < 0 ? passed : limit;
    }

    private void end(boolean all) {
        executor.execute(() -> {
            try {
                close.run();
            } finally {
                over.complete(all);
            }
        });
    }
}
