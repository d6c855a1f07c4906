package dev.kimi.transport.vertx;

import dev.kimi.transport.ExchangeHandler;
import dev.kimi.transport.Headers;
import dev.kimi.transport.TransportFailure;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.internal.buffer.BufferInternal;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** The response to an exchange from its headers on. Belongs to its loop's thread. */
final class VertxResponse {

    private final HttpClientResponse response;
    private final SentRequest request;
    private final BodyFlow flow;
    private final ExchangeHandler handler;
    private final Listener listener;
    /** Within a callback, which may ask for more and must not be called from within itself. */
    private boolean inCallback;

    private Headers headers = Headers.empty();
    private Headers trailers = Headers.empty();
    private boolean ended;
    /** Why the rest of the response does not come. */
    private @Nullable TransportFailure failure;
    /** Vert.x has handed over all that it held when the response broke. */
    private boolean emptied;

    /**
     * @param request that it responds to
     * @param flow by which the handler asks for chunks
     */
    VertxResponse(
            HttpClientResponse response,
            SentRequest request,
            BodyFlow flow,
            ExchangeHandler handler,
            Listener listener) {
        this.response = response;
        this.request = request;
        this.flow = flow;
        this.handler = handler;
        this.listener = listener;
    }

    /** Is notified of what becomes of the response, and knows whether it is wanted. */
    interface Listener {

        /** Whether the handler is still to be given something. */
        boolean isWanted();

        /** The response has left its connection, but not all of it was asked for yet. */
        void onUnread();

        /** The handler has been given all of the response. */
        void onComplete(Headers trailers);

        /** The handler has been given all that there is of a response without an end. */
        void onIncomplete(TransportFailure failure);

        /** The handler threw. */
        void onThrown();
    }

    /** Hands over the headers, then lets the body come as far as it is asked for. */
    void begin(Headers arrived) {
        headers = arrived;
        response.pause();
        response.handler(this::chunk);
        response.endHandler(end -> end());
        inCallback = true;
        boolean returned = Callbacks.headers(handler, response.statusCode(), arrived);
        inCallback = false;
        if (!returned) {
            listener.onThrown();
        }
        deliver();
    }

    /** The failure with what had come of the response. */
    TransportFailure complete(TransportFailure bare) {
        return bare.toBuilder().response(response.statusCode(), headers).build();
    }

    /** Nothing more is to come of it, for better or worse. */
    boolean isOver() {
        return ended || failure != null;
    }

    private void chunk(Buffer buffer) {
        if (listener.isWanted()) {
            request.hear();
            flow.offer(buffer);
            deliver();
        }
    }

    private void end() {
        try {
            trailers = SentRequest.headers(response.trailers());
        } catch (IllegalArgumentException badTrailer) {
            request.broken(badTrailer);
            return;
        }
        ended = true;
        if (listener.isWanted()) {
            request.leave();
            if (flow.isEmpty() && !inCallback) {
                listener.onComplete(trailers);
            } else {
                listener.onUnread();
            }
        }
    }

    /**
     * The response breaks off. What has come of it is handed over first, as it is asked for; it may even be the whole.
     *
     * @param loop on whose next turn Vert.x has handed over what it holds
     */
    void breakOff(TransportFailure why, LoopExecutor loop) {
        failure = why;
        listener.onUnread();
        response.fetch(Long.MAX_VALUE);
        loop.execute(turn -> {
            emptied = true;
            request.resetBroken();
            deliver();
        });
        request.leaveBroken();
    }

    /** Hands over what is there and asked for, and fetches what is asked for and not there. */
    void deliver() {
        if (inCallback) {
            return;
        }
        while (listener.isWanted()) {
            Buffer chunk = flow.take();
            if (chunk == null) {
                goOn();
                return;
            }
            request.consumed(chunk.length());
            inCallback = true;
            ByteBuffer bytes = ((BufferInternal) chunk).getByteBuf().nioBuffer();
            boolean returned = Callbacks.body(handler, bytes);
            inCallback = false;
            if (!returned) {
                listener.onThrown();
            }
        }
    }

    private void goOn() {
        if (!isOver()) {
            long more = flow.fetch();
            if (more > 0) {
                response.fetch(more);
            }
        } else if (flow.isEmpty()) {
            if (ended) {
                listener.onComplete(trailers);
            } else if (failure != null && emptied) {
                listener.onIncomplete(failure);
            }
        }
    }
}
