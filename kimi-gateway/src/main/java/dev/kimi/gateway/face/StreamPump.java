package dev.kimi.gateway.face;

import dev.kimi.chat.ChatResponse;
import dev.kimi.gateway.call.GatewayCall.Outcome;
import dev.kimi.gateway.dialect.Dialect;
import dev.kimi.gateway.dialect.GatewayError;
import dev.kimi.gateway.dialect.ResponseWriter;
import dev.kimi.relay.RelayItem;
import dev.kimi.relay.RelayResponse;
import dev.kimi.time.Timer;
import java.nio.ByteBuffer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A stream of events on its way to the client: items of the response become bytes, pings where nothing flows, an error
 * event where it breaks.
 */
final class StreamPump extends Pump<RelayItem> {

    /** What a stream needs of its call. */
    record Wiring(LiveCall call, Dialect dialect, Pace pace, long pingNanos, Writability socket) {}

    private final Wiring wiring;
    private final Supplier<ResponseWriter> writers;
    private final WholeEvents events = new WholeEvents();

    private volatile @Nullable RelayResponse response;
    private volatile boolean pingDue;
    private volatile long lastNanos;
    private volatile Timer.@Nullable Timeout timeout;

    // Only on the thread of the socket.
    private @Nullable ResponseWriter writer;
    private boolean whole;

    /** @param pingFirst whether the head is out because nothing has come for too long */
    StreamPump(Wiring wiring, Supplier<ResponseWriter> writers, boolean pingFirst) {
        super(wiring.socket());
        this.wiring = wiring;
        this.writers = writers;
        this.pingDue = pingFirst;
    }

    /** The response has come. */
    void attach(RelayResponse relayed) {
        this.response = relayed;
        relayed.subscribe(this);
        if (isOver()) {
            relayed.close();
        }
    }

    @Override
    void cancelUpstream() {
        RelayResponse relayed = response;
        if (relayed != null) {
            relayed.close();
        }
    }

    @Override
    @Nullable ByteBuffer bytesOf(RelayItem item) {
        if (item instanceof RelayItem.Bytes bytes) {
            return events.add(bytes.bytes());
        }
        if (item instanceof RelayItem.Event event) {
            ResponseWriter before = writer;
            return joined(before, writer().event(event.event()));
        }
        ChatResponse all = ((RelayItem.Whole) item).response();
        whole = true;
        wiring.call().notes(all.notes());
        RelayResponse from = response;
        if (from != null && from.verbatim()) {
            return events.rest();
        }
        ResponseWriter before = writer;
        return joined(before, writer().end(all));
    }

    private ResponseWriter writer() {
        ResponseWriter existing = writer;
        if (existing == null) {
            existing = writers.get();
            writer = existing;
        }
        return existing;
    }

    /** With what a stream begins with, if there was no writer before. */
    private ByteBuffer joined(@Nullable ResponseWriter before, byte[] bytes) {
        if (before != null) {
            return ByteBuffer.wrap(bytes);
        }
        byte[] start = writer().start();
        return ByteBuffer.allocate(start.length + bytes.length)
                .put(start)
                .put(bytes)
                .flip();
    }

    @Override
    void delivering(ByteBuffer bytes) {
        lastNanos = wiring.pace().time().nanoTime();
        if (whole) {
            wiring.call().settle();
        }
        wiring.call().delivered(bytes.remaining());
    }

    @Override
    @Nullable ByteBuffer last(@Nullable Throwable why) {
        LiveCall call = wiring.call();
        if (why == null && whole) {
            call.outcome(Outcome.OK);
            return null;
        }
        RelayResponse from = response;
        call.outcome(from == null ? Outcome.FAILED : Outcome.TRUNCATED);
        if (from != null && from.errorRelayed()) {
            return events.rest();
        }
        if (events.inEvent()) {
            throw new BrokenOff();
        }
        GatewayError error = Errors.ofThrowable(why, wiring.dialect().protocol());
        call.failedWith(error);
        return ByteBuffer.wrap(wiring.dialect().errorEvent(error, call.id()));
    }

    @Override
    @Nullable ByteBuffer filler() {
        if (!pingDue) {
            return null;
        }
        pingDue = false;
        lastNanos = wiring.pace().time().nanoTime();
        return events.inEvent() ? null : ByteBuffer.wrap(wiring.dialect().ping());
    }

    @Override
    void started() {
        lastNanos = wiring.pace().time().nanoTime();
        awaitPing(wiring.pingNanos());
    }

    @Override
    void stopped() {
        Timer.Timeout waiting = timeout;
        if (waiting != null) {
            waiting.cancel();
        }
    }

    private void awaitPing(long nanos) {
        Timer.Timeout next = wiring.pace().timer().schedule(nanos, this::checkPing);
        timeout = next;
        if (isOver()) {
            next.cancel();
        }
    }

    private void checkPing() {
        if (isOver()) {
            return;
        }
        long left = lastNanos + wiring.pingNanos() - wiring.pace().time().nanoTime();
        if (left <= 0) {
            pingDue = true;
            schedule();
            left = wiring.pingNanos();
        }
        awaitPing(left);
    }
}
