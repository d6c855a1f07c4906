package dev.kimi.test.contract;

import dev.kimi.transport.Exchange;
import dev.kimi.transport.ExchangeHandler;
import dev.kimi.transport.Headers;
import dev.kimi.transport.Transport;
import dev.kimi.transport.TransportRequest;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** A transport without a network: nothing is responded until a test says so, on the thread that says it. */
final class PromptedTransport implements Transport {

    private final Deque<Sent> sent = new ArrayDeque<>();

    @Override
    public Exchange send(TransportRequest request, ExchangeHandler handler) {
        Sent exchange = new Sent(handler);
        synchronized (sent) {
            sent.add(exchange);
        }
        return exchange;
    }

    /** The exchange that has waited longest for its response. */
    Sent next() {
        synchronized (sent) {
            return sent.remove();
        }
    }

    @Override
    public void close() {
        synchronized (sent) {
            sent.clear();
        }
    }

    /** One exchange. Its body waits until it is requested. */
    static final class Sent implements Exchange {

        private final ExchangeHandler handler;
        private final Deque<String> chunks = new ArrayDeque<>();
        private long requested;
        private boolean ended;
        private boolean delivering;
        private boolean over;

        private Sent(ExchangeHandler handler) {
            this.handler = handler;
        }

        /** A whole response. */
        void respond(int status, String body, String... headers) {
            headers(status, headers);
            chunk(body);
            end();
        }

        void headers(int status, String... headers) {
            Headers.Builder all = Headers.builder();
            for (int i = 0; i < headers.length; i += 2) {
                all.add(headers[i], headers[i + 1]);
            }
            handler.onHeaders(status, all.build());
        }

        void chunk(String text) {
            synchronized (this) {
                chunks.add(text);
            }
            deliver();
        }

        void end() {
            synchronized (this) {
                ended = true;
            }
            deliver();
        }

        @Override
        public void request(long count) {
            synchronized (this) {
                requested = Long.MAX_VALUE - count < requested ? Long.MAX_VALUE : requested + count;
            }
            deliver();
        }

        @Override
        public synchronized void abort() {
            over = true;
        }

        /** One thread at a time notifies the handler; a request that comes meanwhile is seen by it. */
        private void deliver() {
            synchronized (this) {
                if (delivering) {
                    return;
                }
                delivering = true;
            }
            for (Runnable step = next(); step != null; step = next()) {
                step.run();
            }
        }

        private synchronized @Nullable Runnable next() {
            if (!over && requested > 0 && !chunks.isEmpty()) {
                requested--;
                ByteBuffer body = ByteBuffer.wrap(chunks.remove().getBytes(StandardCharsets.UTF_8));
                return () -> handler.onBody(body);
            }
            if (!over && ended && chunks.isEmpty()) {
                over = true;
                return () -> handler.onComplete(Headers.empty());
            }
            delivering = false;
            return null;
        }
    }
}
