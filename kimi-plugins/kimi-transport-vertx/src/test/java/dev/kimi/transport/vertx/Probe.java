package dev.kimi.transport.vertx;

import dev.kimi.transport.ExchangeHandler;
import dev.kimi.transport.Headers;
import dev.kimi.transport.TransportFailure;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Records what an exchange reports, and lets a test wait for it. */
class Probe implements ExchangeHandler {

    final CompletableFuture<Integer> status = new CompletableFuture<>();
    final CompletableFuture<TransportFailure> failure = new CompletableFuture<>();
    /** What ended the exchange: null for a complete response. */
    final CompletableFuture<TransportFailure> end = new CompletableFuture<>();

    final BlockingQueue<Integer> chunks = new LinkedBlockingQueue<>();
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();
    volatile Headers headers = Headers.empty();
    volatile Headers trailers = Headers.empty();

    @Override
    public void onHeaders(int code, Headers received) {
        headers = received;
        status.complete(code);
    }

    @Override
    public void onBody(ByteBuffer chunk) {
        byte[] bytes = new byte[chunk.remaining()];
        chunk.get(bytes);
        synchronized (body) {
            body.writeBytes(bytes);
        }
        chunks.add(bytes.length);
    }

    @Override
    public void onComplete(Headers received) {
        trailers = received;
        end.complete(null);
    }

    @Override
    public void onFailure(TransportFailure reported) {
        failure.complete(reported);
        status.completeExceptionally(new IllegalStateException(reported.toString()));
        end.complete(reported);
    }

    String body() {
        synchronized (body) {
            return body.toString(StandardCharsets.UTF_8);
        }
    }

    static <T> T get(CompletableFuture<T> future) {
        try {
            return future.get(30, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
