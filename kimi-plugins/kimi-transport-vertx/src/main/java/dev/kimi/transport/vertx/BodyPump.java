package dev.kimi.transport.vertx;

import dev.kimi.transport.RequestBody;
import io.netty.buffer.Unpooled;
import io.vertx.core.Future;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.internal.buffer.BufferInternal;
import java.nio.ByteBuffer;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Takes a streamed body from its source and writes it to the request as the connection takes it: one buffer is
 * requested at a time, and none while too much waits for the socket or for the windows of HTTP/2. The source signals
 * from any thread; everything else belongs to the loop's thread.
 */
final class BodyPump implements Flow.Subscriber<ByteBuffer> {

    /** Bytes that may wait to be sent; with so many no further buffer is requested. */
    static final int MAX_WAITING = 256 * 1024;
    /** Buffers that are taken before other exchanges of the loop have their turn. */
    private static final int BUFFERS_PER_TURN = 16;

    private static final System.Logger LOG = System.getLogger("dev.kimi.connections");

    private final RequestBody body;
    private final long length;
    private final HttpClientRequest request;
    private final LoopExecutor loop;
    private final Listener listener;
    /** Signals on their way to the loop, which one on its thread must not overtake. */
    private final AtomicInteger signals = new AtomicInteger();

    private Flow.@Nullable Subscription subscription;
    /** The source has ended, or is not wanted any more. */
    private boolean over;
    /** A buffer was requested and has not come. */
    private boolean requested;

    private boolean pulling;
    private long handedOver;
    private long waiting;

    /** @param request whose head is written */
    BodyPump(RequestBody body, HttpClientRequest request, LoopExecutor loop, Listener listener) {
        this.body = body;
        this.length = body.length();
        this.request = request;
        this.loop = loop;
        this.listener = listener;
    }

    /** Is notified of the end of the body. */
    interface Listener {

        /** All of the body was handed to the connection. */
        void onBodyEnd();

        /**
         * The source failed, or broke its contract.
         *
         * @param cause what it failed by, if it said
         * @param detail how it broke its contract, if it did
         */
        void onBodyFailed(@Nullable Throwable cause, @Nullable String detail);

        /** The connection does not take the body, of which no more is taken from the source. */
        void onWriteFailed(Throwable cause);
    }

    void begin() {
        try {
            body.subscribe(this);
        } catch (RuntimeException | Error e) {
            fail(e, null);
        }
    }

    /** Bytes that the connection was given. */
    long handedOver() {
        return handedOver;
    }

    /** Takes no more from the source, which hears of it unless it has ended. */
    void cancel() {
        if (!over) {
            over = true;
            if (subscription != null) {
                cancel(subscription);
            }
        }
    }

    private static void cancel(Flow.Subscription unwanted) {
        try {
            unwanted.cancel();
        } catch (RuntimeException | Error e) {
            LOG.log(System.Logger.Level.ERROR, "The source of a request body threw when it was cancelled", e);
        }
    }

    @Override
    public void onSubscribe(Flow.Subscription begun) {
        if (!signal(() -> subscribed(begun))) {
            cancel(begun);
        }
    }

    @Override
    public void onNext(ByteBuffer buffer) {
        signal(() -> take(buffer));
    }

    @Override
    public void onError(Throwable cause) {
        signal(() -> {
            if (!over) {
                over = true;
                listener.onBodyFailed(cause, null);
            }
        });
    }

    @Override
    public void onComplete() {
        signal(this::end);
    }

    /** Runs on the loop's thread, after all signals before; returns false if the loop is closed and will not. */
    private boolean signal(Runnable handling) {
        if (loop.inThread() && signals.get() == 0) {
            handling.run();
            return true;
        }
        signals.incrementAndGet();
        return loop.execute(turn -> {
            signals.decrementAndGet();
            handling.run();
        });
    }

    private void subscribed(Flow.Subscription begun) {
        if (over || subscription != null) {
            cancel(begun);
        } else {
            subscription = begun;
            pull();
        }
    }

    private void take(ByteBuffer buffer) {
        if (over) {
            return;
        }
        if (!requested) {
            fail(null, "The source of the request's body handed out more than was requested.");
            return;
        }
        requested = false;
        int bytes = buffer.remaining();
        if (length >= 0 && handedOver + bytes > length) {
            fail(null, "The source of the request's body has more bytes than its length, " + length + ".");
            return;
        }
        if (bytes > 0) {
            write(buffer, bytes);
        }
        pull();
    }

    private void write(ByteBuffer buffer, int bytes) {
        handedOver += bytes;
        Future<Void> sent = request.write(BufferInternal.buffer(Unpooled.wrappedBuffer(buffer)));
        if (sent.succeeded()) {
            return;
        }
        waiting += bytes;
        sent.onComplete((done, failure) -> {
            waiting -= bytes;
            if (failure == null) {
                pull();
            } else if (!over) {
                cancel();
                listener.onWriteFailed(failure);
            }
        });
    }

    /** Requests as much as the connection takes; a source that signals within that is served by the loop below. */
    private void pull() {
        if (pulling) {
            return;
        }
        pulling = true;
        int left = BUFFERS_PER_TURN;
        while (!over && subscription != null && !requested && waiting < MAX_WAITING) {
            if (left-- == 0) {
                loop.execute(turn -> pull());
                break;
            }
            requested = true;
            try {
                subscription.request(1);
            } catch (RuntimeException | Error e) {
                fail(e, null);
            }
        }
        pulling = false;
    }

    private void end() {
        if (over) {
            return;
        }
        over = true;
        if (length >= 0 && handedOver < length) {
            listener.onBodyFailed(
                    null,
                    "The source of the request's body ended after " + handedOver + " of the " + length
                            + " bytes of its length.");
        } else {
            listener.onBodyEnd();
        }
    }

    private void fail(@Nullable Throwable cause, @Nullable String detail) {
        if (!over) {
            cancel();
            listener.onBodyFailed(cause, detail);
        }
    }
}
