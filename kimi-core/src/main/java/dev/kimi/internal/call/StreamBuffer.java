package dev.kimi.internal.call;

import dev.kimi.error.KimiException;
import dev.kimi.internal.leak.CallMade;
import dev.kimi.internal.leak.Leaks;
import dev.kimi.internal.util.EventLoops;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The buffer between the transport's thread, which adds what it has read, and the one consumer, who takes it. It is
 * bounded by demand: the next chunk is asked for only while little waits, so that what waits is never more than the low
 * mark and what comes of one chunk.
 *
 * <p>The consumer holds a {@link WatchedStream} and not this: transport and timer refer to this one while the call is
 * under way, so that its being dropped would go unnoticed. This is also what runs when the handle is gone.
 */
abstract class StreamBuffer<T> implements EventSubscription.Source<T>, Runnable {

    static final String USED = "a stream is good for one use, and this one is used; make a stream for each";

    private final Leaks.Kind kind;
    private final int lowMark;
    private final Executor executor;
    private final Leaks leaks;
    private final CallMade made;

    private final Queue<T> items = new ConcurrentLinkedQueue<>();
    private final AtomicInteger size = new AtomicInteger();
    private final AtomicBoolean used = new AtomicBoolean();
    /** A body whose next chunk has not been asked for, because enough waits. */
    private final AtomicReference<@Nullable BodySource> held = new AtomicReference<>();

    private volatile @Nullable CallHandle call;
    private volatile @Nullable End end;
    private volatile @Nullable Thread waiter;
    private volatile @Nullable EventSubscription<T> delivery;
    /** The program subscribed to the stream or closed it, so that its handle may go. */
    private volatile boolean settled;
    /** Cancelled: whatever waits, or is being added by a thread that has not noticed, is for nobody. */
    private volatile boolean discarded;

    private boolean anyDelivered;

    /** How the stream ended: well, or with a failure. */
    private record End(@Nullable KimiException failure) {
        private static final End WELL = new End(null);
    }

    /**
     * @param lowMark how much may wait while more is asked for, in the unit of {@link #weight}
     * @param executor where a subscriber is called
     */
    StreamBuffer(Leaks.Kind kind, int lowMark, Executor executor, Leaks leaks, CallMade made) {
        this.kind = kind;
        this.lowMark = lowMark;
        this.executor = executor;
        this.leaks = leaks;
        this.made = made;
    }

    /** How much of the buffer the item takes. */
    abstract int weight(T item);

    /** Set before anybody else sees the stream. */
    final void of(CallHandle started) {
        this.call = started;
    }

    /** From now on the program can drop the stream. */
    final void opened() {
        leaks.streamOpened(made, this::isUnread);
    }

    // --- the transport's side ----------------------------------------------------------------------------------

    public final void add(T item) {
        if (end != null) {
            return;
        }
        if (!anyDelivered) {
            anyDelivered = true;
            CallHandle current = call;
            if (current != null) {
                current.firstEventDelivered();
            }
        }
        size.addAndGet(weight(item));
        items.add(item);
        wakeConsumer();
    }

    /** False when enough waits; then the body is asked for its next chunk once some was taken. */
    public final boolean wantsMore(BodySource body) {
        if (size.get() < lowMark) {
            return true;
        }
        held.set(body);
        // the consumer may have taken the last item between the look and the note
        return size.get() < lowMark && held.compareAndSet(body, null);
    }

    /** The stream has ended well. */
    final void completed() {
        endWith(End.WELL);
    }

    public final void failed(KimiException failure) {
        endWith(new End(failure));
    }

    public final void cancelled(KimiException reason) {
        discarded = true;
        endWith(new End(reason));
        items.clear();
    }

    private void endWith(End how) {
        end = how;
        held.set(null);
        wakeConsumer();
    }

    private void wakeConsumer() {
        Thread parked = waiter;
        if (parked != null) {
            LockSupport.unpark(parked);
        }
        EventSubscription<T> current = delivery;
        if (current != null) {
            current.run();
        }
    }

    // --- the consumer's side -----------------------------------------------------------------------------------

    @Override
    public final @Nullable T poll() {
        T item = discarded ? null : items.poll();
        if (item != null && size.addAndGet(-weight(item)) < lowMark / 2) {
            BodySource waiting = held.get();
            if (waiting != null && held.compareAndSet(waiting, null)) {
                waiting.request(1);
            }
        }
        return item;
    }

    @Override
    public final boolean waiting() {
        return !discarded && !items.isEmpty();
    }

    @Override
    public final boolean ended() {
        return end != null;
    }

    @Override
    public final @Nullable KimiException failure() {
        End how = end;
        return how == null ? null : how.failure();
    }

    /** Claims the one use of the stream. */
    final boolean use() {
        return used.compareAndSet(false, true);
    }

    /** True when the subscriber has the stream now, which no longer needs its handle. */
    final boolean subscribe(Flow.Subscriber<? super T> subscriber) {
        // null must not use the stream up
        EventSubscription<T> added =
                new EventSubscription<>(this, Objects.requireNonNull(subscriber, "subscriber"), executor);
        if (!use()) {
            added.reject(new IllegalStateException(USED));
            return false;
        }
        delivery = added;
        added.begin();
        // not before: a subscriber that threw instead of taking the subscription has dropped the stream
        settled = true;
        return true;
    }

    @Override
    public final void deliversNoMore() {
        delivery = null;
    }

    /** The next item, blocking while none is there; null at the end. */
    final @Nullable T await() {
        waiter = Thread.currentThread();
        try {
            while (true) {
                // in this order: an end that is seen has everything before it in the queue
                boolean over = ended();
                T item = poll();
                if (item != null) {
                    return item;
                }
                if (over) {
                    return finish();
                }
                EventLoops.checkMayWait();
                LockSupport.park(this);
                if (Thread.currentThread().isInterrupted()) {
                    cancel("its thread was interrupted");
                }
            }
        } finally {
            waiter = null;
        }
    }

    private @Nullable T finish() {
        KimiException failure = failure();
        if (failure != null) {
            throw CallerStack.of(failure);
        }
        return null;
    }

    final void close() {
        settled = true;
        cancel("its stream was closed");
    }

    @Override
    public final void cancel(String by) {
        CallHandle current = call;
        if (current != null && end == null) {
            current.cancel(details -> Failures.cancelled(by, details));
        }
    }

    /** The handle is gone, or has no further use: was there something that the program dropped? */
    @Override
    public final void run() {
        if (isUnread()) {
            // or it would be neither open nor dropped for a moment, and who looks then would not see it
            leaks.streamOpened(made, () -> true);
            cancel("its stream was dropped");
            leaks.streamDropped(made, kind);
        }
        leaks.streamCleaned(made);
    }

    /** Whether it would be a leak to drop the stream now. */
    private boolean isUnread() {
        return !settled && (end == null || waiting());
    }
}
