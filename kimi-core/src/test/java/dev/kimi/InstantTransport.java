package dev.kimi;

import dev.kimi.transport.Exchange;
import dev.kimi.transport.ExchangeHandler;
import dev.kimi.transport.Headers;
import dev.kimi.transport.Transport;
import dev.kimi.transport.TransportRequest;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.atomic.AtomicBoolean;

/** Gives the same response to every request, on another thread. */
record InstantTransport(ClientFixture.Reply reply) implements Transport {

    @Override
    public Exchange send(TransportRequest request, ExchangeHandler handler) {
        ForkJoinPool.commonPool()
                .execute(() -> handler.onHeaders(
                        reply.status(),
                        Headers.builder()
                                .add("content-type", "application/json")
                                .build()));
        AtomicBoolean asked = new AtomicBoolean();
        return new Exchange() {
            @Override
            public void request(long chunks) {
                if (asked.compareAndSet(false, true)) {
                    ForkJoinPool.commonPool().execute(() -> {
                        handler.onBody(ByteBuffer.wrap(reply.body().getBytes(StandardCharsets.UTF_8)));
                        handler.onComplete(Headers.empty());
                    });
                }
            }

            @Override
            public void abort() {}
        };
    }

    @Override
    public void close() {}
}
