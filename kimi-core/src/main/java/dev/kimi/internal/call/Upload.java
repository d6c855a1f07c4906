package dev.kimi.internal.call;

import dev.kimi.transport.RequestBody;
import java.nio.ByteBuffer;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * A streamed body on its way to the transport in one attempt: it knows whether any of it was asked for, and how long
 * the service has taken nothing. Time in which the transport waits for the source is the source's, and not counted.
 */
final class Upload implements RequestBody {

    private final RequestBody body;
    private final LongSupplier clock;
    /** Buffers that the transport has asked for and not been given. */
    private final AtomicLong owed = new AtomicLong();

    private volatile boolean begun;
    private volatile boolean ended;
    private volatile long movedNanos;

    Upload(RequestBody body, LongSupplier clock) {
        this.body = body;
        this.clock = clock;
        this.movedNanos = clock.getAsLong();
    }

    /** Whether an exchange has begun to read the body. */
    boolean begun() {
        return begun;
    }

    /**
     * The moment from which on it is the service that lets others wait: when it took something last, or the source had
     * no more; now, while it is the source.
     */
    long movedNanos() {
        return !ended && owed.get() > 0 ? clock.getAsLong() : movedNanos;
    }

    private void moved() {
        movedNanos = clock.getAsLong();
    }

    @Override
    public long length() {
        return body.length();
    }

    @Override
    public boolean isReplayable() {
        return body.isReplayable();
    }

    @Override
    public void subscribe(Flow.Subscriber<? super ByteBuffer> subscriber) {
        begun = true;
        moved();
        body.subscribe(new Passing(subscriber));
    }

    @Override
    public String toString() {
        return body.toString();
    }

    private final class Passing implements Flow.Subscriber<ByteBuffer>, Flow.Subscription {

        private final Flow.Subscriber<? super ByteBuffer> transport;
        private volatile Flow.Subscription source = this;

        private Passing(Flow.Subscriber<? super ByteBuffer> transport) {
            this.transport = transport;
        }

        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            source = subscription;
            transport.onSubscribe(this);
        }

        @Override
        public void request(long buffers) {
            owed.accumulateAndGet(buffers, (a, b) -> a + b < 0 ? Long.MAX_VALUE : a + b);
            source.request(buffers);
        }

        @Override
        public void cancel() {
            end();
            source.cancel();
        }

        @Override
        public void onNext(ByteBuffer piece) {
            moved();
            owed.updateAndGet(n -> n == Long.MAX_VALUE || n == 0 ? n : n - 1);
            transport.onNext(piece);
        }

        @Override
        public void onError(Throwable failure) {
            end();
            transport.onError(failure);
        }

        @Override
        public void onComplete() {
            end();
            transport.onComplete();
        }

        private void end() {
            moved();
            ended = true;
        }
    }
}
