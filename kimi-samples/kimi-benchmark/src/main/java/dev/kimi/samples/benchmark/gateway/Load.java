package dev.kimi.samples.benchmark.gateway;

import dev.kimi.spi.ProviderSettings;
import dev.kimi.time.Timer;
import dev.kimi.transport.Exchange;
import dev.kimi.transport.ExchangeHandler;
import dev.kimi.transport.Headers;
import dev.kimi.transport.RequestBody;
import dev.kimi.transport.Transport;
import dev.kimi.transport.TransportFailure;
import dev.kimi.transport.TransportRequest;
import dev.kimi.transport.vertx.VertxTransportFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The clients of a gateway: requests over a transport, without an engine. */
final class Load implements AutoCloseable {

    private final Timer timer = Timer.wheel("load-timer");
    private final Transport transport = new VertxTransportFactory()
            .create(ProviderSettings.builder("load", timer)
                    .set("max-connections", "12000")
                    .set("max-pending", "12000")
                    .set("idle-timeout", "1s")
                    .build());

    /** Sends a request; what it gives is complete when the response has ended. */
    Response send(Contender to, boolean stream, String wish) {
        Headers.Builder headers = Headers.builder().add("content-type", "application/json");
        to.headers().forEach(headers::add);
        TransportRequest request = TransportRequest.builder(
                        "POST", to.base(), to.dialect().path())
                .headers(headers.build())
                .body(RequestBody.of(to.dialect().body(to.model(), stream, wish)))
                .build();
        Response response = new Response(to.dialect().endMark());
        response.sent(transport.send(request, response));
        return response;
    }

    @Override
    public void close() {
        transport.close();
        timer.close();
    }

    /** A response, read as fast as it comes. */
    static final class Response implements ExchangeHandler {

        private final CompletableFuture<Response> end = new CompletableFuture<>();
        private final StringBuilder tail = new StringBuilder();
        private final String endMark;
        private volatile @Nullable Exchange exchange;
        private volatile Headers headers = Headers.builder().build();
        private volatile int status;
        private volatile long events;
        private volatile boolean broken;
        private volatile long lastByteNanos;

        private Response(String endMark) {
            this.endMark = endMark;
        }

        private void sent(Exchange started) {
            exchange = started;
            started.request(Long.MAX_VALUE);
        }

        @Override
        public void onHeaders(int code, Headers with) {
            status = code;
            headers = with;
        }

        @Override
        public void onBody(ByteBuffer chunk) {
            lastByteNanos = Clock.now();
            String text = StandardCharsets.UTF_8.decode(chunk).toString();
            long found = 0;
            for (int at = text.indexOf(" token "); at >= 0; at = text.indexOf(" token ", at + 1)) {
                found++;
            }
            events += found;
            tail.append(text);
            tail.delete(0, Math.max(0, tail.length() - 1000));
        }

        @Override
        public void onComplete(Headers trailers) {
            end.complete(this);
        }

        @Override
        public void onFailure(TransportFailure failure) {
            broken = true;
            end.complete(this);
        }

        void abort() {
            Exchange started = exchange;
            if (started != null) {
                started.abort();
            }
        }

        CompletableFuture<Response> end() {
            return end;
        }

        int status() {
            return status;
        }

        @Nullable String header(String name) {
            return headers.first(name);
        }

        /** Events with text that have come so far. */
        long events() {
            return events;
        }

        long lastByteNanos() {
            return lastByteNanos;
        }

        /** How it looks to a client, once it has ended. */
        String outcome() {
            if (broken) {
                return status == 0 ? "connection broken" : "connection broken within the response";
            }
            boolean whole = tail.indexOf(endMark) >= 0;
            boolean error = tail.indexOf("\"error\"") >= 0;
            return whole ? "ends as if whole" : error ? "error event" : "ends without its end mark";
        }
    }
}
