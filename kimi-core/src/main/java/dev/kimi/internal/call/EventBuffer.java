package dev.kimi.internal.call;

import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.Tool;
import dev.kimi.error.KimiException;
import dev.kimi.internal.endpoint.Endpoint;
import dev.kimi.internal.endpoint.ResponseMark;
import dev.kimi.internal.leak.CallMade;
import dev.kimi.internal.leak.Leaks;
import dev.kimi.internal.util.EventLoops;
import java.util.List;
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
 * The buffer between the transport's thread, which adds events, and the one consumer, who takes them. It is bounded by
 * demand: the next chunk is asked for only while few events wait, so that what waits is never more than the low mark
 * and the events of one chunk.
 *
 * <p>The consumer holds a {@link StreamHandle} and not this: transport and timer refer to this one while the call is
 * under way, so that its being dropped would go unnoticed. This is also what runs when the handle is gone.
 */
final class EventBuffer implements ResponseConsumer, EventSink, EventSubscription.Source, Runnable {

    static final String USED = "a stream is good for one use, and this one is used; make a stream for each";

    private static final int LOW_MARK = 32;

    private final List<Tool> tools;
    private final Executor executor;
    private final Leaks leaks;
    private final CallMade made;

    private final Queue<ChatEvent> events = new ConcurrentLinkedQueue<>();
    private final AtomicInteger size = new AtomicInteger();
    private final AtomicBoolean used = new AtomicBoolean();
    /** A body whose next chunk has not been asked for, because enough events wait. */
    private final AtomicReference<@Nullable BodySource> held = new AtomicReference<>();

    private volatile @Nullable CallHandle call;
    private volatile @Nullable End end;
    private volatile @Nullable Thread waiter;
    private volatile @Nullable EventSubscription delivery;
    /** The program subscribed to the stream or closed it, so that its handle may go. */
    private volatile boolean settled;
    /** Given up: whatever waits, or is being added by a thread that has not noticed, is for nobody. */
    private volatile boolean discarded;

    private boolean anyDelivered;

    /** How the stream ended: with an answer, or with a failure. */
    private record End(
            @Nullable ChatResponse response, @Nullable KimiException failure) {}

    EventBuffer(List<Tool> tools, Executor executor, Leaks leaks, CallMade made) {
        this.tools = tools;
        this.executor = executor;
        this.leaks = leaks;
        this.made = made;
        leaks.streamOpened(made, this::isUnread);
    }

    /** Set before anybody else sees the stream. */
    void of(CallHandle started) {
        this.call = started;
    }

    // --- the transport's side ----------------------------------------------------------------------------------

    @Override
    public BodyReader open(BodySource body, ResponseHead head, Endpoint endpoint, ResponseMark mark) {
        return new StreamReader(body, endpoint.decoder(head.headers(), tools), this, mark);
    }

    @Override
    public void add(ChatEvent event) {
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
        size.incrementAndGet();
        events.add(event);
        wakeConsumer();
    }

    @Override
    public boolean wantsMore(BodySource body) {
        if (size.get() < LOW_MARK) {
            return true;
        }
        held.set(body);
        // the consumer may have taken the last event between the look and the note
        return size.get() < LOW_MARK && held.compareAndSet(body, null);
    }

    @Override
    public void completed(ChatResponse response) {
        endWith(new End(response, null));
    }

    @Override
    public void failed(KimiException failure) {
        endWith(new End(null, failure));
    }

    @Override
    public void cancelled(KimiException reason) {
        discarded = true;
        endWith(new End(null, reason));
        events.clear();
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
        EventSubscription current = delivery;
        if (current != null) {
            current.run();
        }
    }

    // --- the consumer's side -----------------------------------------------------------------------------------

    /** The next event that waits, or null. */
    @Override
    public @Nullable ChatEvent poll() {
        ChatEvent event = discarded ? null : events.poll();
        if (event != null && size.decrementAndGet() < LOW_MARK / 2) {
            BodySource waiting = held.get();
            if (waiting != null && held.compareAndSet(waiting, null)) {
                waiting.request(1);
            }
        }
        return event;
    }

    /** True when an event waits. */
    @Override
    public boolean waiting() {
        return !discarded && !events.isEmpty();
    }

    @Override
    public boolean ended() {
        return end != null;
    }

    @Override
    public @Nullable KimiException failure() {
        End how = end;
        return how == null ? null : how.failure();
    }

    /** Claims the one use of the stream. */
    boolean use() {
        return used.compareAndSet(false, true);
    }

    /** True when the subscriber has the stream now, which no longer needs its handle. */
    boolean subscribe(Flow.Subscriber<? super ChatEvent> subscriber) {
        // null must not use the stream up
        EventSubscription added =
                new EventSubscription(this, Objects.requireNonNull(subscriber, "subscriber"), executor);
        if (!use()) {
            added.refuse(new IllegalStateException(USED));
            return false;
        }
        delivery = added;
        added.begin();
        // not before: a subscriber that threw instead of taking the subscription has dropped the stream
        settled = true;
        return true;
    }

    @Override
    public void deliversNoMore() {
        delivery = null;
    }

    /** The next event, blocking while none is there; null at the end. */
    @Nullable ChatEvent await() {
        waiter = Thread.currentThread();
        try {
            while (true) {
                // in this order: an end that is seen has all its events before it in the queue
                boolean over = ended();
                ChatEvent event = poll();
                if (event != null) {
                    return event;
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

    private @Nullable ChatEvent finish() {
        KimiException failure = failure();
        if (failure != null) {
            throw CallerStack.of(failure);
        }
        return null;
    }

    ChatResponse response() {
        End how = end;
        if (how == null) {
            throw new IllegalStateException("the stream has not ended: take its events first");
        }
        if (how.response() == null) {
            throw new IllegalStateException(
                    "the stream did not end well, so there is no complete response", how.failure());
        }
        return how.response();
    }

    void close() {
        settled = true;
        cancel("its stream was closed");
    }

    @Override
    public void cancel(String by) {
        CallHandle current = call;
        if (current != null && end == null) {
            current.cancel(details -> Failures.cancelled(by, details));
        }
    }

    /** The handle is gone, or has told that it has no further use: was there something that the program dropped? */
    @Override
    public void run() {
        if (isUnread()) {
            // or it would be neither open nor dropped for a moment, and who looks then would not see it
            leaks.streamOpened(made, () -> true);
            cancel("its stream was dropped");
            leaks.streamDropped(made);
        }
        leaks.streamCleaned(made);
    }

    /** Whether it would be a leak to drop the stream now. */
    private boolean isUnread() {
        return !settled && (end == null || waiting());
    }
}
