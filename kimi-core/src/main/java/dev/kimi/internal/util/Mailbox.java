package dev.kimi.internal.util;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Runs tasks one at a time, in order, on whichever thread is there: the first comer runs its own and everything that
 * others hand in meanwhile; nobody ever waits. A task that hands in another from within sees it run after itself.
 */
public final class Mailbox {

    private final AtomicInteger size = new AtomicInteger();
    private final Queue<Runnable> waiting = new ConcurrentLinkedQueue<>();

    /** Runs the task now, or leaves it to the thread that is running others. It must not throw. */
    public void run(Runnable task) {
        if (size.compareAndSet(0, 1)) {
            task.run();
            if (size.decrementAndGet() == 0) {
                return;
            }
        } else {
            waiting.add(task);
            if (size.getAndIncrement() != 0) {
                return;
            }
        }
        do {
            Runnable next = waiting.poll();
            if (next != null) {
                next.run();
            }
        } while (size.decrementAndGet() != 0);
    }
}
