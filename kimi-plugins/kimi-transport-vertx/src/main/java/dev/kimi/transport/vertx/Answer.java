package dev.kimi.transport.vertx;

import dev.kimi.transport.ExchangeHandler;
import dev.kimi.transport.Headers;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.internal.buffer.BufferInternal;
import java.nio.ByteBuffer;
import java.util.Map;

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

    boolean hasEnded() {
        return ended;
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
            }
        }
    }

    /** Hands over what is there and asked for, and fetches what is asked for and not there. */
    void deliver() {
        if (telling || !exchange.isBeingAnswered()) {
            return;
        }
        Buffer chunk = flow.take();
        if (chunk != null) {
            telling = true;
            ByteBuffer bytes = ((BufferInternal) chunk).getByteBuf().nioBuffer();
            boolean returned = Callbacks.body(handler, bytes);
            telling = false;
            if (!returned) {
                exchange.abort();
            }
        }
        if (exchange.isBeingAnswered()) {
            goOn();
        }
    }

    private void goOn() {
        if (ended) {
            if (flow.isEmpty()) {
                exchange.complete();
            }
            return;
        }
        long more = flow.fetch();
        if (more > 0) {
            response.fetch(more);
        }
    }
}
