package dev.kimi.transport.vertx;

import static dev.kimi.transport.vertx.Probe.get;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.test.KimiSimulator;
import dev.kimi.test.Reply;
import dev.kimi.test.support.Eventually;
import dev.kimi.time.VirtualTime;
import dev.kimi.transport.TransportFailure;
import dev.kimi.transport.TransportFailure.Kind;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A service whose name gets other addresses, looked up from a real name server. */
@Timeout(60)
class MovedServiceTest {

    private static final String NAME = "service.test";
    private static final int TTL_SECONDS = 5;
    /** SETTINGS of HTTP/2 that allow one stream at a time. */
    private static final byte[] ONE_STREAM = {0, 0, 6, 4, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 1};

    private static final byte[] NO_SETTINGS = {0, 0, 0, 4, 0, 0, 0, 0, 0};

    private final VirtualTime clock = new VirtualTime();
    private DnsServer dns;
    private KimiSimulator old;
    private KimiSimulator next;

    @BeforeEach
    void start() throws IOException {
        dns = new DnsServer().serve(NAME, TTL_SECONDS, "127.0.0.1");
        old = KimiSimulator.start();
        next = KimiSimulator.builder().host("127.0.0.2").port(old.port()).start();
    }

    @AfterEach
    void stop() throws IOException {
        next.close();
        old.close();
        dns.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"http1", "h2"})
    void new_requests_go_to_the_new_address_while_streams_to_the_old_one_finish(String http) throws IOException {
        try (VertxFixture fixture = fixture(http)) {
            CompletableFuture<Void> release = new CompletableFuture<>();
            old.reply(Reply.text("one two three").holdAfterEvents(1, release));
            Probe stream = fixture.stream();
            get(stream.status);
            assertThat(get(fixture.whole().end)).isNull();

            move("127.0.0.2");
            awaitRequestAt(next, fixture);
            int before = old.requests().size();
            for (int i = 0; i < 20; i++) {
                assertThat(get(fixture.whole().end)).isNull();
            }

            assertThat(old.requests()).hasSize(before);
            assertThat(stream.end).isNotDone();
            assertThat(old.openConnections()).isEqualTo(1);
            release.complete(null);
            assertThat(get(stream.end)).isNull();
            assertThat(stream.body()).endsWith("data: [DONE]\n\n");
            old.awaitDisconnected(Duration.ofSeconds(10));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"http1", "h2"})
    void a_connection_that_nobody_uses_moves_too(String http) throws IOException {
        try (VertxFixture fixture = fixture(http)) {
            assertThat(get(fixture.whole().end)).isNull();

            move("127.0.0.2");

            old.awaitDisconnected(Duration.ofSeconds(10));
            assertThat(get(fixture.whole().end)).isNull();
            assertThat(old.requests()).hasSize(1);
            assertThat(next.requests()).hasSize(1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"http1", "h2"})
    void a_move_under_load_fails_no_request(String http) throws IOException {
        try (VertxFixture fixture = fixture(http)) {
            Load load = new Load(fixture, 16);
            load.awaitCompleted(200);

            move("127.0.0.2");
            get(next.awaitRequests(200));
            // each caller has had at least one request after the first at the new address
            load.awaitCompleted(load.completed() + 32);
            int before = old.requests().size();
            load.awaitCompleted(load.completed() + 200);
            load.stop();

            assertThat(load.failures).isEmpty();
            assertThat(old.requests()).hasSize(before);
            old.awaitDisconnected(Duration.ofSeconds(10));
        }
    }

    @Test
    void a_connection_to_the_old_address_that_opens_after_the_move_is_not_used() throws IOException {
        dns.serve(NAME, TTL_SECONDS, "127.0.0.3");
        try (SilentServer slow = new SilentServer("127.0.0.3", old.port());
                VertxFixture fixture = fixture("h2")) {
            Probe first = fixture.whole();
            try (Socket open = slow.accept()) {
                open.getOutputStream().write(ONE_STREAM);
                fixture.await(pool -> pool.active() == 1);
                Probe second = fixture.whole();
                Socket opening = slow.accept();

                lookUpAgain("127.0.0.2");
                // a lookup begins when the one before has had its effect
                lookUpAgain("127.0.0.2");
                opening.getOutputStream().write(NO_SETTINGS);

                assertThat(get(second.end)).isNull();
                assertThat(next.requests()).hasSize(1);
                SilentServer.awaitEnd(opening);
                assertThat(first.end).isNotDone();
            }
        }
    }

    @Test
    void a_name_that_shows_its_addresses_in_turns_keeps_the_connections_to_all() throws IOException {
        try (VertxFixture fixture = fixture("h2")) {
            assertThat(get(fixture.whole().end)).isNull();
            for (String address : List.of("127.0.0.2", "127.0.0.1", "127.0.0.2")) {
                lookUpAgain(address, fixture);
            }
            long connections = old.connectionsAccepted() + next.connectionsAccepted();

            for (int i = 0; i < 6; i++) {
                lookUpAgain(i % 2 == 0 ? "127.0.0.1" : "127.0.0.2", fixture);
            }

            assertThat(old.connectionsAccepted() + next.connectionsAccepted()).isEqualTo(connections);
        }
    }

    @Test
    void connections_stay_while_the_name_server_fails() throws IOException {
        try (VertxFixture fixture = fixture("h2")) {
            assertThat(get(fixture.whole().end)).isNull();
            dns.fault(DnsServer.Fault.SERVFAIL);
            int queries = dns.queries().size();

            clock.advance(Duration.ofSeconds(TTL_SECONDS));
            assertThat(Eventually.holds(
                            Duration.ofSeconds(10), () -> dns.queries().size() > queries))
                    .isTrue();

            assertThat(get(fixture.whole().end)).isNull();
            assertThat(old.connectionsAccepted()).isEqualTo(1);
            old.disconnectAll();
            fixture.await(pool -> pool.idle() == 0);
            assertThat(get(fixture.whole().end)).isNull();
            assertThat(old.connectionsAccepted()).isEqualTo(2);
        }
    }

    @Test
    void after_an_hour_without_a_name_server_the_host_is_unknown() throws IOException {
        try (VertxFixture fixture = fixture("http1")) {
            assertThat(get(fixture.whole().end)).isNull();
            dns.remove(NAME);
            old.disconnectAll();
            fixture.await(pool -> pool.idle() == 0);

            clock.advance(Duration.ofMinutes(59));
            assertThat(get(fixture.whole().end)).isNull();
            old.disconnectAll();
            fixture.await(pool -> pool.idle() == 0);
            clock.advance(Duration.ofMinutes(2));

            TransportFailure failure = get(fixture.whole().failure);
            assertThat(failure.kind()).isEqualTo(Kind.UNKNOWN_HOST);
            assertThat(failure.unprocessed()).isTrue();
        }
    }

    @Test
    void a_name_without_connections_is_not_looked_up() throws IOException {
        dns.serve("other.test", TTL_SECONDS, "127.0.0.2");
        try (VertxFixture fixture = fixture("http1")) {
            assertThat(get(fixture.whole().end)).isNull();
            assertThat(get(fixture.wholeTo("http://other.test:" + next.port()).end))
                    .isNull();
            old.disconnectAll();
            fixture.await(pool -> pool.idle() == 1);
            long queries = queriesFor(NAME);

            // the loop looks after all names equally often
            for (int i = 0; i < 3; i++) {
                long others = queriesFor("other.test");
                clock.advance(Duration.ofSeconds(TTL_SECONDS));
                assertThat(Eventually.holds(Duration.ofSeconds(10), () -> queriesFor("other.test") > others))
                        .isTrue();
            }

            assertThat(queriesFor(NAME)).isEqualTo(queries);
        }
    }

    @Test
    void requests_cost_no_lookup_while_the_addresses_hold() throws IOException {
        try (VertxFixture fixture = fixture("http1")) {
            for (int i = 0; i < 50; i++) {
                assertThat(get(fixture.whole().end)).isNull();
                old.disconnectAll();
                fixture.await(pool -> pool.idle() == 0);
            }

            assertThat(dns.queries()).containsExactlyInAnyOrder("A " + NAME, "AAAA " + NAME);
        }
    }

    @Test
    void a_name_server_that_drops_queries_for_ipv6_delays_nothing_for_long() throws IOException {
        dns.fault(DnsServer.Fault.SILENCE_ON_AAAA);
        try (VertxFixture fixture = fixture("http1")) {
            assertThat(get(fixture.whole().end)).isNull();
            move("127.0.0.2");
            awaitRequestAt(next, fixture);
        }
    }

    @Test
    void an_ipv6_address_that_refuses_the_connection_gives_way_to_ipv4() throws IOException {
        dns.serve(NAME, TTL_SECONDS, "::1", "127.0.0.1");
        try (VertxFixture fixture = fixture("http1")) {
            assertThat(get(fixture.whole().end)).isNull();
            assertThat(old.requests()).hasSize(1);
        }
    }

    @Test
    void an_ipv4_address_that_refuses_the_connection_gives_way_to_ipv6() throws IOException {
        dns.serve(NAME, TTL_SECONDS, "::1", "127.0.0.3");
        try (KimiSimulator six =
                        KimiSimulator.builder().host("::1").port(old.port()).start();
                VertxFixture fixture = fixture("http1")) {
            assertThat(get(fixture.whole().end)).isNull();
            assertThat(six.requests()).hasSize(1);
        }
    }

    private VertxFixture fixture(String http) {
        return new VertxFixture(
                "http://" + NAME + ":" + old.port(),
                builder -> builder.set("http", http).time(clock),
                dns.resolver());
    }

    private void move(String address) throws IOException {
        dns.serve(NAME, TTL_SECONDS, address);
        clock.advance(Duration.ofSeconds(TTL_SECONDS));
    }

    private void lookUpAgain(String address) throws IOException {
        lookUpAgain(address, () -> {});
    }

    /** Goes on sending requests: a name is looked up as long as there are connections. */
    private void lookUpAgain(String address, VertxFixture fixture) throws IOException {
        lookUpAgain(address, () -> assertThat(get(fixture.whole().end)).isNull());
    }

    private void lookUpAgain(String address, Runnable meanwhile) throws IOException {
        long queries = queriesFor(NAME);
        move(address);
        assertThat(Eventually.holds(Duration.ofSeconds(10), () -> {
                    meanwhile.run();
                    return queriesFor(NAME) > queries;
                }))
                .isTrue();
    }

    private long queriesFor(String name) {
        return dns.queries().stream().filter(("A " + name)::equals).count();
    }

    private static void awaitRequestAt(KimiSimulator service, VertxFixture fixture) {
        assertThat(Eventually.holds(Duration.ofSeconds(20), () -> {
                    assertThat(get(fixture.whole().end)).isNull();
                    return !service.requests().isEmpty();
                }))
                .isTrue();
    }

    /** Callers that send one request after the other. */
    private static final class Load {

        private final VertxFixture fixture;
        private final List<TransportFailure> failures = new ArrayList<>();
        private final AtomicInteger completed = new AtomicInteger();
        private final AtomicBoolean stopping = new AtomicBoolean();
        private final Semaphore running = new Semaphore(0);
        private final int callers;

        Load(VertxFixture fixture, int callers) {
            this.fixture = fixture;
            this.callers = callers;
            for (int i = 0; i < callers; i++) {
                next();
            }
        }

        private void next() {
            fixture.whole().end.thenAccept(failure -> {
                if (failure != null) {
                    synchronized (failures) {
                        failures.add(failure);
                    }
                }
                completed.incrementAndGet();
                if (stopping.get()) {
                    running.release();
                } else {
                    next();
                }
            });
        }

        int completed() {
            return completed.get();
        }

        void awaitCompleted(int count) {
            assertThat(Eventually.holds(Duration.ofSeconds(20), () -> completed.get() >= count))
                    .isTrue();
        }

        void stop() {
            stopping.set(true);
            running.acquireUninterruptibly(callers);
        }
    }
}
