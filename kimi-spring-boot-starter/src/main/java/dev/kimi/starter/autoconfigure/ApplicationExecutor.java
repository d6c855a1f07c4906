package dev.kimi.starter.autoconfigure;

import dev.kimi.time.Timer;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.atomic.AtomicBoolean;
import org.springframework.scheduling.concurrent.ThreadPoolTaskExecutor;

/**
 * Boot's task executor for callbacks. The application runs on its threads too, and may wait there for callbacks: one
 * for which no thread becomes free in time runs on the common pool. So does one that is rejected, one that the
 * transport's thread would have to run itself, by a caller-runs policy, and one that is still queued when the clients
 * are closed.
 */
final class ApplicationExecutor implements Executor, AutoCloseable {

    /** The shortest time that a callback is queued before it runs elsewhere; the longest is twice that. */
    static final Duration QUEUE_TIMEOUT = Duration.ofMillis(200);

    private static final Executor ELSEWHERE = ForkJoinPool.commonPool();

    private final Executor executor;
    private final boolean pool;
    private final Timer timer;
    private final Set<Callback> queued = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean watching = new AtomicBoolean();
    private volatile boolean closed;

    ApplicationExecutor(Executor executor, Timer timer) {
        this.executor = executor;
        this.pool = executor instanceof ThreadPoolTaskExecutor || executor instanceof ThreadPoolExecutor;
        this.timer = timer;
    }

    @Override
    public void execute(Runnable task) {
        Callback callback = new Callback(task);
        queued.add(callback);
        if (closed) {
            ELSEWHERE.execute(callback);
            return;
        }
        try {
            executor.execute(callback);
        } catch (RejectedExecutionException e) {
            // its queue is full, or the context is being closed
            ELSEWHERE.execute(callback);
        }
        callback.submitted = true;
        watch();
    }

    /** One timeout for all that are queued: most callbacks begin at once, and are not worth one each. */
    private void watch() {
        if (!queued.isEmpty() && !closed && watching.compareAndSet(false, true)) {
            timer.schedule(QUEUE_TIMEOUT.toNanos(), this::look);
        }
    }

    private void look() {
        for (Callback callback : queued) {
            if (callback.seen) {
                ELSEWHERE.execute(callback);
            } else {
                callback.seen = true;
            }
        }
        watching.set(false);
        watch();
    }

    /** An executor that is shut down drops its queue. */
    @Override
    public void close() {
        closed = true;
        queued.forEach(ELSEWHERE::execute);
    }

    /** Runs once, wherever a thread comes first. */
    private final class Callback implements Runnable {
        private final Runnable task;
        private final Thread submitter = Thread.currentThread();
        private final AtomicBoolean taken = new AtomicBoolean();
        private volatile boolean submitted;
        private volatile boolean seen;

        private Callback(Runnable task) {
            this.task = task;
        }

        @Override
        public void run() {
            if (pool && !submitted && Thread.currentThread() == submitter) {
                ELSEWHERE.execute(this);
            } else if (taken.compareAndSet(false, true)) {
                queued.remove(this);
                task.run();
            }
        }
    }
}
