package dev.kimi.test;

import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.ChatStream;
import dev.kimi.error.CallCancelledException;
import dev.kimi.error.KimiException;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.concurrent.Flow;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A stream over events that are there from the beginning, given on the thread that asks for them. Its lock is never
 * held while others are called.
 */
final class FakeStream implements ChatStream {

    private final FakeReply reply;
    private final Consumer<FakeStream> onCancel;
    private int next;
    private boolean used;
    private boolean ended;
    private boolean closed;

    /** @param onCancel told, once, when it is closed before its end */
    FakeStream(FakeReply reply, Consumer<FakeStream> onCancel) {
        this.reply = reply;
        this.onCancel = onCancel;
    }

    private synchronized void use() {
        if (used) {
            throw new IllegalStateException(
                    "a stream is good for one use, and this one is used; make a stream for each");
        }
        used = true;
    }

    /** The next event that can be given now, or null. */
    private synchronized @Nullable ChatEvent poll() {
        return closed || next == reply.events().size() ? null : reply.events().get(next++);
    }

    /** Whether no event follows, be it as it was scripted or because it was closed. */
    private synchronized boolean over() {
        boolean all = next == reply.events().size() && reply.ends();
        ended |= all && !closed;
        return all || closed;
    }

    private synchronized @Nullable KimiException failure() {
        return closed && !ended ? cancelled("its stream was closed") : reply.failure();
    }

    private static CallCancelledException cancelled(String by) {
        return new CallCancelledException("The call was cancelled: " + by + ".", KimiException.Details.NONE, null);
    }

    @Override
    public Iterator<ChatEvent> iterator() {
        use();
        return new Iterator<>() {
            private @Nullable ChatEvent found;

            @Override
            public boolean hasNext() {
                if (found == null) {
                    found = await();
                }
                return found != null;
            }

            @Override
            public ChatEvent next() {
                if (!hasNext()) {
                    throw new NoSuchElementException();
                }
                ChatEvent event = Objects.requireNonNull(found);
                found = null;
                return event;
            }
        };
    }

    /** The next event, or null at the end. */
    private synchronized @Nullable ChatEvent await() {
        ChatEvent event = poll();
        while (event == null && !over()) {
            try {
                wait();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                close();
                throw cancelled("its thread was interrupted");
            }
            event = poll();
        }
        KimiException failure = event == null ? failure() : null;
        if (failure != null) {
            throw failure;
        }
        return event;
    }

    @Override
    public void subscribe(Flow.Subscriber<? super ChatEvent> subscriber) {
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
        EventSubscription delivery = new EventSubscription(subscriber);
        subscriber.onSubscribe(delivery);
        delivery.start();
    }

    @Override
    public synchronized ChatResponse response() {
        if (!over() || reply.response() == null || closed && !ended) {
            throw new IllegalStateException("the stream has not ended, or not well: take its events first");
        }
        return reply.response();
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

    /** Gives events as far as they were asked for; what is asked for while one is given is given after it. */
    private final class EventSubscription implements Flow.Subscription {
        private final Flow.Subscriber<? super ChatEvent> subscriber;
        private long demand;
        private boolean started;
        private boolean giving;
        private boolean done;
        private @Nullable Throwable misuse;

        private EventSubscription(Flow.Subscriber<? super ChatEvent> subscriber) {
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
                    misuse = new IllegalArgumentException("a subscriber asks for at least one event, but not for " + n);
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
            ChatEvent event = done || demand == 0 ? null : poll();
            if (event != null) {
                demand--;
                return () -> subscriber.onNext(event);
            }
            if (!done && over()) {
                done = true;
                KimiException failure = failure();
                return failure == null ? subscriber::onComplete : () -> subscriber.onError(failure);
            }
            giving = false;
            return null;
        }
    }
}
