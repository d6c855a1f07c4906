package dev.kimi.transport.vertx;

import dev.kimi.time.Timer;
import io.netty.channel.EventLoop;
import io.vertx.core.Context;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/** Runs tasks on the thread of one event loop, now or later. Thread-safe but for what says otherwise. */
final class LoopExecutor {

    private final Context context;
    private final Timer timer;
    private volatile @Nullable Thread thread;
    private volatile boolean closed;

    LoopExecutor(Vertx vertx, Timer timer) {
        this.timer = timer;
        this.context = ((VertxInternal) vertx).createEventLoopContext();
        context.runOnContext(started -> thread = Thread.currentThread());
    }

    /**
     * Runs a task on the loop's thread.
     *
     * @return false if the loop is closed and will not run it
     */
    boolean execute(Handler<Void> task) {
        if (closed) {
            return false;
        }
        try {
            context.runOnContext(task);
            return true;
        } catch (RejectedExecutionException closing) {
            return false;
        }
    }

    /** Netty's side of the loop. */
    EventLoop eventLoop() {
        return ((ContextInternal) context).nettyEventLoop();
    }

    boolean inThread() {
        return Thread.currentThread() == thread;
    }

    /** Runs a task on the loop's thread when the time has passed; null when the timer is closed. */
    Timer.@Nullable Timeout schedule(long delayNanos, Handler<Void> task) {
        try {
            return timer.schedule(delayNanos, () -> execute(task));
        } catch (IllegalStateException timerClosed) {
            return null;
        }
    }

    /**
     * Runs a task on the loop's thread about then. Not on the timer of the settings: what is scheduled there stands for
     * a call under way, and looks like a leak when none is. To be called on the loop's thread.
     */
    void housekeeping(long delayNanos, Runnable task) {
        context.owner().setTimer(Math.max(1, delayNanos / 1_000_000), due -> task.run());
    }

    /** Accepts no further task. */
    void close() {
        closed = true;
    }

    boolean isClosed() {
        return closed;
    }
}
