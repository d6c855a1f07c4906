package dev.kimi.transport;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.concurrent.Callable;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Reads an input stream for one subscriber as far as it requests. Reading blocks, so it is done on a thread of its own,
 * which goes as soon as nothing is requested; the stream is opened, read and closed by one thread at a time.
 */
final class SourceReading implements Flow.Subscription, Runnable {

    private static final int PIECE = 64 << 10;

    /** A thread for each source that blocks at this moment; none, soon after the last. */
    private static final class Threads {
        private static final AtomicInteger NUMBERS = new AtomicInteger();
        private static final Executor READERS = new ThreadPoolExecutor(
                0, Integer.MAX_VALUE, 1, TimeUnit.SECONDS, new SynchronousQueue<>(), Threads::make);

        private static Thread make(Runnable task) {
            Thread thread = new Thread(task, "kimi-request-body-" + NUMBERS.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        }
    }

    private final Callable<? extends InputStream> source;
    private final Flow.Subscriber<? super ByteBuffer> subscriber;
    private final AtomicLong demand = new AtomicLong();
    /**
     * How often something has changed since the reading thread looked; above 0 while there is one, and before the
     * subscriber has its subscription.
     */
    private final AtomicInteger changes = new AtomicInteger(1);

    private volatile boolean cancelled;
    private volatile boolean misused;

    private @Nullable InputStream stream;
    private boolean over;
    /** Guarded by this. */
    private @Nullable Thread reading;

    SourceReading(Callable<? extends InputStream> source, Flow.Subscriber<? super ByteBuffer> subscriber) {
        this.source = source;
        this.subscriber = subscriber;
    }

    /** Hands the subscriber its subscription, and reads nothing before it has it. */
    void begin() {
        subscriber.onSubscribe(this);
        if (changes.decrementAndGet() > 0) {
            Threads.READERS.execute(this);
        }
    }

    /** Hands the subscriber a subscription of which nothing comes but the reason. */
    void reject(Exception reason) {
        cancelled = true;
        over = true;
        subscriber.onSubscribe(this);
        subscriber.onError(reason);
    }

    @Override
    public void request(long buffers) {
        if (buffers < 1) {
            misused = true;
        } else {
            demand.accumulateAndGet(buffers, (a, b) -> a + b < 0 ? Long.MAX_VALUE : a + b);
        }
        changed();
    }

    @Override
    public void cancel() {
        cancelled = true;
        synchronized (this) {
            if (reading != null) {
                // it may wait for a source that never gives anything again
                reading.interrupt();
            }
        }
        changed();
    }

    private void changed() {
        if (changes.getAndIncrement() == 0) {
            Threads.READERS.execute(this);
        }
    }

    @Override
    public void run() {
        int seen = changes.get();
        do {
            step();
            seen = changes.addAndGet(-seen);
        } while (seen != 0);
    }

    private void step() {
        try {
            while (!over && !cancelled && !misused && demand.get() > 0) {
                InputStream open = stream;
                if (open == null) {
                    open = source.call();
                    stream = open;
                }
                byte[] piece = new byte[PIECE];
                int length = read(open, piece);
                if (length < 0) {
                    end();
                    subscriber.onComplete();
                } else if (length > 0 && !cancelled) {
                    demand.updateAndGet(n -> n == Long.MAX_VALUE ? n : n - 1);
                    subscriber.onNext(ByteBuffer.wrap(piece, 0, length));
                }
            }
            if (misused && !over && !cancelled) {
                end();
                subscriber.onError(new IllegalArgumentException("at least 1 buffer must be requested"));
            } else if (cancelled) {
                end();
            }
        } catch (Exception e) {
            fail(e);
        }
    }

    private int read(InputStream open, byte[] piece) throws IOException {
        synchronized (this) {
            reading = Thread.currentThread();
        }
        try {
            return open.read(piece);
        } finally {
            synchronized (this) {
                reading = null;
                // it was for this source, and not for the next one that the thread reads
                Thread.interrupted();
            }
        }
    }

    private void fail(Exception e) {
        boolean first = !over;
        try {
            end();
        } catch (IOException closing) {
            e.addSuppressed(closing);
        }
        if (first && !cancelled) {
            subscriber.onError(e);
        }
    }

    private void end() throws IOException {
        over = true;
        InputStream open = stream;
        stream = null;
        if (open != null) {
            open.close();
        }
    }
}
