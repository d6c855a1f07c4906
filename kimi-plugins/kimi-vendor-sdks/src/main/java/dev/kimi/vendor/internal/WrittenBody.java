package dev.kimi.vendor.internal;

import dev.kimi.transport.RequestBody;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.Flow;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A body that writes itself, as a source that is read by demand: it is written on a thread of its own, which waits
 * while nothing is asked for.
 */
final class WrittenBody implements RequestBody {

    private static final int PIECE = 16 << 10;

    private final VendorBody body;
    private final long length;
    private final SentBody owner;
    /** Held by the thread that writes. */
    private final ReentrantLock turn = new ReentrantLock();

    /** @param owner keeps the body open while it is written */
    WrittenBody(VendorBody body, long length, SentBody owner) {
        this.body = body;
        this.length = length;
        this.owner = owner;
    }

    @Override
    public long length() {
        return length;
    }

    @Override
    public boolean isReplayable() {
        return body.isRepeatable();
    }

    @Override
    public void subscribe(Flow.Subscriber<? super ByteBuffer> subscriber) {
        subscriber.onSubscribe(new Writing(subscriber));
    }

    /** One time that the body is written. All signals come from its thread. */
    private final class Writing extends OutputStream implements Flow.Subscription, Runnable {

        private final Flow.Subscriber<? super ByteBuffer> subscriber;
        private final ReentrantLock lock = new ReentrantLock();
        private final Condition changed = lock.newCondition();

        // guarded by lock
        private @Nullable Thread writer;
        private long demand;
        private boolean cancelled;
        private boolean badDemand;

        private Writing(Flow.Subscriber<? super ByteBuffer> subscriber) {
            this.subscriber = subscriber;
        }

        @Override
        public void request(long n) {
            lock.lock();
            try {
                badDemand |= n <= 0;
                demand = n <= 0 ? demand : demand + n < 0 ? Long.MAX_VALUE : demand + n;
                if (writer == null && !cancelled) {
                    writer = new Thread(this, "kimi-sdk-body");
                    writer.setDaemon(true);
                    writer.start();
                }
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void cancel() {
            lock.lock();
            try {
                cancelled = true;
                changed.signalAll();
                if (writer != null) {
                    // it may wait for the SDK's source
                    writer.interrupt();
                }
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void run() {
            Throwable failure = written();
            if (isCancelled()) {
                return;
            }
            if (failure == null) {
                subscriber.onComplete();
            } else {
                subscriber.onError(failure);
            }
        }

        /** Why it could not be written, or null. */
        private @Nullable Throwable written() {
            if (!owner.enter()) {
                return new IOException("the body was closed before it was written");
            }
            try {
                turn.lockInterruptibly();
                try {
                    BufferedOutputStream out = new BufferedOutputStream(this, PIECE);
                    body.writeTo(out);
                    out.flush();
                } finally {
                    turn.unlock();
                }
                return null;
            } catch (Throwable e) {
                // whatever the SDK throws, the exchange must not wait for more
                return e;
            } finally {
                owner.leave();
            }
        }

        private boolean isCancelled() {
            lock.lock();
            try {
                return cancelled;
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
            for (int done = 0; done < length; done += PIECE) {
                int size = Math.min(PIECE, length - done);
                awaitDemand();
                // the writer goes on with its array, and the buffer is the transport's
                subscriber.onNext(ByteBuffer.wrap(Arrays.copyOfRange(bytes, from + done, from + done + size)));
            }
        }

        private void awaitDemand() throws IOException {
            lock.lock();
            try {
                while (demand == 0 && !cancelled && !badDemand) {
                    changed.await();
                }
                if (badDemand) {
                    throw new IllegalArgumentException("at least one buffer has to be requested");
                }
                if (cancelled) {
                    throw new IOException("the exchange ended before its request was written");
                }
                demand--;
            } catch (InterruptedException e) {
                throw new InterruptedIOException("interrupted while the connection takes nothing");
            } finally {
                lock.unlock();
            }
        }
    }
}
