package dev.kimi.transport.vertx;

import static dev.kimi.test.support.RawHttp2Server.DATA;
import static dev.kimi.test.support.RawHttp2Server.RST_STREAM;
import static dev.kimi.transport.vertx.Probe.get;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.test.KimiSimulator;
import dev.kimi.test.Reply;
import dev.kimi.test.support.Eventually;
import dev.kimi.test.support.RawHttp2Server;
import dev.kimi.transport.Exchange;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Consumers that do not read on, and the others on their connection. */
@Timeout(60)
class Http2WindowsTest {

    private static final int PAUSED = 200;
    private static final int OTHERS = 1_000;
    private static final long BODY = 512 * 1024;

    @ParameterizedTest
    @ValueSource(ints = {100, 1_000})
    void two_hundred_paused_consumers_harm_nobody(int streamsPerConnection) {
        try (KimiSimulator service = KimiSimulator.builder()
                        .maxConcurrentStreams(streamsPerConnection)
                        .start();
                VertxFixture fixture = VertxFixture.of(service.baseUrl(), "h2")) {
            service.otherwise(Reply.flood(BODY));
            List<Exchange> paused = new ArrayList<>();
            List<Probe> probes = new ArrayList<>();
            for (int i = 0; i < PAUSED; i++) {
                probes.add(new Probe());
                paused.add(fixture.paused(probes.get(i), VertxFixture.STREAMED));
            }
            get(service.awaitBlocked(PAUSED));
            service.otherwise(Reply.text("ok"));
            List<Probe> others = new ArrayList<>();
            for (int i = 0; i < OTHERS; i++) {
                others.add(fixture.whole());
            }
            others.forEach(other -> assertThat(get(other.end)).isNull());

            paused.forEach(exchange -> exchange.request(Long.MAX_VALUE));
            probes.forEach(probe -> assertThat(get(probe.end)).isNull());
        }
    }

    @Test
    void what_nobody_reads_is_bounded_by_the_first_windows_of_its_streams() throws IOException {
        Flooding flooding = new Flooding();
        try (RawHttp2Server server = new RawHttp2Server(flooding);
                VertxFixture fixture = VertxFixture.of(server.url(), "h2")) {
            for (int i = 0; i < PAUSED; i++) {
                fixture.paused(new Probe(), VertxFixture.STREAMED);
            }

            long bound = PAUSED * (long) Http2Windows.FIRST_WINDOW;
            assertThat(Eventually.holds(Duration.ofSeconds(10), () -> flooding.sent.get() == bound))
                    .isTrue();
            assertThat(server.connections()).isEqualTo(1);
            assertThat(flooding.allowed).hasValue(bound);
        }
    }

    @Test
    void only_so_many_streams_that_are_read_have_a_grown_window() throws IOException {
        int streams = Http2Windows.MAX_GROWN + 100;
        int read = 20 * 1024;
        Flooding flooding = new Flooding();
        try (RawHttp2Server server = new RawHttp2Server(flooding);
                VertxFixture fixture = VertxFixture.of(server.url(), "h2")) {
            List<Exchange> exchanges = new ArrayList<>();
            for (int i = 0; i < streams; i++) {
                Exchange exchange = fixture.paused(new Probe(), VertxFixture.STREAMED);
                exchange.request(read / 1024);
                exchanges.add(exchange);
            }

            long grown = (long) Http2Windows.MAX_GROWN * (Http2Windows.GROWN_WINDOW - Http2Windows.FIRST_WINDOW);
            long unread = (long) streams * Http2Windows.FIRST_WINDOW + grown;
            assertThat(Eventually.holds(Duration.ofSeconds(20), () -> flooding.sent.get() >= unread))
                    .isTrue();
            // a window is refilled only when half of it has been read
            assertThat(flooding.allowed.get()).isLessThanOrEqualTo(unread + (long) streams * read);

            exchanges.forEach(Exchange::abort);
            fixture.await(pool -> pool.exchanges() == 0);
            long before = flooding.allowed.get();
            Exchange next = fixture.paused(new Probe(), VertxFixture.STREAMED);
            next.request(read / 1024);
            assertThat(Eventually.holds(
                            Duration.ofSeconds(10), () -> flooding.allowed.get() - before >= Http2Windows.GROWN_WINDOW))
                    .isTrue();
        }
    }

    @Test
    void the_padding_of_frames_is_given_back_to_their_stream() throws IOException {
        int padding = 255;
        byte[] padded = new byte[1 + padding + 1];
        padded[0] = (byte) padding;
        int frames = 2 * Http2Windows.FIRST_WINDOW / padded.length;
        AtomicInteger window = new AtomicInteger(Http2Windows.FIRST_WINDOW);
        AtomicInteger sent = new AtomicInteger();
        RawHttp2Server.Script script = (frame, connection) -> {
            if (frame.type() == DATA && frame.ends()) {
                connection.headers(1);
            } else if (frame.type() == RawHttp2Server.WINDOW_UPDATE && frame.stream() == 1) {
                window.addAndGet(ByteBuffer.wrap(frame.payload()).getInt());
            } else {
                return;
            }
            while (sent.get() < frames && window.addAndGet(-padded.length) >= 0) {
                connection.send(DATA, 8, 1, padded);
                sent.incrementAndGet();
            }
        };
        try (RawHttp2Server server = new RawHttp2Server(script);
                VertxFixture fixture = VertxFixture.of(server.url(), "h2")) {
            Probe probe = fixture.whole();

            assertThat(Eventually.holds(
                            Duration.ofSeconds(10), () -> probe.body().length() == frames))
                    .isTrue();
        }
    }

    @Test
    void a_flood_of_tiny_frames_that_nobody_reads_is_ended() throws IOException {
        RawHttp2Server.Script flooding = (frame, connection) -> {
            if (frame.type() == DATA && frame.ends() && frame.stream() == 1) {
                connection.headers(1);
                for (int i = 0; i < 10_000; i++) {
                    connection.send(DATA, 0, 1, new byte[1]);
                }
            } else if (frame.type() == DATA && frame.ends()) {
                connection.ok(frame.stream());
            }
        };
        try (RawHttp2Server server = new RawHttp2Server(flooding);
                VertxFixture fixture = VertxFixture.of(server.url(), "h2")) {
            Probe probe = new Probe();
            Exchange exchange = fixture.paused(probe, VertxFixture.STREAMED);

            assertThat(Eventually.holds(
                            Duration.ofSeconds(10),
                            () -> !server.received(RST_STREAM).isEmpty()))
                    .isTrue();
            exchange.request(Long.MAX_VALUE);
            assertThat(get(probe.failure).unprocessed()).isFalse();
            assertThat(get(fixture.whole().end)).isNull();
            assertThat(server.connections()).isEqualTo(1);
        }
    }
}
