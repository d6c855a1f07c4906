package dev.kimi.transport.vertx;

import static dev.kimi.transport.vertx.Probe.get;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.test.support.Eventually;
import dev.kimi.test.support.RawHttp2Server;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Speaks HTTP/2 until the headers of the first request have come, allows a body of any size, and reads no more of it:
 * what its client writes from then on stays with the client once all buffers between the two are full. Responds to what
 * comes on a later connection.
 */
final class NonReadingPeer implements Closeable {

    /** More than all those buffers hold. */
    static final byte[] BODY = new byte[24 << 20];

    private static final int WINDOW_UPDATE = 8;
    private static final int MAX_CONCURRENT_STREAMS = 3;
    private static final int INITIAL_WINDOW_SIZE = 4;
    private static final int WIDEST = Integer.MAX_VALUE;
    private static final int FIRST_WINDOW = 65_535;
    /** Looks without a byte more, spread over longer than the system holds an acknowledgement back. */
    private static final int QUIET_LOOKS = 250;

    private static final Duration SAFETY_NET = Duration.ofSeconds(20);

    private final RawHttp2Server server;
    private final int streams;
    private final CompletableFuture<RawHttp2Server.Connection> stuck = new CompletableFuture<>();
    private final CompletableFuture<Void> readsAgain = new CompletableFuture<>();

    /** @param streams how many it allows at a time */
    NonReadingPeer(int streams) throws IOException {
        this.streams = streams;
        this.server = new RawHttp2Server(this::got);
    }

    int port() {
        return server.port();
    }

    private void got(RawHttp2Server.Frame frame, RawHttp2Server.Connection connection) throws IOException {
        if (frame.type() == RawHttp2Server.SETTINGS && frame.flags() == 0) {
            ByteBuffer settings = ByteBuffer.allocate(12);
            settings.putShort((short) MAX_CONCURRENT_STREAMS).putInt(streams);
            settings.putShort((short) INITIAL_WINDOW_SIZE).putInt(WIDEST);
            connection.send(RawHttp2Server.SETTINGS, 0, 0, settings.array());
            byte[] more = ByteBuffer.allocate(4).putInt(WIDEST - FIRST_WINDOW).array();
            connection.send(WINDOW_UPDATE, 0, 0, more);
        } else if (frame.type() == RawHttp2Server.HEADERS && stuck.complete(connection)) {
            readsAgain.join();
        } else if (frame.type() == RawHttp2Server.DATA && frame.ends()) {
            connection.ok(frame.stream());
        }
    }

    /** Comes back when the loop can write no more. */
    void awaitStuck(LoopWatch client) {
        awaitNoMore(get(stuck).in(), client);
    }

    static void awaitNoMore(InputStream in, LoopWatch client) {
        AtomicInteger before = new AtomicInteger(-1);
        AtomicInteger quiet = new AtomicInteger();
        boolean still = Eventually.holds(SAFETY_NET, () -> {
            client.awaitTurn();
            int now = available(in);
            quiet.set(now == before.getAndSet(now) ? quiet.get() + 1 : 0);
            return quiet.get() == QUIET_LOOKS;
        });
        assertThat(still && before.get() < BODY.length)
                .as("the client is stuck at %s", before)
                .isTrue();
    }

    private static int available(InputStream in) {
        try {
            return in.available();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Breaks the first request off from this end, which leaves the connection without any. */
    void reset() throws IOException {
        get(stuck).send(RawHttp2Server.RST_STREAM, 0, 1, new byte[] {0, 0, 0, 8});
    }

    /** Waits, still without reading, until the client's socket is closed. */
    void awaitSocketClosed() {
        awaitSendFails(get(stuck)::ping);
    }

    /** Waits until sending fails, as the socket at the other end is closed. */
    static void awaitSendFails(Sending message) {
        boolean closed = Eventually.holds(SAFETY_NET, () -> {
            try {
                message.send();
                return false;
            } catch (IOException failed) {
                return true;
            }
        });
        assertThat(closed).as("the client's socket is closed").isTrue();
    }

    void readAgain() {
        readsAgain.complete(null);
    }

    @Override
    public void close() throws IOException {
        readAgain();
        server.close();
    }

    /** Something to send. */
    interface Sending {
        void send() throws IOException;
    }
}
