package dev.kimi.transport.vertx;

import static dev.kimi.transport.vertx.Probe.get;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.test.KimiSimulator;
import dev.kimi.test.Reply;
import dev.kimi.test.support.Eventually;
import dev.kimi.time.VirtualTime;
import dev.kimi.transport.Exchange;
import dev.kimi.transport.TransportFailure;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Ten times the load, while the server holds the handshakes back. */
@Timeout(60)
class LoadStepTest {

    private static final int STREAMS = 10;
    private static final int USABLE = 8;
    private static final int AT_A_TIME = 16;

    private final VirtualTime clock = new VirtualTime();

    @Test
    void ten_times_the_load_on_http2_opens_as_many_connections_as_it_fills_and_one() throws IOException {
        try (KimiSimulator service =
                        KimiSimulator.builder().maxConcurrentStreams(STREAMS).start();
                HeldPort port = new HeldPort(service.port(), 1);
                VertxFixture fixture = VertxFixture.of("http://127.0.0.1:" + port.port(), "h2")) {
            service.otherwise(Reply.text("held").stallAfterEvents(0));
            int load = USABLE;
            List<Exchange> exchanges = send(fixture, load);
            fixture.await(pool -> pool.exchanges() == load);

            exchanges.addAll(send(fixture, 9 * load));
            fixture.await(pool -> pool.pending() == 9 * load - (STREAMS - USABLE));
            awaitHeld(port, 9 * load / USABLE);
            port.release(Integer.MAX_VALUE / 2);
            fixture.await(pool -> pool.exchanges() == 10 * load && pool.pending() == 0);

            assertThat(port.accepted() - 1).isLessThanOrEqualTo(9 * load / USABLE + 1);
            exchanges.forEach(Exchange::abort);
        }
    }

    @Test
    void a_burst_on_http1_opens_connections_some_at_a_time_and_never_more_than_there_may_be(@TempDir Path folder)
            throws IOException {
        try (KimiSimulator service = KimiSimulator.builder().tls().start();
                HeldPort port = new HeldPort(service.port(), 2);
                VertxFixture fixture = tls(service, port, folder, "max-connections", "20")) {
            service.otherwise(Reply.text("held").stallAfterEvents(0));
            List<Exchange> exchanges = send(fixture, 2);
            fixture.await(pool -> pool.exchanges() == 2);

            exchanges.addAll(send(fixture, 28));
            for (int open = 3; open <= 20; open++) {
                awaitHeld(port, Math.min(AT_A_TIME, 21 - open));
                port.release(1);
                int opened = open;
                fixture.await(pool -> pool.exchanges() == opened);
            }

            assertThat(port.mostHeld()).isEqualTo(AT_A_TIME);
            assertThat(port.accepted()).isEqualTo(20);
            assertThat(fixture.pool().pending()).isEqualTo(10);
            exchanges.forEach(Exchange::abort);
        }
    }

    @Test
    void a_connection_that_comes_free_serves_who_waits_and_the_one_being_opened_falls_idle_and_is_closed(
            @TempDir Path folder) throws IOException {
        try (KimiSimulator service = KimiSimulator.builder().tls().start();
                HeldPort port = new HeldPort(service.port(), 1);
                VertxFixture fixture = tls(service, port, folder, "keep-alive", "1", "idle-timeout", "4s")) {
            service.reply(Reply.text("held").stallAfterEvents(0), Reply.text("second"));
            Exchange first = fixture.send(new Probe(), VertxFixture.STREAMED);
            get(service.awaitRequests(1));
            Probe second = fixture.whole();
            Probe third = fixture.whole();
            awaitHeld(port, 2);

            first.abort();
            // for the second, which leaves it to the third
            port.release(1);
            assertThat(get(second.end)).isNull();
            assertThat(get(third.end)).isNull();
            port.release(10);
            fixture.await(pool -> pool.idle() == 2);
            assertThat(port.accepted()).isEqualTo(3);

            clock.advance(Duration.ofSeconds(2));
            fixture.await(pool -> pool.idle() == 1);
        }
    }

    @Test
    void exchanges_that_are_over_before_their_connections_are_open_have_no_others_opened(@TempDir Path folder)
            throws IOException {
        try (KimiSimulator service = KimiSimulator.builder().tls().start();
                HeldPort port = new HeldPort(service.port(), 0);
                VertxFixture fixture = tls(service, port, folder, "max-connections", "100")) {
            List<Exchange> exchanges = send(fixture, 60);
            awaitHeld(port, AT_A_TIME);
            exchanges.forEach(Exchange::abort);
            fixture.await(pool -> pool.pending() == 0);

            port.release(100);
            fixture.await(pool -> pool.idle() == AT_A_TIME);
            assertThat(port.accepted()).isEqualTo(AT_A_TIME);
        }
    }

    @Test
    void all_that_wait_fail_with_the_first_connections_of_a_server_that_cannot_be_reached() throws IOException {
        int closed;
        try (ServerSocket port = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            closed = port.getLocalPort();
        }
        LoopWatch attempts = new LoopWatch("127.0.0.1");
        try (VertxFixture fixture = new VertxFixture(
                "http://service.test:" + closed,
                builder -> builder.set("http", "http1").time(clock),
                attempts)) {
            List<Probe> probes = new ArrayList<>();
            for (int i = 0; i < 90; i++) {
                probes.add(fixture.whole());
            }

            probes.forEach(probe -> assertThat(get(probe.failure).kind()).isEqualTo(TransportFailure.Kind.CONNECT));
        }
    }

    private VertxFixture tls(KimiSimulator service, HeldPort port, Path folder, String... settings) throws IOException {
        String pem = Files.writeString(folder.resolve("trusted.pem"), service.certificatePem())
                .toString();
        return new VertxFixture("https://127.0.0.1:" + port.port(), builder -> {
            builder.set("http", "http1").set("trust-certificates", pem).time(clock);
            for (int i = 0; i < settings.length; i += 2) {
                builder.set(settings[i], settings[i + 1]);
            }
            return builder;
        });
    }

    private static List<Exchange> send(VertxFixture fixture, int count) {
        List<Exchange> exchanges = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            exchanges.add(fixture.send(new Probe(), VertxFixture.STREAMED));
        }
        return exchanges;
    }

    private static void awaitHeld(HeldPort port, int count) {
        assertThat(Eventually.holds(Duration.ofSeconds(10), () -> port.held() == count))
                .as("held are %s of %s", port.held(), count)
                .isTrue();
    }
}
