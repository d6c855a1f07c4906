package dev.kimi.internal.call;

import dev.kimi.error.DeadlineExceededException.Phase;
import dev.kimi.transport.Exchange;
import dev.kimi.transport.ExchangeHandler;
import dev.kimi.transport.Headers;
import dev.kimi.transport.Transport;
import dev.kimi.transport.TransportFailure;
import dev.kimi.transport.TransportRequest;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/** A transport whose every step the test takes. */
final class ScriptedTransport implements Transport {

    /** What every exchange that fails has failed by. */
    static final Exception CAUSE = new UnknownHostException("scripted.test");

    private final List<Sent> sent = new CopyOnWriteArrayList<>();
    private volatile boolean closed;

    /** What exchanges without headers wait for. */
    volatile Phase phase = Phase.HEADERS;

    @Override
    public Exchange send(TransportRequest request, ExchangeHandler handler) {
        Sent next = new Sent(request, handler);
        sent.add(next);
        return next;
    }

    @Override
    public void close() {
        closed = true;
    }

    boolean closed() {
        return closed;
    }

    /** The only exchange so far, or the latest. */
    Sent last() {
        return sent.get(sent.size() - 1);
    }

    /** The exchanges in the order in which they were sent, from 0. */
    Sent sent(int index) {
        return sent.get(index);
    }

    List<Sent> all() {
        return List.copyOf(sent);
    }

    /** Forgets what was sent. */
    void clear() {
        sent.clear();
    }

    int count() {
        return sent.size();
    }

    final class Sent implements Exchange {
        private final TransportRequest request;
        private final ExchangeHandler handler;
        private final AtomicLong demand = new AtomicLong();
        private volatile boolean aborted;

        private Sent(TransportRequest request, ExchangeHandler handler) {
            this.request = request;
            this.handler = handler;
        }

        @Override
        public void request(long chunks) {
            demand.accumulateAndGet(chunks, (a, b) -> a + b < 0 ? Long.MAX_VALUE : a + b);
        }

        @Override
        public Phase phase() {
            return phase;
        }

        @Override
        public void abort() {
            aborted = true;
        }

        TransportRequest request() {
            return request;
        }

        long demand() {
            return demand.get();
        }

        boolean aborted() {
            return aborted;
        }

        Sent headers(int status, String... pairs) {
            Headers.Builder headers = Headers.builder();
            for (int i = 0; i < pairs.length; i += 2) {
                headers.add(pairs[i], pairs[i + 1]);
            }
            handler.onHeaders(status, headers.build());
            return this;
        }

        Sent body(String text) {
            return body(text.getBytes(StandardCharsets.UTF_8));
        }

        Sent body(byte[] bytes) {
            if (demand.get() == 0) {
                throw new IllegalStateException("nobody asked for a chunk");
            }
            demand.updateAndGet(n -> n == Long.MAX_VALUE ? n : n - 1);
            // as a transport may: the buffer is taken back after the call
            ByteBuffer buffer = ByteBuffer.wrap(bytes);
            handler.onBody(buffer);
            return this;
        }

        void complete() {
            handler.onComplete(Headers.empty());
        }

        void fail(TransportFailure.Kind kind, boolean unprocessed) {
            handler.onFailure(TransportFailure.of(kind, unprocessed, CAUSE));
        }

        void answer(int status, String body, String... headerPairs) {
            headers(status, headerPairs);
            if (!body.isEmpty()) {
                body(body);
            }
            complete();
        }
    }
}
