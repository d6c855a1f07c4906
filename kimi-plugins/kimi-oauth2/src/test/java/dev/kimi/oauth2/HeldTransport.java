package dev.kimi.oauth2;

import dev.kimi.transport.Exchange;
import dev.kimi.transport.ExchangeHandler;
import dev.kimi.transport.Headers;
import dev.kimi.transport.Transport;
import dev.kimi.transport.TransportRequest;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;

/** Keeps what is sent until the test responds, on the thread that does. */
final class HeldTransport implements Transport {

    private final List<Held> sent = new CopyOnWriteArrayList<>();

    @Override
    public Exchange send(TransportRequest request, ExchangeHandler handler) {
        sent.add(new Held(request, handler));
        return new Exchange() {
            @Override
            public void request(long chunks) {}

            @Override
            public void abort() {}
        };
    }

    /** What was sent from that index on. */
    List<Held> sentFrom(int index) {
        List<Held> now = List.copyOf(sent);
        return now.subList(index, now.size());
    }

    @Override
    public void close() {}

    record Held(TransportRequest request, ExchangeHandler handler) {

        String authorization() {
            String value = request.headers().first("authorization");
            return value == null ? "" : value;
        }

        /** The form that was sent. */
        String body() {
            return new String(Objects.requireNonNull(request.body().bytes()), StandardCharsets.US_ASCII);
        }

        void respond(String json) {
            respond(200, json);
        }

        void respond(int status, String json) {
            handler.onHeaders(
                    status,
                    Headers.builder().add("content-type", "application/json").build());
            handler.onBody(ByteBuffer.wrap(json.getBytes(StandardCharsets.UTF_8)));
            handler.onComplete(Headers.empty());
        }

        void respond(int status) {
            handler.onHeaders(status, Headers.empty());
            handler.onComplete(Headers.empty());
        }
    }
}
