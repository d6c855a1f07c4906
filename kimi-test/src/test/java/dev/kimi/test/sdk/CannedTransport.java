package dev.kimi.test.sdk;

import dev.kimi.transport.Exchange;
import dev.kimi.transport.ExchangeHandler;
import dev.kimi.transport.Headers;
import dev.kimi.transport.Transport;
import dev.kimi.transport.TransportRequest;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A transport that responds to its latest request with given bytes, in parts of any size. For one thread. */
final class CannedTransport implements Transport {

    private @Nullable Canned latest;

    @Override
    public Exchange send(TransportRequest request, ExchangeHandler handler) {
        latest = new Canned(handler);
        return latest;
    }

    /** Responds to the latest request; {@code parts} says how many bytes each part has. */
    void respond(byte[] body, String contentType, Dice parts) {
        Canned exchange = Objects.requireNonNull(latest);
        exchange.begin(ByteBuffer.wrap(body), contentType, parts);
    }

    @Override
    public void close() {}

    private static final class Canned implements Exchange {

        private final ExchangeHandler handler;
        private ByteBuffer body = ByteBuffer.allocate(0);
        private @Nullable Dice parts;
        private long requested;
        private boolean delivering;
        private boolean over;

        private Canned(ExchangeHandler handler) {
            this.handler = handler;
        }

        private void begin(ByteBuffer bytes, String contentType, Dice sizes) {
            handler.onHeaders(
                    200, Headers.builder().add("content-type", contentType).build());
            body = bytes;
            parts = sizes;
            deliver();
        }

        @Override
        public void request(long chunks) {
            requested = Math.max(requested + chunks, chunks);
            deliver();
        }

        private void deliver() {
            Dice sizes = parts;
            if (delivering || sizes == null) {
                return;
            }
            delivering = true;
            while (!over && requested > 0 && body.hasRemaining()) {
                requested--;
                int length = 1 + sizes.below(Math.min(body.remaining(), sizes.pick(3, 100, 10_000)));
                handler.onBody(body.slice(body.position(), length));
                body.position(body.position() + length);
            }
            if (!over && !body.hasRemaining()) {
                over = true;
                handler.onComplete(Headers.empty());
            }
            delivering = false;
        }

        @Override
        public void abort() {
            over = true;
        }
    }
}
