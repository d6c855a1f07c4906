package dev.kimi.internal.call;

import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Where callers' code runs, and in which context: the caller's, as it was when the call was made. */
public final class CallbackExecutors {

    private static final System.Logger LOG = System.getLogger("dev.kimi.callbacks");

    private final String client;
    private final Executor executor;
    private final Executor fallback;
    private final UnaryOperator<Executor> context;
    private final AtomicBoolean reported = new AtomicBoolean();

    /**
     * @param client the client's name
     * @param fallback where what the executor rejects runs; must not reject anything
     * @param context makes of the executor the one for a call, on the thread that makes the call
     */
    public CallbackExecutors(String client, Executor executor, Executor fallback, UnaryOperator<Executor> context) {
        this.client = client;
        this.executor = executor;
        this.fallback = fallback;
        this.context = context;
    }

    /** The executor for the callbacks of one call, made on the thread that makes the call. */
    Executor ofThisThread() {
        ClassLoader loader = Thread.currentThread().getContextClassLoader();
        return context.apply(task -> execute(new WithLoader(task, loader)));
    }

    /** A rejected callback runs elsewhere: neither its receiver nor the transport's thread may pay for it. */
    private void execute(Runnable task) {
        try {
            executor.execute(task);
        } catch (RejectedExecutionException e) {
            if (reported.compareAndSet(false, true)) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "The callback executor of client '" + client + "' rejected a callback, which runs on the"
                                + " common pool instead, as will others that it rejects. Give it more threads or a"
                                + " longer queue, and shut it down after the client. Reported once.",
                        e);
            }
            fallback.execute(task);
        }
    }

    private record WithLoader(Runnable task, @Nullable ClassLoader loader) implements Runnable {

        @Override
        public void run() {
            Thread thread = Thread.currentThread();
            ClassLoader before = thread.getContextClassLoader();
            if (before == loader || !set(thread, loader)) {
                task.run();
                return;
            }
            try {
                task.run();
            } finally {
                set(thread, before);
            }
        }

        /** Some threads of the JDK allow no other loader, under a security manager for one. */
        private static boolean set(Thread thread, @Nullable ClassLoader loader) {
            try {
                thread.setContextClassLoader(loader);
                return true;
            } catch (SecurityException e) {
                return false;
            }
        }
    }
}
