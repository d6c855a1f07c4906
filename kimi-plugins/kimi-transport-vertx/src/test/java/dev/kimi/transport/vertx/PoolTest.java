package dev.kimi.transport.vertx;

import static dev.kimi.transport.vertx.Probe.get;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.spi.ProviderSettings;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.Latency;
import dev.kimi.test.ReceivedRequest;
import dev.kimi.test.Reply;
import dev.kimi.test.support.Eventually;
import dev.kimi.time.Timeouts;
import dev.kimi.time.VirtualTime;
import dev.kimi.transport.Exchange;
import dev.kimi.transport.ExchangeHandler;
import dev.kimi.transport.Headers;
import dev.kimi.transport.RequestBody;
import dev.kimi.transport.Transport;
import dev.kimi.transport.TransportFailure;
import dev.kimi.transport.TransportRequest;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class PoolTest {

    private final VirtualTime clock = new VirtualTime();

    @ParameterizedTest
    @ValueSource(strings = {"http1", "h2"})
    void closes_a_connection_that_is_idle_for_too_long(String http) {
        try (KimiSimulator service = KimiSimulator.start();
                VertxFixture fixture = VertxFixture.on(clock, service.baseUrl(), http, "idle-timeout", "80ms")) {
            assertThat(get(fixture.whole().end)).isNull();
            assertThat(service.openConnections()).isEqualTo(1);

            clock.advance(Duration.ofMillis(81));

            service.awaitDisconnected(Duration.ofSeconds(10));
            fixture.await(pool -> pool.idle() == 0);
            assertThat(get(fixture.whole().end)).isNull();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"http1", "h2"})
    void replaces_a_connection_that_is_too_old_without_cutting_it(String http) {
        try (KimiSimulator service = KimiSimulator.start();
                VertxFixture fixture =
                        VertxFixture.on(clock, service.baseUrl(), http, "max-age", "80ms", "idle-timeout", "1d")) {
            service.reply(Reply.text("first").after(Duration.ofMillis(300)));
            Probe old = fixture.stream();
            get(service.awaitRequests(1));

            clock.advance(Duration.ofSeconds(1));
            assertThat(get(old.end)).isNull();

            service.awaitDisconnected(Duration.ofSeconds(10));
            assertThat(get(fixture.whole().end)).isNull();
            assertThat(service.connectionsAccepted()).isEqualTo(2);
        }
    }

    /**
     * They come while the connection is open already and has not been handed to those that wait for it: a moment of
     * microseconds, which each round looks for a little later.
     */
    @Test
    void exchanges_that_come_as_the_first_connection_opens_open_no_second() {
        try (KimiSimulator service = KimiSimulator.start()) {
            for (int round = 1; round <= 100; round++) {
                try (VertxFixture fixture = VertxFixture.on(clock, service.baseUrl(), "h2", "event-loops", "1")) {
                    List<Probe> probes = new ArrayList<>(List.of(fixture.whole()));
                    while (service.connectionsAccepted() < round) {
                        Thread.onSpinWait();
                    }
                    for (int i = 0; i < 60; i++) {
                        for (int spin = 0; spin < round; spin++) {
                            Thread.onSpinWait();
                        }
                        probes.add(fixture.whole());
                    }
                    probes.forEach(probe -> assertThat(get(probe.end)).isNull());
                    assertThat(service.connectionsAccepted()).isEqualTo(round);
                }
            }
        }
    }

    @Test
    void closes_idle_connections_beyond_those_to_keep() {
        VirtualTime theirs = new VirtualTime();
        try (KimiSimulator service = KimiSimulator.builder()
                        .time(theirs)
                        .latency(Latency.of(Duration.ofMillis(50), Duration.ZERO))
                        .start();
                VertxFixture fixture =
                        VertxFixture.on(clock, service.baseUrl(), "http1", "keep-alive", "2", "idle-timeout", "4s")) {
            List<Probe> probes = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                probes.add(fixture.stream());
            }
            get(service.awaitRequests(6));
            passUntilEnded(theirs, probes);
            probes.forEach(probe -> assertThat(get(probe.end)).isNull());
            assertThat(fixture.pool().idle()).isEqualTo(6);

            clock.advance(Duration.ofSeconds(2));

            fixture.await(pool -> pool.idle() == 2);
        }
    }

    @Test
    void learns_how_long_the_server_keeps_a_connection() {
        try (KimiSimulator service = KimiSimulator.start();
                VertxFixture fixture = VertxFixture.on(clock, service.baseUrl(), "http1")) {
            assertThat(get(fixture.whole().end)).isNull();
            clock.advance(Duration.ofSeconds(10));
            service.disconnectAll();
            fixture.await(pool -> pool.idle() == 0);
            assertThat(get(fixture.whole().end)).isNull();

            clock.advance(Duration.ofMillis(9_500));
            assertThat(get(fixture.whole().end)).isNull();
            assertThat(service.connectionsAccepted()).isEqualTo(3);

            clock.advance(Duration.ofMillis(8_500));
            assertThat(get(fixture.whole().end)).isNull();
            assertThat(service.connectionsAccepted()).isEqualTo(3);
        }
    }

    @Test
    void heeds_what_the_server_says_of_keeping_a_connection() {
        try (KimiSimulator service = KimiSimulator.start();
                VertxFixture fixture = VertxFixture.on(clock, service.baseUrl(), "http1")) {
            service.otherwise(Reply.text("ok").header("Keep-Alive", "timeout=5, max=100"));
            assertThat(get(fixture.whole().end)).isNull();
            clock.advance(Duration.ofSeconds(4));
            assertThat(get(fixture.whole().end)).isNull();
            assertThat(service.connectionsAccepted()).isEqualTo(1);

            clock.advance(Duration.ofMillis(4_800));

            assertThat(get(fixture.whole().end)).isNull();
            assertThat(service.connectionsAccepted()).isEqualTo(2);
        }
    }

    @Test
    void asks_for_no_more_streams_than_the_server_allows() {
        VirtualTime theirs = new VirtualTime();
        try (KimiSimulator service = KimiSimulator.builder()
                        .maxConcurrentStreams(5)
                        .time(theirs)
                        .latency(Latency.of(Duration.ofMillis(5), Duration.ZERO))
                        .start();
                VertxFixture fixture = VertxFixture.of(service.baseUrl(), "h2", "max-connections", "4")) {
            List<Probe> probes = new ArrayList<>();
            for (int i = 0; i < 300; i++) {
                probes.add(fixture.whole());
            }
            get(service.awaitRequests(20));
            passUntilEnded(theirs, probes);

            probes.forEach(probe -> assertThat(get(probe.end)).isNull());
            assertThat(service.connectionsAccepted()).isEqualTo(4);
            assertThat(service.requests()).hasSize(300);
        }
    }

    @Test
    void loses_and_repeats_nothing_when_the_server_ends_connections_under_load() {
        try (KimiSimulator service = KimiSimulator.start();
                VertxFixture fixture = VertxFixture.of(service.baseUrl(), "h2")) {
            List<Reply> replies = new ArrayList<>();
            for (int i = 0; i < 1_500; i++) {
                replies.add(i % 10 == 9 ? Reply.text("bye").closeConnection() : Reply.text("ok"));
            }
            service.reply(replies.toArray(new Reply[0]));
            Load load = new Load(fixture, 1_200, 32);

            load.run();

            assertThat(load.processedButFailed.get()).isZero();
            // the service notes the end of a response after it has sent it
            service.awaitIdle(Duration.ofSeconds(10));
            long responded = service.requests().stream()
                    .filter(request -> request.ending() == ReceivedRequest.Ending.COMPLETED)
                    .count();
            assertThat(load.completed.get()).isEqualTo((int) responded);
        }
    }

    @Test
    void divides_connections_among_event_loops() {
        try (KimiSimulator service = KimiSimulator.start();
                VertxFixture fixture =
                        VertxFixture.of(service.baseUrl(), "http1", "event-loops", "2", "max-connections", "5")) {
            service.otherwise(Reply.text("held").stallAfterEvents(0));
            List<Exchange> exchanges = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                exchanges.add(fixture.send(new Probe(), VertxFixture.STREAMED));
            }
            fixture.await(pool -> pool.active() == 5 && pool.pending() == 3);
            assertThat(Eventually.holds(Duration.ofSeconds(10), () -> service.openConnections() == 5))
                    .isTrue();
            assertThat(fixture.pool().max()).isEqualTo(5);

            exchanges.forEach(Exchange::abort);

            fixture.await(pool -> pool.active() == 0 && pool.pending() == 0);
        }
    }

    @Test
    void leaves_no_timer_when_the_one_for_the_queue_fires_as_all_leave_it_and_others_come() throws Exception {
        LoopWatch watch = new LoopWatch("127.0.0.1");
        ProviderSettings settings = ProviderSettings.builder("kimi.transport", clock)
                .time(clock)
                .set("max-connections", "1")
                .build();
        try (KimiSimulator service = KimiSimulator.start();
                Transport transport = new VertxTransport(VertxSettings.of(settings), watch)) {
            service.otherwise(Reply.text("held").stallAfterEvents(0));
            TransportRequest request = TransportRequest.builder(
                            "GET", URI.create("http://service.test:" + service.port()), "/v1/models")
                    .body(RequestBody.of(new byte[0]))
                    .build();
            Exchange holder = transport.send(request, new Probe());
            Exchange first = transport.send(request, new Probe());
            assertThat(Eventually.holds(
                            Duration.ofSeconds(10),
                            () -> transport.pool().active() == 1
                                    && transport.pool().pending() == 1))
                    .isTrue();

            CompletableFuture<Void> loopMayGoOn = new CompletableFuture<>();
            watch.loop().execute(loopMayGoOn::join);
            first.abort();
            Exchange second = transport.send(request, new Probe());
            clock.advance(Timeouts.defaults().poolWait());
            loopMayGoOn.complete(null);
            watch.awaitTurn();
            assertThat(transport.pool().pending()).isEqualTo(1);
            second.abort();
            holder.abort();
            watch.awaitTurn();

            assertThat(clock.pending()).isZero();
        }
    }

    /** Lets the time of the service pass until all exchanges have ended. */
    private static void passUntilEnded(VirtualTime theirs, List<Probe> probes) {
        assertThat(Eventually.holds(Duration.ofSeconds(30), () -> {
                    theirs.advance(Duration.ofMillis(50));
                    return probes.stream().allMatch(probe -> probe.end.isDone());
                }))
                .isTrue();
    }

    /** Keeps some exchanges under way until so many have been made, and sends none of them twice. */
    private static final class Load {
        final AtomicInteger completed = new AtomicInteger();
        final AtomicInteger processedButFailed = new AtomicInteger();
        private final VertxFixture fixture;
        private final int total;
        private final Semaphore places;
        private final CompletableFuture<Void> done = new CompletableFuture<>();
        private final AtomicInteger ended = new AtomicInteger();

        Load(VertxFixture fixture, int total, int together) {
            this.fixture = fixture;
            this.total = total;
            this.places = new Semaphore(together);
        }

        void run() {
            for (int i = 0; i < total; i++) {
                places.acquireUninterruptibly();
                one();
            }
            get(done);
        }

        private void one() {
            ExchangeHandler handler = new ExchangeHandler() {
                @Override
                public void onHeaders(int status, Headers headers) {}

                @Override
                public void onBody(ByteBuffer chunk) {}

                @Override
                public void onComplete(Headers trailers) {
                    completed.incrementAndGet();
                    end();
                }

                @Override
                public void onFailure(TransportFailure failure) {
                    if (!failure.unprocessed()) {
                        processedButFailed.incrementAndGet();
                    }
                    end();
                }
            };
            fixture.send(handler, VertxFixture.WHOLE);
        }

        private void end() {
            places.release();
            if (ended.incrementAndGet() == total) {
                done.complete(null);
            }
        }
    }
}
