package dev.kimi.time;

/**
 * Runs a task later, once. Implementations are thread-safe, never block the caller, and run tasks one after another on
 * a thread that must not be blocked. A task that throws is logged and does not stop the timer.
 */
public interface Timer extends AutoCloseable {

    /**
     * Schedules a task.
     *
     * @param delayNanos delay in nanoseconds; zero and below mean as soon as possible
     * @param task what to run
     * @return a handle that takes the task back
     * @throws IllegalStateException if the timer is closed
     */
    Timeout schedule(long delayNanos, Runnable task);

    /** Drops every task that has not run. Idempotent. */
    @Override
    void close();

    /** Number of tasks that are scheduled and neither ran nor were cancelled. */
    int pending();

    /**
     * A hashed wheel with a tick of ten milliseconds on one daemon thread that starts with the first task. A task runs
     * up to one tick late and never early. Made for hundreds of thousands of timeouts, nearly all of them cancelled.
     *
     * @param threadName name of the thread
     */
    static Timer wheel(String threadName) {
        return new WheelTimer(threadName);
    }

    /** A scheduled task. */
    interface Timeout {
        /**
         * Takes the task back. Idempotent, thread-safe, never blocks.
         *
         * @return true if the task will not run because of this call
         */
        boolean cancel();
    }
}
