package dev.kimi.transport.vertx;

import dev.kimi.time.Timer;
import dev.kimi.transport.TransportFailure;
import io.vertx.core.Context;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * One event loop and the pools that it serves. The counters are written by its thread and read by any; the rest, but
 * for {@link #execute} and {@link #close}, belongs to its thread.
 */
final class TransportLoop {

    /** Exchanges that were given to this loop and are not over; unlike the others written by any thread. */
    final AtomicInteger assigned = new AtomicInteger();

    final AtomicInteger open = new AtomicInteger();
    final AtomicInteger busy = new AtomicInteger();
    final AtomicInteger pending = new AtomicInteger();
    final AtomicInteger exchanges = new AtomicInteger();
    /** Exchanges that are on no connection any more, with bytes that were not asked for yet. */
    final Set<VertxExchange> holding = new HashSet<>();

    final VertxSettings settings;
    final Connector connector;
    /** Streams of HTTP/2 with a grown window. */
    int grownWindows;

    private final Context context;
    private final int index;
    private final Map<Origin, OriginPool> pools = new HashMap<>();
    private volatile @Nullable Thread thread;
    private volatile boolean closed;
    private @Nullable URI lastUri;
    private @Nullable OriginPool lastPool;

    TransportLoop(Vertx vertx, VertxSettings settings, Connector connector, int index) {
        this.settings = settings;
        this.connector = connector;
        this.index = index;
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

    boolean inThread() {
        return Thread.currentThread() == thread;
    }

    /** Runs a task on the loop's thread when the time has passed; null when the timer is closed. */
    Timer.@Nullable Timeout schedule(long delayNanos, Handler<Void> task) {
        try {
            return settings.timer.schedule(delayNanos, () -> execute(task));
        } catch (IllegalStateException timerClosed) {
            return null;
        }
    }

    /**
     * Runs a task on the loop's thread about then. Not on the timer of the settings: what is scheduled there stands for
     * a call under way, and looks like a leak when none is.
     */
    void housekeeping(long delayNanos, Runnable task) {
        context.owner().setTimer(Math.max(1, delayNanos / 1_000_000), due -> task.run());
    }

    /** This loop's part of a limit that all loops share. */
    int share(int total) {
        int loops = settings.eventLoops;
        return Math.max(1, total / loops + (index < total % loops ? 1 : 0));
    }

    /**
     * The pool of an origin.
     *
     * @throws IllegalArgumentException if the URI is no usable origin
     */
    OriginPool pool(URI uri) {
        OriginPool last = lastPool;
        // callers send the same object every time, which saves hashing it
        if (last != null && uri.equals(lastUri)) {
            return last;
        }
        OriginPool pool = pools.computeIfAbsent(Origin.of(uri), origin -> new OriginPool(this, origin));
        lastUri = uri;
        lastPool = pool;
        return pool;
    }

    /** Fails what waits or runs, closes all connections, and then runs the task; does not block. */
    void close(Runnable afterwards) {
        boolean willRun = execute(begin -> {
            closed = true;
            for (OriginPool pool : new ArrayList<>(pools.values())) {
                pool.close();
            }
            Set.copyOf(holding).forEach(VertxExchange::closed);
            afterwards.run();
        });
        if (!willRun) {
            afterwards.run();
        }
    }

    boolean isClosed() {
        return closed;
    }

    static TransportFailure closedFailure() {
        return new TransportFailure(TransportFailure.Kind.CLOSED, true, null);
    }
}
