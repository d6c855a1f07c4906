package dev.kimi.test.contract;

import dev.kimi.transport.RequestBody;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.CRC32;

/** A streamed body that makes its bytes as they are requested, and counts what is done with it. */
final class RecordedBody implements RequestBody {

    private final long total;
    private final int bufferSize;
    private long length;
    private long failAfter = Long.MAX_VALUE;
    private RuntimeException failure = new IllegalStateException("the source failed");
    private boolean failByThrowing;
    private Executor executor = Runnable::run;

    private final AtomicInteger subscriptions = new AtomicInteger();
    private final AtomicInteger cancels = new AtomicInteger();
    private final AtomicLong handedOut = new AtomicLong();
    private final CompletableFuture<Long> ended = new CompletableFuture<>();
    private final CompletableFuture<Void> cancelled = new CompletableFuture<>();

    private RecordedBody(long total, int bufferSize) {
        this.total = total;
        this.bufferSize = bufferSize;
        this.length = total;
    }

    /** A body that knows its length, and hands its bytes out within {@code request}. */
    static RecordedBody of(long total, int bufferSize) {
        return new RecordedBody(total, bufferSize);
    }

    RecordedBody claiming(long claimed) {
        length = claimed;
        return this;
    }

    RecordedBody ofUnknownLength() {
        return claiming(UNKNOWN_LENGTH);
    }

    /** Signals come from there. */
    RecordedBody on(Executor threads) {
        executor = threads;
        return this;
    }

    RecordedBody failingAfter(long bytes, RuntimeException with) {
        failAfter = bytes;
        failure = with;
        return this;
    }

    /** Throws from {@code request}, which no source may. */
    RecordedBody throwingAfter(long bytes) {
        failByThrowing = true;
        return failingAfter(bytes, failure);
    }

    int subscriptions() {
        return subscriptions.get();
    }

    int cancels() {
        return cancels.get();
    }

    long handedOut() {
        return handedOut.get();
    }

    /** Completes with the checksum of what was handed out when the source has ended by itself. */
    CompletableFuture<Long> ended() {
        return ended;
    }

    CompletableFuture<Void> cancelled() {
        return cancelled;
    }

    @Override
    public long length() {
        return length;
    }

    @Override
    public void subscribe(Flow.Subscriber<? super ByteBuffer> subscriber) {
        subscriptions.incrementAndGet();
        Source source = new Source(subscriber);
        executor.execute(() -> subscriber.onSubscribe(source));
    }

    private final class Source implements Flow.Subscription {
        private final Flow.Subscriber<? super ByteBuffer> subscriber;
        private final AtomicLong demand = new AtomicLong();
        private final CRC32 checksum = new CRC32();
        private volatile boolean over;

        Source(Flow.Subscriber<? super ByteBuffer> subscriber) {
            this.subscriber = subscriber;
        }

        @Override
        public void request(long buffers) {
            if (demand.getAndAdd(buffers) == 0) {
                executor.execute(this::handOut);
            }
        }

        private void handOut() {
            do {
                if (!over) {
                    next();
                }
            } while (demand.decrementAndGet() > 0);
        }

        private void next() {
            long from = handedOut.get();
            if (from >= failAfter) {
                over = true;
                ended.complete(checksum.getValue());
                if (failByThrowing) {
                    throw failure;
                }
                subscriber.onError(failure);
                return;
            }
            byte[] bytes = new byte[(int) Math.min(bufferSize, total - from)];
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = (byte) ((from + i) * 31 >> 4);
            }
            checksum.update(bytes);
            handedOut.addAndGet(bytes.length);
            subscriber.onNext(ByteBuffer.wrap(bytes));
            if (from + bytes.length == total && failAfter > total && !over) {
                over = true;
                ended.complete(checksum.getValue());
                subscriber.onComplete();
            }
        }

        @Override
        public void cancel() {
            over = true;
            cancels.incrementAndGet();
            cancelled.complete(null);
        }
    }

    @Override
    public String toString() {
        return "RecordedBody[" + handedOut + " of " + total + " bytes handed out, cancelled " + cancels + " times]";
    }
}
