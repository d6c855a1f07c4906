package dev.kimi.transport.vertx;

import static dev.kimi.test.support.RawHttp2Server.DATA;
import static dev.kimi.test.support.RawHttp2Server.HEADERS;
import static dev.kimi.test.support.RawHttp2Server.PING;
import static dev.kimi.test.support.RawHttp2Server.RST_STREAM;
import static dev.kimi.transport.vertx.Probe.get;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.test.support.Eventually;
import dev.kimi.test.support.RawHttp2Server;
import dev.kimi.time.VirtualTime;
import dev.kimi.transport.Exchange;
import dev.kimi.transport.TransportFailure;
import java.io.IOException;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** HTTP/2 servers that leave, and that say no more. */
@Timeout(60)
class Http2FailuresTest {

    @Test
    void only_requests_beyond_the_last_stream_that_the_server_reads_are_unprocessed() throws IOException {
        RawHttp2Server.Script leaving = (frame, connection) -> {
            if (frame.type() == DATA && frame.stream() == 3 && frame.ends()) {
                connection.goAway(1);
                connection.ping();
            } else if (frame.type() == PING) {
                connection.ok(1);
            }
        };
        try (RawHttp2Server server = new RawHttp2Server(leaving);
                VertxFixture fixture = VertxFixture.of(server.url(), "h2")) {
            Probe read = fixture.whole();
            awaitFrames(server, HEADERS, 1);
            Probe unread = fixture.whole();

            assertThat(get(unread.failure).unprocessed()).isTrue();
            assertThat(get(read.end)).isNull();
            assertThat(get(read.status)).isEqualTo(200);
            // to some servers an error of the whole connection, since the stream has never begun for them
            assertThat(server.received(RST_STREAM)).isEmpty();
            fixture.await(pool -> pool.active() == 0);
        }
    }

    @Test
    void a_connection_that_dies_after_its_goaway_fails_what_it_carries() throws IOException {
        RawHttp2Server.Script dying = (frame, connection) -> {
            if (frame.type() == DATA && frame.ends()) {
                connection.goAway(1);
                connection.ping();
            } else if (frame.type() == PING) {
                throw new IOException("gone");
            }
        };
        try (RawHttp2Server server = new RawHttp2Server(dying);
                VertxFixture fixture = VertxFixture.of(server.url(), "h2")) {
            TransportFailure failure = get(fixture.whole().failure);

            assertThat(failure.unprocessed()).isFalse();
            fixture.await(pool -> pool.active() == 0 && pool.pending() == 0);
        }
    }

    @Test
    void a_connection_whose_peer_acknowledges_no_ping_is_closed() throws IOException {
        VirtualTime clock = new VirtualTime();
        RawHttp2Server.Script silent = (frame, connection) -> {};
        try (RawHttp2Server server = new RawHttp2Server(silent);
                VertxFixture fixture = VertxFixture.on(clock, server.url(), "h2", "idle-timeout", "80ms")) {
            Probe probe = fixture.whole();
            awaitFrames(server, HEADERS, 1);

            assertThat(passing(
                            clock,
                            Duration.ofSeconds(21),
                            () -> !server.received(PING).isEmpty()))
                    .isTrue();
            assertThat(passing(clock, Duration.ofSeconds(11), probe.end::isDone))
                    .isTrue();

            assertThat(get(probe.failure).unprocessed()).isFalse();
            assertThat(get(probe.failure).kind()).isEqualTo(TransportFailure.Kind.PING_TIMEOUT);
            assertThat(server.received(PING)).hasSize(1);
            fixture.await(pool -> pool.active() == 0 && pool.idle() == 0);
        }
    }

    @Test
    void a_connection_takes_no_exchange_until_its_peer_has_acknowledged_a_ping() throws Exception {
        VirtualTime clock = new VirtualTime();
        BlockingQueue<RawHttp2Server.Connection> pinged = new LinkedBlockingQueue<>();
        List<RawHttp2Server.Connection> began = new CopyOnWriteArrayList<>();
        RawHttp2Server.Script silent = (frame, connection) -> {
            if (frame.type() == PING) {
                pinged.add(connection);
            } else if (frame.type() == HEADERS) {
                began.add(connection);
            }
        };
        try (RawHttp2Server server = new RawHttp2Server(silent);
                VertxFixture fixture =
                        VertxFixture.on(clock, server.url(), "h2", "idle-timeout", "80ms", "max-age", "1d")) {
            fixture.whole();
            awaitFrames(server, HEADERS, 1);
            assertThat(passing(clock, Duration.ofSeconds(21), () -> soon(() -> !pinged.isEmpty())))
                    .isTrue();

            fixture.whole();
            awaitFrames(server, HEADERS, 2);
            assertThat(server.connections()).isEqualTo(2);

            RawHttp2Server.Frame ping = server.received(PING).get(0);
            RawHttp2Server.Connection suspected = pinged.take();
            suspected.send(PING, 1, 0, ping.payload());
            assertThat(Eventually.holds(Duration.ofSeconds(10), () -> {
                        fixture.whole();
                        return Collections.frequency(began, suspected) > 1;
                    }))
                    .isTrue();
            assertThat(server.connections()).isEqualTo(2);
        }
    }

    @Test
    void a_connection_whose_peer_acknowledges_no_ping_is_closed_although_calls_are_too_short_to_see_it()
            throws IOException {
        VirtualTime clock = new VirtualTime();
        RawHttp2Server.Script silent = (frame, connection) -> {};
        try (RawHttp2Server server = new RawHttp2Server(silent);
                VertxFixture fixture =
                        VertxFixture.on(clock, server.url(), "h2", "idle-timeout", "80ms", "max-age", "1d")) {
            int calls = 0;
            while (server.connections() < 2 && calls < 1_000) {
                Exchange exchange = fixture.send(new Probe(), VertxFixture.WHOLE);
                awaitFrames(server, HEADERS, ++calls);
                clock.advance(Duration.ofSeconds(12));
                exchange.abort();
                fixture.await(pool -> pool.exchanges() == 0);
            }

            assertThat(server.connections()).isEqualTo(2);
            assertThat(server.received(PING)).isNotEmpty();
        }
    }

    /** Whether it comes about while no more time passes: time would close a connection that acknowledges no PING. */
    private static boolean soon(BooleanSupplier so) {
        return Eventually.holds(Duration.ofSeconds(1), so);
    }

    /** Lets that much time pass again and again until it is so. */
    private static boolean passing(VirtualTime clock, Duration time, BooleanSupplier so) {
        return Eventually.holds(Duration.ofSeconds(10), () -> {
            clock.advance(time);
            return so.getAsBoolean();
        });
    }

    private static void awaitFrames(RawHttp2Server server, int type, int count) {
        assertThat(Eventually.holds(
                        Duration.ofSeconds(10), () -> server.received(type).size() >= count))
                .isTrue();
    }
}
