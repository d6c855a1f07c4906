package dev.kimi.gateway.face;

import java.nio.ByteBuffer;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;

/**
 * Brings what a service sends to the client's socket. As much is requested of the service as the socket takes, and
 * {@value #AHEAD} items more.
 *
 * <p>All work is done on the thread of the socket, by one run at a time: what comes from elsewhere leaves word and lets
 * it run.
 */
abstract class Pump<T> implements Publisher<ByteBuffer>, Subscription, Flow.Subscriber<T>, Runnable {

    private static final int AHEAD = 4;

    private final Writability socket;
    private final ConcurrentLinkedQueue<T> items = new ConcurrentLinkedQueue<>();
    private final AtomicInteger runs = new AtomicInteger();

    private volatile Flow.@Nullable Subscription upstream;
    private volatile @Nullable Throwable failure;
    private volatile boolean ended;
    private volatile boolean cancelled;
    private volatile boolean over;

    // Only on the thread of the socket.
    private @Nullable Subscriber<? super ByteBuffer> client;
    private long demand;
    private int requested;

    Pump(Writability socket) {
        this.socket = socket;
    }

    /** What an item becomes; null and nothing for an item that brings no bytes. */
    abstract @Nullable ByteBuffer bytesOf(T item);

    /** The last bytes, when the service has ended its part. */
    abstract @Nullable ByteBuffer last(@Nullable Throwable why) throws BrokenOff;

    /** Bytes are about to go to the client. */
    abstract void delivering(ByteBuffer bytes);

    /** What goes out though the service has sent nothing, or null. */
    @Nullable ByteBuffer filler() {
        return null;
    }

    /** The client can be served from now on. */
    void started() {}

    /** Nothing more goes to the client. */
    void stopped() {}

    /** Ends the service's part. */
    abstract void cancelUpstream();

    /** There will be no more items. */
    final void fail(Throwable why) {
        this.failure = why;
        this.ended = true;
        schedule();
    }

    final boolean isOver() {
        return over || cancelled;
    }

    @Override
    public final void subscribe(Subscriber<? super ByteBuffer> subscriber) {
        socket.executor().execute(() -> {
            client = subscriber;
            socket.onWritable(this::schedule);
            started();
            subscriber.onSubscribe(this);
            schedule();
        });
    }

    @Override
    public final void request(long n) {
        socket.executor().execute(() -> {
            demand = demand + n < 0 ? Long.MAX_VALUE : demand + n;
            schedule();
        });
    }

    /** Idempotent, from any thread. */
    @Override
    public final void cancel() {
        if (!over && !cancelled) {
            cancelled = true;
            cancelUpstream();
            schedule();
        }
    }

    @Override
    public final void onSubscribe(Flow.Subscription subscription) {
        this.upstream = subscription;
        schedule();
    }

    @Override
    public final void onNext(T item) {
        items.add(item);
        schedule();
    }

    @Override
    public final void onError(Throwable why) {
        fail(why);
    }

    @Override
    public final void onComplete() {
        this.ended = true;
        schedule();
    }

    final void schedule() {
        if (runs.getAndIncrement() == 0) {
            socket.executor().execute(this);
        }
    }

    @Override
    public final void run() {
        int seen;
        do {
            seen = runs.get();
            if (client != null && !over) {
                work(client);
            }
        } while (runs.addAndGet(-seen) != 0);
    }

    private void work(Subscriber<? super ByteBuffer> to) {
        if (cancelled) {
            stop();
            return;
        }
        boolean mayEnd = ended;
        T item;
        while (demand > 0 && (item = items.poll()) != null) {
            requested--;
            ByteBuffer bytes = bytesOf(item);
            if (bytes != null && bytes.hasRemaining()) {
                delivering(bytes);
                emit(to, bytes);
            }
        }
        if (mayEnd && items.isEmpty() && demand > 0) {
            end(to);
            return;
        }
        if (demand > 0 && socket.isWritable()) {
            emit(to, filler());
        }
        Flow.Subscription from = upstream;
        if (from != null && requested <= AHEAD / 2 && demand > 0 && socket.isWritable()) {
            int more = AHEAD - requested;
            requested = AHEAD;
            from.request(more);
        }
    }

    private void emit(Subscriber<? super ByteBuffer> to, @Nullable ByteBuffer bytes) {
        if (bytes != null && bytes.hasRemaining()) {
            demand--;
            to.onNext(bytes);
        }
    }

    private void end(Subscriber<? super ByteBuffer> to) {
        try {
            emit(to, last(failure));
        } catch (BrokenOff cut) {
            stop();
            to.onError(cut);
            return;
        }
        stop();
        to.onComplete();
    }

    private void stop() {
        over = true;
        items.clear();
        socket.release();
        stopped();
    }
}
