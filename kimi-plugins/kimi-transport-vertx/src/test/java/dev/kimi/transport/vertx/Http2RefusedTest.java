package dev.kimi.transport.vertx;

import static dev.kimi.test.support.RawHttp2Server.DATA;
import static dev.kimi.test.support.RawHttp2Server.HEADERS;
import static dev.kimi.test.support.RawHttp2Server.PING;
import static dev.kimi.test.support.RawHttp2Server.RST_STREAM;
import static dev.kimi.transport.vertx.Probe.get;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.test.support.Eventually;
import dev.kimi.test.support.RawHttp2Server;
import dev.kimi.transport.TransportFailure;
import dev.kimi.transport.TransportFailure.Kind;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** HTTP/2 servers that say that they did not process a request. */
@Timeout(60)
class Http2RefusedTest {

    private static final int REFUSED_STREAM = 7;
    private static final int EVERY_STREAM = Integer.MAX_VALUE;
    /** More than a stream's window, so that a part of it is never sent. */
    private static final byte[] LARGE = new byte[200_000];

    @Test
    void a_stream_that_is_reset_as_refused_was_not_processed() throws IOException {
        RawHttp2Server.Script refusing = (frame, connection) -> {
            if (frame.type() == DATA && frame.ends()) {
                connection.reset(frame.stream(), REFUSED_STREAM);
            }
        };
        try (RawHttp2Server server = new RawHttp2Server(refusing);
                VertxFixture fixture = VertxFixture.of(server.url(), "h2")) {
            assertRejected(fixture.whole());
            assertRejected(fixture.whole());

            assertThat(server.connections()).isEqualTo(1);
            fixture.await(pool -> pool.active() == 0);
        }
    }

    @Test
    void a_stream_that_is_refused_when_half_of_its_request_was_sent_was_not_processed() throws IOException {
        RawHttp2Server.Script refusing = (frame, connection) -> {
            if (frame.type() == DATA) {
                connection.reset(frame.stream(), REFUSED_STREAM);
            }
        };
        try (RawHttp2Server server = new RawHttp2Server(refusing);
                VertxFixture fixture = VertxFixture.of(server.url(), "h2")) {
            Probe probe = new Probe();
            fixture.send(probe, LARGE);

            assertRejected(probe);
            fixture.await(pool -> pool.active() == 0);
        }
    }

    /** The second GOAWAY is what a server sends that announced its leaving by the first (RFC 9113, 6.8). */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void requests_beyond_the_last_stream_are_refused_and_those_before_it_finish(boolean announced) throws IOException {
        RawHttp2Server.Script leaving = (frame, connection) -> {
            if (frame.type() == HEADERS && frame.stream() == 5) {
                if (announced) {
                    connection.goAway(EVERY_STREAM);
                }
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
            awaitFrames(server, HEADERS, 2);
            Probe halfSent = new Probe();
            fixture.send(halfSent, LARGE);

            assertRejected(unread);
            assertRejected(halfSent);
            assertThat(get(read.end)).isNull();
            assertThat(server.received(RST_STREAM)).isEmpty();
            fixture.await(pool -> pool.active() == 0);
        }
    }

    @Test
    void no_request_is_sent_on_a_connection_that_has_announced_its_end() throws IOException {
        RawHttp2Server.Script announcing = (frame, connection) -> {
            if (frame.type() == HEADERS && frame.stream() == 1) {
                connection.goAway(EVERY_STREAM);
                connection.ping();
            } else if (frame.type() == HEADERS) {
                connection.ok(frame.stream());
            }
        };
        try (RawHttp2Server server = new RawHttp2Server(announcing);
                VertxFixture fixture = VertxFixture.of(server.url(), "h2")) {
            Probe first = fixture.whole();
            awaitFrames(server, PING, 1);
            Probe second = fixture.whole();
            awaitFrames(server, PING, 2);

            assertThat(server.received(HEADERS)).allMatch(frame -> frame.stream() == 1);
            assertThat(server.connections()).isEqualTo(2);
            assertThat(first.end).isNotDone();
            assertThat(second.end).isNotDone();
        }
    }

    @Test
    void a_connection_that_only_finishes_its_streams_leaves_its_place_to_another() throws IOException {
        RawHttp2Server.Script leaving = (frame, connection) -> {
            if (frame.type() == HEADERS) {
                connection.goAway(frame.stream());
                connection.ping();
            }
        };
        try (RawHttp2Server server = new RawHttp2Server(leaving);
                VertxFixture fixture =
                        VertxFixture.of(server.url(), "h2", "max-connections", "2", "max-pending", "1")) {
            for (int draining = 1; draining <= 4; draining++) {
                fixture.whole();
                awaitFrames(server, PING, draining);
            }
            assertThat(server.connections()).isEqualTo(4);

            fixture.whole();
            fixture.await(pool -> pool.pending() == 1 && pool.active() == 4);
            assertThat(get(fixture.whole().failure).kind()).isEqualTo(Kind.POOL_FULL);
        }
    }

    @Test
    void a_connection_that_closes_with_its_goaway_has_processed_what_the_goaway_says_and_no_more() throws IOException {
        RawHttp2Server.Script dying = (frame, connection) -> {
            if (frame.type() == HEADERS && frame.stream() == 3) {
                connection.goAway(1);
                throw new IOException("gone");
            }
        };
        try (RawHttp2Server server = new RawHttp2Server(dying);
                VertxFixture fixture = VertxFixture.of(server.url(), "h2")) {
            Probe read = fixture.whole();
            awaitFrames(server, DATA, 1);
            Probe unread = new Probe();
            fixture.send(unread, LARGE);

            assertRejected(unread);
            assertThat(get(read.failure).kind()).isNotEqualTo(Kind.REFUSED);
            assertThat(get(read.failure).unprocessed()).isFalse();
        }
    }

    @Test
    void a_stream_that_cannot_be_created_was_not_processed() {
        Http2Exception tooMany = Http2Exception.streamError(3, Http2Error.REFUSED_STREAM, "too many streams");

        assertThat(TransportFailures.isRejected(tooMany, -1)).isTrue();
        assertThat(TransportFailures.isRejected(new Http2Exception(Http2Error.PROTOCOL_ERROR, "no more streams"), -1))
                .isTrue();
        assertThat(TransportFailures.isRejected(new IOException("closed"), -1)).isFalse();
        assertThat(TransportFailures.isRejected(new Http2Exception(Http2Error.PROTOCOL_ERROR, "odd frame"), 3))
                .isFalse();
    }

    @Test
    void a_stream_that_is_reset_for_another_reason_may_have_been_processed() throws IOException {
        RawHttp2Server.Script failing = (frame, connection) -> {
            if (frame.type() == DATA && frame.ends()) {
                connection.reset(frame.stream(), 2);
            }
        };
        try (RawHttp2Server server = new RawHttp2Server(failing);
                VertxFixture fixture = VertxFixture.of(server.url(), "h2")) {
            TransportFailure failure = get(fixture.whole().failure);

            assertThat(failure.kind()).isEqualTo(Kind.RESET);
            assertThat(failure.unprocessed()).isFalse();
        }
    }

    private static void assertRejected(Probe probe) {
        TransportFailure failure = get(probe.failure);
        assertThat(failure.kind()).isEqualTo(Kind.REFUSED);
        assertThat(failure.unprocessed()).isTrue();
    }

    private static void awaitFrames(RawHttp2Server server, int type, int count) {
        assertThat(Eventually.holds(
                        Duration.ofSeconds(10), () -> server.received(type).size() >= count))
                .isTrue();
    }
}
