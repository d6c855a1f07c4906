package dev.kimi.time;

import dev.kimi.internal.util.NonBlockingThread;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A hashed wheel (Varghese and Lauck, 1987): adding and cancelling cost O(1) under the lock of one bucket, so that
 * threads meet only when their timeouts fall on the same tick. Buckets are doubly linked, which makes a cancelled
 * timeout garbage at once instead of at its due time: nearly all of them are cancelled.
 */
final class WheelTimer implements Timer {

    private static final System.Logger LOG = System.getLogger("dev.kimi.calls");
    private static final long TICK_NANOS = 10_000_000;
    private static final int SLOTS = 1024;

    private final String threadName;
    private final Slot[] slots = new Slot[SLOTS];
    private final long origin = System.nanoTime();
    private final AtomicInteger pending = new AtomicInteger();
    private final Object startLock = new Object();
    private volatile boolean closed;
    private volatile boolean parkedForWork;
    private volatile @Nullable Thread thread;
    /** The last tick whose slot was run; written by the timer's thread only. */
    private volatile long doneTick;

    WheelTimer(String threadName) {
        this.threadName = threadName;
        for (int i = 0; i < SLOTS; i++) {
            slots[i] = new Slot();
        }
    }

    @Override
    public Timeout schedule(long delayNanos, Runnable task) {
        if (closed) {
            throw new IllegalStateException("the timer is closed");
        }
        long due = System.nanoTime() - origin + Math.max(0, delayNanos);
        // rounded up: late by up to a tick, never early
        long tick = due < 0 ? Long.MAX_VALUE / TICK_NANOS : (due + TICK_NANOS - 1) / TICK_NANOS;
        pending.incrementAndGet();
        Entry entry = add(task, tick);
        wake();
        return entry;
    }

    private Entry add(Runnable task, long wantedTick) {
        long tick = wantedTick;
        while (true) {
            tick = Math.max(tick, doneTick + 1);
            Slot slot = slots[(int) (tick & (SLOTS - 1))];
            synchronized (slot) {
                // The thread takes this lock after it has advanced doneTick, so an entry added here is seen in its
                // turn.
                if (tick > doneTick) {
                    Entry entry = new Entry(task, tick, slot);
                    slot.link(entry);
                    return entry;
                }
            }
        }
    }

    private void wake() {
        if (thread == null) {
            synchronized (startLock) {
                if (thread == null && !closed) {
                    Thread started = new TimerThread(this::run, threadName);
                    started.setDaemon(true);
                    thread = started;
                    started.start();
                }
            }
        } else if (parkedForWork) {
            LockSupport.unpark(thread);
        }
    }

    private void run() {
        while (!closed) {
            if (pending.get() == 0) {
                parkForWork();
                continue;
            }
            long nowTick = (System.nanoTime() - origin) / TICK_NANOS;
            if (nowTick <= doneTick) {
                LockSupport.parkNanos(this, (doneTick + 1) * TICK_NANOS - (System.nanoTime() - origin));
                continue;
            }
            // After an idle stretch a single turn of the wheel covers everything that can be due.
            long from = Math.max(doneTick + 1, nowTick - SLOTS + 1);
            for (long tick = from; tick <= nowTick && !closed; tick++) {
                doneTick = tick;
                runSlot(slots[(int) (tick & (SLOTS - 1))], nowTick);
            }
        }
    }

    private void parkForWork() {
        parkedForWork = true;
        if (pending.get() == 0 && !closed) {
            LockSupport.park(this);
        }
        parkedForWork = false;
    }

    private void runSlot(Slot slot, long nowTick) {
        @Nullable Entry due;
        synchronized (slot) {
            due = slot.unlinkDue(nowTick);
        }
        while (due != null) {
            @Nullable Entry next = due.next;
            due.next = null;
            pending.decrementAndGet();
            try {
                due.task.run();
            } catch (RuntimeException | Error e) {
                LOG.log(System.Logger.Level.ERROR, "A timer task failed; the timer goes on", e);
            }
            due = next;
        }
    }

    @Override
    public int pending() {
        return pending.get();
    }

    @Override
    public void close() {
        closed = true;
        for (Slot slot : slots) {
            synchronized (slot) {
                slot.clear();
            }
        }
        pending.set(0);
        Thread running = thread;
        if (running != null) {
            LockSupport.unpark(running);
        }
    }

    private static final class TimerThread extends Thread implements NonBlockingThread {
        private TimerThread(Runnable task, String name) {
            super(task, name);
        }
    }

    private static final class Slot {
        private @Nullable Entry head;

        private void link(Entry entry) {
            entry.next = head;
            if (head != null) {
                head.previous = entry;
            }
            head = entry;
            entry.linked = true;
        }

        private void unlink(Entry entry) {
            if (entry.previous == null) {
                head = entry.next;
            } else {
                entry.previous.next = entry.next;
            }
            if (entry.next != null) {
                entry.next.previous = entry.previous;
            }
            entry.previous = null;
            entry.next = null;
            entry.linked = false;
        }

        /** Takes out all entries due by the tick, chained by {@code next}. */
        private @Nullable Entry unlinkDue(long tick) {
            @Nullable Entry chain = null;
            @Nullable Entry entry = head;
            while (entry != null) {
                @Nullable Entry next = entry.next;
                if (entry.tick <= tick) {
                    unlink(entry);
                    entry.next = chain;
                    chain = entry;
                }
                entry = next;
            }
            return chain;
        }

        private void clear() {
            while (head != null) {
                unlink(head);
            }
        }
    }

    private final class Entry implements Timeout {
        private final Runnable task;
        private final long tick;
        private final Slot slot;
        private @Nullable Entry previous;
        private @Nullable Entry next;
        private boolean linked;

        private Entry(Runnable task, long tick, Slot slot) {
            this.task = task;
            this.tick = tick;
            this.slot = slot;
        }

        @Override
        public boolean cancel() {
            synchronized (slot) {
                if (!linked) {
                    return false;
                }
                slot.unlink(this);
            }
            pending.decrementAndGet();
            return true;
        }
    }
}
