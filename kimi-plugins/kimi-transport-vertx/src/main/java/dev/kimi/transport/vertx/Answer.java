package dev.kimi.transport.vertx;

import dev.kimi.transport.ExchangeHandler;
import dev.kimi.transport.Headers;
import dev.kimi.transport.TransportFailure;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.internal.buffer.BufferInternal;
import java.nio.ByteBuffer;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The answer to an exchange from its headers on. Belongs to its loop's thread. */
final class Answer {

    private final VertxExchange exchange;
    private final ExchangeHandler handler;
    private final HttpClientResponse response;
    private final BodyFlow flow;
    private final PooledConnection connection;
    /** Within a callback, which may ask for more and must not be called from within itself. */
    private boolean telling;

    private boolean ended;
    /** Why the rest of the answer does not come. */
    private @Nullable TransportFailure failure;
    /** Vert.x has handed over all that it held when the answer broke. */
    private boolean emptied;

    Answer(
            VertxExchange exchange,
            ExchangeHandler handler,
            HttpClientResponse response,
            BodyFlow flow,
            PooledConnection connection) {
        this.exchange = exchange;
        this.handler = handler;
        this.response = response;
        this.flow = flow;
        this.connection = connection;
    }

    /**
     * The headers as the handler gets them.
     *
     * @throws IllegalArgumentException if they hold what no header may
     */
    static Headers headers(HttpClientResponse response) {
        Headers.Builder builder = Headers.builder();
        for (Map.Entry<String, String> entry : response.headers()) {
            builder.add(entry.getKey(), entry.getValue());
        }
        return builder.build();
    }

    /** Tells the headers, then lets the body come as far as it is asked for. */
    void begin(Headers headers) {
        response.pause();
        response.handler(this::chunk);
        response.endHandler(end -> end());
        telling = true;
        boolean returned = Callbacks.headers(handler, response.statusCode(), headers);
        telling = false;
        if (!returned) {
            exchange.abort();
        }
        deliver();
    }

    /** Nothing more is to come of it, for better or worse. */
    boolean isOver() {
        return ended || failure != null;
    }

    private void chunk(Buffer buffer) {
        if (exchange.isBeingAnswered()) {
            connection.hear();
            flow.offer(buffer);
            deliver();
        }
    }

    private void end() {
        ended = true;
        if (exchange.isBeingAnswered()) {
            exchange.leave();
            if (flow.isEmpty() && !telling) {
                exchange.complete();
            } else {
                exchange.hold();
            }
        }
    }

    /**
     * The answer breaks off, and its connection is gone. What has come of it is handed over first, as it is asked for;
     * it may even be the whole.
     */
    void broken(TransportFailure why) {
        failure = why;
        response.fetch(Long.MAX_VALUE);
        exchange.later(() -> {
            emptied = true;
            exchange.resetBroken();
            deliver();
        });
    }

    /** Hands over what is there and asked for, and fetches what is asked for and not there. */
    void deliver() {
        if (telling) {
            return;
        }
        while (exchange.isBeingAnswered()) {
            Buffer chunk = flow.take();
            if (chunk == null) {
                goOn();
                return;
            }
            exchange.consumed(chunk.length());
            telling = true;
            ByteBuffer bytes = ((BufferInternal) chunk).getByteBuf().nioBuffer();
            boolean returned = Callbacks.body(handler, bytes);
            telling = false;
            if (!returned) {
                exchange.abort();
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
                exchange.complete();
            } else if (failure != null && emptied) {
                exchange.fail(failure);
            }
        }
    }
}
