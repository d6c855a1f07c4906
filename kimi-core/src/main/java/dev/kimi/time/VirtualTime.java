package dev.kimi.time;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;

/**
 * Time that moves only on request, for tests of anything that waits: clock and timer in one. Tasks run on the thread
 * that advances the time, in the order of their due times and, at the same instant, of their scheduling. Thread-safe;
 * one thread should advance.
 */
public final class VirtualTime implements TimeSource, Timer {

    private final Instant start;
    private final PriorityQueue<Task> tasks = new PriorityQueue<>();
    private final List<Duration> waits = new ArrayList<>();
    private long nanos;
    private long sequence;
    private boolean closed;

    /** Starts at 2026-01-01T00:00:00Z. */
    public VirtualTime() {
        this(Instant.parse("2026-01-01T00:00:00Z"));
    }

    public VirtualTime(Instant start) {
        this.start = start;
    }

    @Override
    public synchronized long nanoTime() {
        return nanos;
    }

    @Override
    public synchronized Instant now() {
        return start.plusNanos(nanos);
    }

    @Override
    public synchronized Timeout schedule(long delayNanos, Runnable task) {
        if (closed) {
            throw new IllegalStateException("the timer is closed");
        }
        long delay = Math.max(0, delayNanos);
        waits.add(Duration.ofNanos(delay));
        Task added = new Task(nanos + delay, sequence++, task);
        tasks.add(added);
        return added;
    }

    /** Moves the time on and runs whatever falls due, including tasks that those tasks schedule within the span. */
    public void advance(Duration by) {
        long target;
        synchronized (this) {
            target = Math.addExact(nanos, by.toNanos());
        }
        while (runNext(target)) {
            // each turn runs one task, so that what it schedules takes its place in the order
        }
        synchronized (this) {
            nanos = Math.max(nanos, target);
        }
    }

    /**
     * Jumps to the next task and runs it.
     *
     * @return false if nothing was scheduled
     */
    public boolean advanceToNext() {
        return runNext(Long.MAX_VALUE);
    }

    @Override
    public synchronized int pending() {
        return tasks.size();
    }

    /** The delays asked for so far, in order: what a recording sleeper would have seen. */
    public synchronized List<Duration> waits() {
        return List.copyOf(waits);
    }

    @Override
    public synchronized void close() {
        closed = true;
        tasks.clear();
    }

    private boolean runNext(long until) {
        Task next;
        synchronized (this) {
            next = tasks.peek();
            if (next == null || next.dueNanos > until) {
                return false;
            }
            tasks.poll();
            nanos = Math.max(nanos, next.dueNanos);
        }
        next.task.run();
        return true;
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
            synchronized (VirtualTime.this) {
                return tasks.remove(this);
            }
        }

        @Override
        public int compareTo(Task other) {
            int byTime = Long.compare(dueNanos, other.dueNanos);
            return byTime != 0 ? byTime : Long.compare(order, other.order);
        }
    }
}
