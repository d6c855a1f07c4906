package dev.kimi.internal.call;

import dev.kimi.error.KimiException;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Hands the items of a stream to its subscriber, one at a time and no more than requested. */
final class EventSubscription<T> implements Flow.Subscription, Runnable {

    /** The stream that items are taken from. */
    interface Source<T> {

        /** The next item that waits, or null. */
        @Nullable T poll();

        /** True when an item waits. */
        boolean waiting();

        /** True when nothing is added any more. */
        boolean ended();

        /** What the stream has failed with, or null. */
        @Nullable KimiException failure();

        /** Cancels the call. */
        void cancel(String by);

        /** Nothing is delivered any more. */
        void deliversNoMore();
    }

    private static final System.Logger LOG = System.getLogger("dev.kimi.callbacks");

    private final Source<T> stream;
    private final Flow.Subscriber<? super T> subscriber;
    private final Executor executor;
    private final AtomicLong demand = new AtomicLong();
    private final AtomicInteger pending = new AtomicInteger();
    private volatile boolean cancelled;
    private volatile boolean begun;
    private volatile boolean badRequest;

    EventSubscription(Source<T> stream, Flow.Subscriber<? super T> subscriber, Executor executor) {
        this.stream = stream;
        this.subscriber = subscriber;
        this.executor = executor;
    }

    void begin() {
        subscriber.onSubscribe(this);
        begun = true;
        run();
    }

    void reject(IllegalStateException reason) {
        cancelled = true;
        subscriber.onSubscribe(this);
        subscriber.onError(reason);
    }

    @Override
    public void request(long n) {
        if (n <= 0) {
            badRequest = true;
        } else {
            demand.accumulateAndGet(n, (a, b) -> a + b < 0 ? Long.MAX_VALUE : a + b);
        }
        run();
    }

    @Override
    public void cancel() {
        over();
        stream.cancel("its subscription was cancelled");
    }

    /** The subscriber hears no more, so that a program which keeps the stream must not keep the subscriber with it. */
    private void over() {
        cancelled = true;
        stream.deliversNoMore();
    }

    /** Something changed: events, demand or the end. Never delivers on the thread that says so. */
    @Override
    public void run() {
        if (begun && !cancelled && pending.getAndIncrement() == 0) {
            executor.execute(this::deliver);
        }
    }

    private void deliver() {
        int seen = pending.get();
        do {
            try {
                deliverSome();
            } catch (RuntimeException e) {
                // by rule 2.13 of Reactive Streams a subscriber must not throw, and is cancelled when it does
                cancel();
                LOG.log(System.Logger.Level.WARNING, "A subscriber failed; its stream is cancelled", e);
            }
            seen = pending.addAndGet(-seen);
        } while (seen != 0);
    }

    private void deliverSome() {
        if (badRequest && !cancelled) {
            cancel();
            subscriber.onError(new IllegalArgumentException("request(n) needs n above 0"));
            return;
        }
        while (!cancelled) {
            boolean ended = stream.ended();
            if (demand.get() > 0) {
                T item = stream.poll();
                if (item != null) {
                    demand.updateAndGet(n -> n == Long.MAX_VALUE ? n : n - 1);
                    subscriber.onNext(item);
                    continue;
                }
            } else if (stream.waiting()) {
                return;
            }
            if (ended) {
                finish();
            }
            return;
        }
    }

    private void finish() {
        over();
        KimiException failure = stream.failure();
        if (failure == null) {
            subscriber.onComplete();
        } else {
            subscriber.onError(failure);
        }
    }
}
