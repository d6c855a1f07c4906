package dev.kimi.test.junit;

import dev.kimi.KimiClient;
import dev.kimi.time.VirtualTime;
import dev.kimi.transport.Exchange;
import dev.kimi.transport.ExchangeHandler;
import dev.kimi.transport.Headers;
import dev.kimi.transport.PoolState;
import dev.kimi.transport.Transport;
import dev.kimi.transport.TransportRequest;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A transport whose responses and pool are what a test says; without a word from it, nothing comes. */
final class StubTransport implements Transport {

    final List<ExchangeHandler> sent = new ArrayList<>();
    volatile PoolState state = PoolState.UNKNOWN;

    KimiClient client() {
        VirtualTime time = new VirtualTime();
        return KimiClient.builder()
                .apiKey("sk-test")
                .transport(this)
                .callbackExecutor(Runnable::run)
                .time(time, time)
                .build();
    }

    /** Responds to the latest request. */
    void respond(int status, String body, String... headers) {
        Headers.Builder all = Headers.builder();
        for (int i = 0; i < headers.length; i += 2) {
            all.add(headers[i], headers[i + 1]);
        }
        ExchangeHandler handler = sent.get(sent.size() - 1);
        handler.onHeaders(status, all.build());
        handler.onBody(ByteBuffer.wrap(body.getBytes(StandardCharsets.UTF_8)));
        handler.onComplete(Headers.empty());
    }

    @Override
    public PoolState pool() {
        return state;
    }

    @Override
    public Exchange send(TransportRequest request, ExchangeHandler handler) {
        sent.add(handler);
        return new Exchange() {
            @Override
            public void request(long chunks) {}

            @Override
            public void abort() {}
        };
    }

    @Override
    public void close() {}
}
