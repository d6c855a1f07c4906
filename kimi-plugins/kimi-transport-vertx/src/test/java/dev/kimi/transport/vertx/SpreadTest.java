package dev.kimi.transport.vertx;

import static dev.kimi.test.support.RawHttp2Server.HEADERS;
import static dev.kimi.test.support.RawHttp2Server.PING;
import static dev.kimi.test.support.RawHttp2Server.SETTINGS;
import static dev.kimi.transport.vertx.Probe.get;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.test.support.Eventually;
import dev.kimi.test.support.RawHttp2Server;
import dev.kimi.time.VirtualTime;
import dev.kimi.transport.TransportFailure;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Several HTTP/2 connections to one origin. */
@Timeout(60)
class SpreadTest {

    private static final short MAX_CONCURRENT_STREAMS = 3;

    private final VirtualTime clock = new VirtualTime();
    /** Streams that have begun and not been responded to, by connection. */
    private final Map<RawHttp2Server.Connection, Deque<Integer>> begun = new ConcurrentHashMap<>();

    private final List<RawHttp2Server.Connection> order = new CopyOnWriteArrayList<>();

    private RawHttp2Server server(int streams) throws IOException {
        return new RawHttp2Server(this::note, allowing(streams));
    }

    private void note(RawHttp2Server.Frame frame, RawHttp2Server.Connection connection) throws IOException {
        if (frame.type() == PING && !frame.ends()) {
            synchronized (connection) {
                connection.send(PING, 1, 0, frame.payload());
            }
        } else if (frame.type() == HEADERS) {
            boolean first = !begun.containsKey(connection);
            begun.computeIfAbsent(connection, streams -> new ConcurrentLinkedDeque<>())
                    .add(frame.stream());
            if (first) {
                order.add(connection);
            }
        }
    }

    private void respond(RawHttp2Server.Connection connection, int streams) throws IOException {
        synchronized (connection) {
            for (int i = 0; i < streams; i++) {
                connection.ok(begun.get(connection).remove());
            }
        }
    }

    @Test
    void a_second_connection_is_opened_before_the_first_is_full_and_takes_the_next_exchanges() throws IOException {
        try (RawHttp2Server server = server(10);
                VertxFixture fixture = VertxFixture.of(server.url(), "h2")) {
            send(fixture, 8);
            awaitBegun(8);
            assertThat(server.connections()).isEqualTo(1);

            send(fixture, 1);
            fixture.await(pool -> pool.active() == 1 && pool.idle() == 1);
            send(fixture, 4);

            awaitBegun(9, 4);
        }
    }

    @Test
    void a_server_that_takes_no_second_connection_is_not_tried_for_each_exchange() throws IOException {
        try (RawHttp2Server server = server(100);
                HeldPort port = new HeldPort(server.port(), 1);
                VertxFixture fixture = VertxFixture.on(clock, "http://127.0.0.1:" + port.port(), "h2")) {
            List<Probe> probes = send(fixture, 81);
            awaitBegun(81);
            assertThat(Eventually.holds(Duration.ofSeconds(10), () -> port.held() == 1))
                    .isTrue();

            port.cut();
            for (int begun = 82; begun <= 100; begun++) {
                probes.addAll(send(fixture, 1));
                awaitBegun(begun);
            }

            assertThat(port.accepted()).isEqualTo(2);
            assertThat(probes).noneMatch(probe -> probe.end.isDone());
        }
    }

    @Test
    @SuppressWarnings("try")
    void those_that_wait_fail_when_the_connection_for_them_cannot_be_opened() throws IOException {
        try (RawHttp2Server server = server(2);
                VertxFixture fixture = VertxFixture.on(clock, server.url(), "h2", "max-connections", "2")) {
            send(fixture, 1);
            awaitBegun(1);
            server.close();
            send(fixture, 1);
            awaitBegun(2);

            Probe third = fixture.whole();

            assertThat(get(third.failure).kind()).isEqualTo(TransportFailure.Kind.CONNECT);
            assertThat(fixture.pool().exchanges()).isEqualTo(2);
        }
    }

    @Test
    void connections_that_the_load_no_longer_needs_finish_what_they_carry_and_are_closed() throws IOException {
        try (RawHttp2Server server = server(10);
                VertxFixture fixture = VertxFixture.on(
                        clock, server.url(), "h2", "idle-timeout", "80ms", "max-age", "1d", "keep-alive", "1")) {
            List<Probe> probes = send(fixture, 64);
            fixture.await(pool -> pool.exchanges() == 64);
            awaitBegunInAll(64);
            int opened = server.connections();
            assertThat(opened).isGreaterThanOrEqualTo(7);
            for (RawHttp2Server.Connection connection : order) {
                respond(connection, begun.get(connection).size() - 1);
            }
            fixture.await(pool -> pool.exchanges() == order.size());

            assertThat(Eventually.holds(Duration.ofSeconds(10), () -> {
                        clock.advance(Duration.ofSeconds(15));
                        return fixture.pool().needed() <= 2;
                    }))
                    .isTrue();
            assertThat(fixture.pool().exchanges()).isEqualTo(order.size());
            for (RawHttp2Server.Connection connection : order) {
                respond(connection, 1);
            }

            assertThat(Eventually.holds(Duration.ofSeconds(10), () -> server.ended() >= opened - 3))
                    .isTrue();
            probes.forEach(probe -> assertThat(get(probe.end)).isNull());
        }
    }

    @Test
    void a_limit_that_the_server_raises_serves_those_that_wait() throws Exception {
        try (RawHttp2Server server = server(1);
                VertxFixture fixture = VertxFixture.of(server.url(), "h2", "max-connections", "1")) {
            send(fixture, 4);
            awaitBegun(1);
            fixture.await(pool -> pool.pending() == 3);

            order.get(0).send(SETTINGS, 0, 0, allowing(4));

            awaitBegun(4);
            assertThat(server.connections()).isEqualTo(1);
        }
    }

    @Test
    void a_limit_that_the_server_lowers_sends_the_next_exchange_elsewhere() throws Exception {
        try (RawHttp2Server server = server(100);
                VertxFixture fixture = VertxFixture.of(server.url(), "h2")) {
            send(fixture, 2);
            awaitBegun(2);

            order.get(0).send(SETTINGS, 0, 0, allowing(2));
            fixture.await(pool -> pool.idle() == 1);
            send(fixture, 1);

            awaitBegun(2, 1);
        }
    }

    private static List<Probe> send(VertxFixture fixture, int count) {
        List<Probe> probes = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            probes.add(fixture.whole());
        }
        return probes;
    }

    /** Waits until so many have begun on each connection. */
    private void awaitBegun(Integer... counts) {
        assertThat(Eventually.holds(
                        Duration.ofSeconds(10), () -> List.of(counts).equals(begunByConnection())))
                .as("begun are %s", begunByConnection())
                .isTrue();
    }

    private void awaitBegunInAll(int count) {
        assertThat(Eventually.holds(
                        Duration.ofSeconds(10),
                        () -> begunByConnection().stream()
                                        .mapToInt(each -> each)
                                        .sum()
                                == count))
                .isTrue();
    }

    private List<Integer> begunByConnection() {
        return order.stream().map(connection -> begun.get(connection).size()).toList();
    }

    private static byte[] allowing(int streams) {
        return ByteBuffer.allocate(6)
                .putShort(MAX_CONCURRENT_STREAMS)
                .putInt(streams)
                .array();
    }
}
