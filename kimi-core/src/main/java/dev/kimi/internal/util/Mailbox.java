package dev.kimi.internal.util;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * Runs tasks one at a time, in order, on whichever thread is there: the first comer runs its own and everything that
 * others hand in meanwhile; nobody ever waits. A task that hands in another from within sees it run after itself.
 */
public final class Mailbox {

    private final Consumer<RuntimeException> onFailure;
    private final AtomicInteger size = new AtomicInteger();
    private final Queue<Runnable> waiting;

    /** @param onFailure called when a task throws, in that task's turn; must not throw. The others run all the same. */
    public Mailbox(Consumer<RuntimeException> onFailure) {
        this(onFailure, new ConcurrentLinkedQueue<>());
    }

    /** For tests: with a queue in which they can stand between two steps. */
    Mailbox(Consumer<RuntimeException> onFailure, Queue<Runnable> waiting) {
        this.onFailure = onFailure;
        this.waiting = waiting;
    }

    /** Runs the task now, or leaves it to the thread that is running others. */
    public void run(Runnable task) {
        if (size.compareAndSet(0, 1)) {
            turn(task);
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
                turn(next);
            }
        } while (size.decrementAndGet() != 0);
    }

    /** A task that threw past here would leave the mailbox taken for ever, and everybody who waits in it. */
    private void turn(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException e) {
            onFailure.accept(e);
        }
    }
}
