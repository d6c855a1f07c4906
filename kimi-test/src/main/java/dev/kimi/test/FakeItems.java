package dev.kimi.test;

import dev.kimi.error.CallCancelledException;
import dev.kimi.error.KimiException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Flow;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A stream over items that are there from the beginning, given on the thread that asks for them. Its lock is never held
 * while others are called.
 */
abstract class FakeItems<T> implements Flow.Publisher<T>, AutoCloseable {

    private final List<T> items;
    private final boolean ends;
    private final @Nullable KimiException failure;
    private final Consumer<FakeItems<?>> onCancel;
    private int next;
    private boolean used;
    private boolean ended;
    private boolean closed;

    /**
     * @param ends whether it ends after the items, or has to be cancelled
     * @param failure what it ends with, or null
     * @param onCancel notified, once, when it is closed before its end
     */
    FakeItems(List<T> items, boolean ends, @Nullable KimiException failure, Consumer<FakeItems<?>> onCancel) {
        this.items = items;
        this.ends = ends;
        this.failure = failure;
        this.onCancel = onCancel;
    }

    final synchronized void use() {
        if (used) {
            throw new IllegalStateException(
                    "a stream is good for one use, and this one is used; make a stream for each");
        }
        used = true;
    }

    /** The next item that can be given now, or null. */
    private synchronized @Nullable T poll() {
        return closed || next == items.size() ? null : items.get(next++);
    }

    /** Whether no item follows, be it as it was scripted or because it was closed. */
    private synchronized boolean over() {
        boolean all = next == items.size() && ends;
        ended |= all && !closed;
        return all || closed;
    }

    private synchronized @Nullable KimiException failure() {
        return closed && !ended ? cancelled("its stream was closed") : failure;
    }

    private static CallCancelledException cancelled(String by) {
        return new CallCancelledException("The call was cancelled: " + by + ".", KimiException.Details.NONE, null);
    }

    /** The next item, waiting for it; null at the end. */
    final synchronized @Nullable T await() {
        T item = poll();
        while (item == null && !over()) {
            try {
                wait();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                close();
                throw cancelled("its thread was interrupted");
            }
            item = poll();
        }
        KimiException failed = item == null ? failure() : null;
        if (failed != null) {
            throw failed;
        }
        return item;
    }

    @Override
    public void subscribe(Flow.Subscriber<? super T> subscriber) {
        Objects.requireNonNull(subscriber, "subscriber");
        try {
            use();
        } catch (IllegalStateException again) {
            subscriber.onSubscribe(new Flow.Subscription() {
                @Override
                public void request(long n) {}

                @Override
                public void cancel() {}
            });
            subscriber.onError(again);
            return;
        }
        Delivery delivery = new Delivery(subscriber);
        subscriber.onSubscribe(delivery);
        delivery.start();
    }

    /** Whether it ended as it was scripted. */
    final synchronized boolean endedAsScripted() {
        return over() && (!closed || ended);
    }

    @Override
    public void close() {
        boolean cancels;
        synchronized (this) {
            cancels = !closed && !ended && !over();
            closed = true;
            notifyAll();
        }
        if (cancels) {
            onCancel.accept(this);
        }
    }

    /** Gives items as far as they were asked for; what is asked for while one is given is given after it. */
    private final class Delivery implements Flow.Subscription {
        private final Flow.Subscriber<? super T> subscriber;
        private long demand;
        private boolean started;
        private boolean giving;
        private boolean done;
        private @Nullable Throwable misuse;

        private Delivery(Flow.Subscriber<? super T> subscriber) {
            this.subscriber = subscriber;
        }

        private void start() {
            synchronized (this) {
                started = true;
            }
            give();
        }

        @Override
        public void request(long n) {
            synchronized (this) {
                if (n <= 0) {
                    misuse = new IllegalArgumentException("a subscriber asks for at least one item, but not for " + n);
                } else {
                    demand = demand + n < 0 ? Long.MAX_VALUE : demand + n;
                }
            }
            give();
        }

        @Override
        public void cancel() {
            synchronized (this) {
                done = true;
            }
            close();
        }

        private void give() {
            synchronized (this) {
                if (giving || !started) {
                    return;
                }
                giving = true;
            }
            Runnable step = step();
            while (step != null) {
                step.run();
                step = step();
            }
        }

        /** What to tell the subscriber next, or null when it has to ask first. */
        private synchronized @Nullable Runnable step() {
            Throwable wrong = misuse;
            if (!done && wrong != null) {
                done = true;
                return () -> {
                    close();
                    subscriber.onError(wrong);
                };
            }
            T item = done || demand == 0 ? null : poll();
            if (item != null) {
                demand--;
                return () -> subscriber.onNext(item);
            }
            if (!done && over()) {
                done = true;
                KimiException failed = failure();
                return failed == null ? subscriber::onComplete : () -> subscriber.onError(failed);
            }
            giving = false;
            return null;
        }
    }
}
