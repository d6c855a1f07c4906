package dev.kimi.transport;

import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicBoolean;

/** A body in memory. */
final class BytesBody implements RequestBody {

    static final RequestBody EMPTY = new BytesBody(new byte[0]);

    private final byte[] bytes;

    BytesBody(byte[] bytes) {
        this.bytes = bytes;
    }

    @Override
    public long length() {
        return bytes.length;
    }

    @Override
    public boolean isReplayable() {
        return true;
    }

    @Override
    public byte[] bytes() {
        return bytes;
    }

    @Override
    public void subscribe(Flow.Subscriber<? super ByteBuffer> subscriber) {
        Objects.requireNonNull(subscriber, "subscriber").onSubscribe(new Once(subscriber));
    }

    @Override
    public String toString() {
        return "RequestBody[" + bytes.length + " bytes]";
    }

    private final class Once extends AtomicBoolean implements Flow.Subscription {

        private static final long serialVersionUID = 1;

        private final transient Flow.Subscriber<? super ByteBuffer> subscriber;

        Once(Flow.Subscriber<? super ByteBuffer> subscriber) {
            this.subscriber = subscriber;
        }

        @Override
        public void request(long buffers) {
            if (!compareAndSet(false, true)) {
                return;
            }
            if (buffers < 1) {
                subscriber.onError(new IllegalArgumentException("at least 1 buffer must be requested"));
                return;
            }
            if (bytes.length > 0) {
                subscriber.onNext(ByteBuffer.wrap(bytes).asReadOnlyBuffer());
            }
            subscriber.onComplete();
        }

        @Override
        public void cancel() {
            set(true);
        }
    }
}
