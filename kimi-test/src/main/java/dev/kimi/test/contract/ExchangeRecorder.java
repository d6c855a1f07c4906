package dev.kimi.test.contract;

import dev.kimi.test.support.Eventually;
import dev.kimi.transport.Exchange;
import dev.kimi.transport.ExchangeHandler;
import dev.kimi.transport.Headers;
import dev.kimi.transport.TransportFailure;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Records what a handler is notified of and every breach of the rules of notification. */
class ExchangeRecorder implements ExchangeHandler {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final CompletableFuture<Integer> status = new CompletableFuture<>();
    private final CompletableFuture<Ending> ending = new CompletableFuture<>();
    private final LinkedBlockingQueue<Integer> chunks = new LinkedBlockingQueue<>();
    private final List<String> breaches = new CopyOnWriteArrayList<>();
    private final AtomicBoolean busy = new AtomicBoolean();
    private final AtomicInteger calls = new AtomicInteger();
    private final AtomicLong demand = new AtomicLong();
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();
    private volatile Headers headers = Headers.empty();
    private volatile Headers trailers = Headers.empty();
    private volatile @Nullable Exchange exchange;

    /** How an exchange ended; without a failure it was complete. */
    record Ending(@Nullable TransportFailure failure) {}

    /** To be called with what {@code send} returned. */
    ExchangeRecorder on(Exchange begun) {
        exchange = begun;
        return this;
    }

    ExchangeRecorder request(long number) {
        demand.accumulateAndGet(number, (now, more) -> now + more < 0 ? Long.MAX_VALUE : now + more);
        exchange().request(number);
        return this;
    }

    void abort() {
        exchange().abort();
    }

    private Exchange exchange() {
        Exchange begun = exchange;
        if (begun == null) {
            throw new IllegalStateException("the exchange has not begun");
        }
        return begun;
    }

    @Override
    public final void onHeaders(int code, Headers received) {
        enter();
        if (status.isDone()) {
            breaches.add("onHeaders was called twice");
        }
        headers = received;
        status.complete(code);
        headersArrived();
        busy.set(false);
    }

    @Override
    public final void onBody(ByteBuffer chunk) {
        enter();
        if (!status.isDone()) {
            breaches.add("onBody was called before onHeaders");
        }
        if (!chunk.hasRemaining()) {
            breaches.add("onBody was given an empty chunk");
        }
        if (demand.get() != Long.MAX_VALUE && demand.decrementAndGet() < 0) {
            breaches.add("onBody was called more often than was requested");
        }
        byte[] bytes = new byte[chunk.remaining()];
        chunk.get(bytes);
        synchronized (body) {
            body.writeBytes(bytes);
        }
        chunks.add(bytes.length);
        bodyArrived();
        busy.set(false);
    }

    @Override
    public final void onComplete(Headers received) {
        enter();
        if (!status.isDone()) {
            breaches.add("onComplete was called before onHeaders");
        }
        trailers = received;
        end(new Ending(null));
    }

    @Override
    public final void onFailure(TransportFailure failure) {
        enter();
        status.completeExceptionally(new AssertionError("the exchange failed: " + failure, failure.cause()));
        end(new Ending(failure));
    }

    private void enter() {
        calls.incrementAndGet();
        if (!busy.compareAndSet(false, true)) {
            breaches.add("the handler was called by two threads at a time, or from within itself");
        }
        if (ending.isDone()) {
            breaches.add("the handler was called after the exchange had ended");
        }
    }

    private void end(Ending how) {
        busy.set(false);
        ending.complete(how);
        ended(how);
    }

    /** For tests that act within the callback. */
    void headersArrived() {}

    /** For tests that act within the callback. */
    void bodyArrived() {}

    /** For tests that act within the callback. */
    void ended(Ending how) {}

    int awaitStatus() {
        return Eventually.completes(PATIENCE, status, "the exchange");
    }

    /** Waits for the end, which must be a good one. */
    ExchangeRecorder awaitComplete() {
        Ending how = Eventually.completes(PATIENCE, ending, "the exchange");
        if (how.failure() != null) {
            throw new AssertionError(
                    "expected a complete response, but it failed: " + how.failure(),
                    how.failure().cause());
        }
        return this;
    }

    TransportFailure awaitFailure() {
        TransportFailure failure =
                Eventually.completes(PATIENCE, ending, "the exchange").failure();
        if (failure == null) {
            throw new AssertionError("expected a failure, but the response was complete");
        }
        return failure;
    }

    Ending awaitEnd() {
        return Eventually.completes(PATIENCE, ending, "the exchange");
    }

    boolean hasEnded() {
        return ending.isDone();
    }

    /** Waits for the next chunk and returns its size. */
    int awaitChunk() {
        try {
            Integer size = chunks.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            if (size != null) {
                return size;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        throw new AssertionError("no chunk came within " + PATIENCE);
    }

    int calls() {
        return calls.get();
    }

    Headers headers() {
        return headers;
    }

    Headers trailers() {
        return trailers;
    }

    byte[] body() {
        synchronized (body) {
            return body.toByteArray();
        }
    }

    List<String> breaches() {
        return breaches;
    }
}
