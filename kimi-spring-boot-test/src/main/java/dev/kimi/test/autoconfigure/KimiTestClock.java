package dev.kimi.test.autoconfigure;

import dev.kimi.time.TimeSource;
import dev.kimi.time.Timer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.PriorityQueue;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The machine's time, except that waits are short: while every call of every client waits, to try again or for the
 * account's limits, and the simulator has no open request, time runs a hundred times as fast, so that 30 seconds take
 * 0.3. It does not while something is on its way: a response that never comes is timed out after its full limit, unless
 * a test says {@link #advance}. Thread-safe; tasks run one after another on a thread of its own.
 */
public final class KimiTestClock implements TimeSource, Timer {

    private static final long TICK_NANOS = Duration.ofMillis(10).toNanos();

    /**
     * In steps, and not to the next task at once: a thread that was stopped while its call went from one state to the
     * next would find one of the call's limits passed.
     */
    private static final long STEP_NANOS = Duration.ofSeconds(1).toNanos();

    private final TimeSource machine = TimeSource.system();
    private final Timer ticks = Timer.wheel("kimi-test-clock");
    private final PriorityQueue<Task> tasks = new PriorityQueue<>();
    private volatile BooleanSupplier allWait = () -> false;
    private @Nullable Timeout tick;
    private long skippedNanos;
    private long sequence;
    /** Of the last task when all threads were found waiting, to see whether one has moved since. */
    private long calmSince = -1;

    private boolean closed;

    KimiTestClock() {}

    /** Hurries while that is so; called on the clock's thread, when something is scheduled. */
    void hurryWhile(BooleanSupplier everybodyWaits) {
        this.allWait = everybodyWaits;
    }

    @Override
    public synchronized long nanoTime() {
        return machine.nanoTime() + skippedNanos;
    }

    @Override
    public synchronized Instant now() {
        return machine.now().plusNanos(skippedNanos);
    }

    /** What has been skipped and advanced so far; zero at the start, and never less than before. */
    public synchronized Duration skipped() {
        return Duration.ofNanos(skippedNanos);
    }

    /**
     * Moves the time on at once. What falls due runs soon after, on the clock's thread.
     *
     * @throws IllegalArgumentException if the span is negative
     */
    public synchronized void advance(Duration by) {
        if (by.isNegative()) {
            throw new IllegalArgumentException("time does not go back: " + by);
        }
        skippedNanos += by.toNanos();
        tickIn(0);
    }

    @Override
    public synchronized Timeout schedule(long delayNanos, Runnable task) {
        if (closed) {
            throw new IllegalStateException("the timer is closed");
        }
        Task added = new Task(nanoTime() + Math.max(0, delayNanos), sequence++, task);
        tasks.add(added);
        tickIn(Math.min(TICK_NANOS, Math.max(0, delayNanos)));
        return added;
    }

    @Override
    public synchronized int pending() {
        return tasks.size();
    }

    @Override
    public synchronized void close() {
        closed = true;
        tasks.clear();
        ticks.close();
    }

    private void tickIn(long nanos) {
        if (!closed && (tick == null || (nanos < TICK_NANOS && tick.cancel()))) {
            tick = ticks.schedule(nanos, this::tick);
        }
    }

    private void tick() {
        // called without the lock: the callee may need it
        run(due(allWait.getAsBoolean()));
    }

    private synchronized Deque<Runnable> due(boolean waiting) {
        tick = null;
        Task first = tasks.peek();
        if (waiting && calmSince == sequence && first != null) {
            skippedNanos += Math.max(0, Math.min(STEP_NANOS, first.dueNanos - nanoTime()));
        }
        calmSince = waiting ? sequence : -1;
        Deque<Runnable> due = new ArrayDeque<>();
        for (Task next = tasks.peek(); next != null && next.dueNanos - nanoTime() <= 0; next = tasks.peek()) {
            due.add(tasks.remove().task);
        }
        if (!tasks.isEmpty()) {
            tickIn(TICK_NANOS);
        }
        return due;
    }

    /** One that throws is the timer's to log, and the others run all the same. */
    private void run(Deque<Runnable> due) {
        try {
            for (Runnable task = due.poll(); task != null; task = due.poll()) {
                task.run();
            }
        } finally {
            if (!due.isEmpty()) {
                ticks.schedule(0, () -> run(due));
            }
        }
    }

    private final class Task implements Timeout, Comparable<Task> {
        private final long dueNanos;
        private final long order;
        private final Runnable task;

        private Task(long dueNanos, long order, Runnable task) {
            this.dueNanos = dueNanos;
            this.order = order;
            this.task = task;
        }

        @Override
        public boolean cancel() {
            synchronized (KimiTestClock.this) {
                return tasks.remove(this);
            }
        }

        @Override
        public int compareTo(Task other) {
            int byTime = Long.compare(dueNanos - other.dueNanos, 0);
            return byTime != 0 ? byTime : Long.compare(order, other.order);
        }
    }
}
