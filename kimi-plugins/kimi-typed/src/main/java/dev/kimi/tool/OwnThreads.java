package dev.kimi.tool;

import dev.kimi.time.Timer;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Executor and timer of a loop: those that were handed in, or its own, which start with the first use. */
final class OwnThreads {

    private static final int MAX_THREADS = 16;

    private final Executor executor;
    private final Timer timer;
    private final @Nullable ThreadPoolExecutor ownExecutor;
    private final @Nullable Timer ownTimer;

    OwnThreads(@Nullable Executor executor, @Nullable Timer timer) {
        ThreadPoolExecutor pool = executor == null ? pool() : null;
        Timer wheel = timer == null ? Timer.wheel("kimi-tool-timer") : null;
        this.ownExecutor = pool;
        this.ownTimer = wheel;
        this.executor = pool == null ? Objects.requireNonNull(executor) : pool;
        this.timer = wheel == null ? Objects.requireNonNull(timer) : wheel;
    }

    private static ThreadPoolExecutor pool() {
        AtomicInteger number = new AtomicInteger();
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                MAX_THREADS, MAX_THREADS, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
                    Thread thread = new Thread(task, "kimi-tool-" + number.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                });
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    Executor executor() {
        return executor;
    }

    Timer timer() {
        return timer;
    }

    void close() {
        if (ownExecutor != null) {
            ownExecutor.shutdown();
        }
        if (ownTimer != null) {
            ownTimer.close();
        }
    }
}
