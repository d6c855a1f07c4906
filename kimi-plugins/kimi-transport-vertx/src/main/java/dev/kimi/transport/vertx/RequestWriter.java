package dev.kimi.transport.vertx;

import dev.kimi.time.TimeSource;
import dev.kimi.transport.RequestBody;
import dev.kimi.transport.TransportRequest;
import io.netty.buffer.Unpooled;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.internal.buffer.BufferInternal;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Writes one request: a body in memory in one piece, a streamed one as its source has it and the connection takes it.
 * Knows how much of it has left. Belongs to its loop's thread.
 */
final class RequestWriter implements BodyPump.Listener {

    private final TransportRequest message;
    private final LoopExecutor loop;
    private final TimeSource time;
    private final Listener listener;

    private @Nullable HttpClientRequest request;
    /** Null for a body in memory. */
    private @Nullable BodyPump pump;

    private boolean written;
    private long writtenAtNanos;

    RequestWriter(TransportRequest message, LoopExecutor loop, TimeSource time, Listener listener) {
        this.message = message;
        this.loop = loop;
        this.time = time;
        this.listener = listener;
    }

    /** Is notified of what keeps the request from being written. */
    interface Listener {

        /** The connection does not take it. */
        void onWriteFailed(Throwable cause);

        /** See {@link BodyPump.Listener#onBodyFailed}. */
        void onBodyFailed(@Nullable Throwable cause, @Nullable String detail);
    }

    /** @throws IllegalArgumentException if Vert.x rejects a header */
    void write(HttpClientRequest created) {
        request = created;
        MultiMap headers = created.headers();
        message.headers().forEach((name, value) -> headers.add((CharSequence) name, value));
        RequestBody body = message.body();
        byte[] bytes = body.bytes();
        if (bytes == null) {
            stream(created, body);
        } else if (bytes.length > 0) {
            ended(created.end(BufferInternal.buffer(Unpooled.wrappedBuffer(bytes))));
        } else {
            if (!"GET".equals(message.method()) && !"HEAD".equals(message.method())) {
                headers.set("content-length", "0");
            }
            ended(created.end());
        }
    }

    private void stream(HttpClientRequest created, RequestBody body) {
        if (body.length() < 0) {
            created.setChunked(true);
        } else {
            created.headers().set("content-length", Long.toString(body.length()));
        }
        created.writeHead();
        // the end of an unused connection would have crossed the head
        writtenAtNanos = time.nanoTime();
        BodyPump pumping = new BodyPump(body, created, loop, this);
        pump = pumping;
        pumping.begin();
    }

    private void ended(Future<Void> sent) {
        if (sent.succeeded()) {
            ended();
        } else {
            sent.onComplete((done, failure) -> {
                if (failure == null) {
                    ended();
                } else {
                    listener.onWriteFailed(failure);
                }
            });
        }
    }

    private void ended() {
        written = true;
        if (pump == null) {
            writtenAtNanos = time.nanoTime();
        }
    }

    @Override
    public void onBodyEnd() {
        ended(Objects.requireNonNull(request).end());
    }

    @Override
    public void onBodyFailed(@Nullable Throwable cause, @Nullable String detail) {
        listener.onBodyFailed(cause, detail);
    }

    @Override
    public void onWriteFailed(Throwable cause) {
        listener.onWriteFailed(cause);
    }

    /** No more is to be sent. */
    void stop() {
        if (pump != null) {
            pump.cancel();
        }
    }

    /** Whether the operating system took all of it. */
    boolean isWritten() {
        return written;
    }

    /** Whether all of it was written, and no longer ago; a streamed body counts from its head on. */
    boolean isWrittenWithin(long nanos) {
        return written && time.nanoTime() - writtenAtNanos <= nanos;
    }

    /** Whether the service can have begun with it: with all that was in memory, or with some of what is streamed. */
    boolean mayBeProcessed() {
        return written || (pump != null && pump.handedOver() > 0);
    }
}
