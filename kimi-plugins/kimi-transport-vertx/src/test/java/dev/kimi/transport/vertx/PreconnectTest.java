package dev.kimi.transport.vertx;

import static dev.kimi.transport.vertx.Probe.get;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.test.KimiSimulator;
import dev.kimi.transport.TransportFailure;
import java.net.URI;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Connections that are opened before there is a request for them. */
@Timeout(60)
class PreconnectTest {

    @ParameterizedTest
    @ValueSource(strings = {"http1", "h2"})
    void one_connection_is_opened_stays_idle_and_carries_the_first_exchange(String http) {
        try (KimiSimulator service = KimiSimulator.start();
                VertxFixture fixture = VertxFixture.of(service.baseUrl(), http)) {
            assertThat(connect(fixture, service.baseUrl())).isEmpty();
            assertThat(connect(fixture, service.baseUrl() + "/any/path")).isEmpty();

            fixture.await(pool -> pool.idle() == 1 && pool.active() == 0 && pool.exchanges() == 0);
            assertThat(service.requests()).isEmpty();
            assertThat(get(fixture.whole().end)).isNull();
            assertThat(service.connectionsAccepted()).isEqualTo(1);
        }
    }

    @Test
    void what_prevents_it_is_said() {
        VertxFixture fixture = VertxFixture.of("http://127.0.0.1:1", "http1");
        try (fixture) {
            assertThat(kind(connect(fixture, "http://127.0.0.1:1"))).isEqualTo(TransportFailure.Kind.CONNECT);
            assertThat(kind(connect(fixture, "ftp://127.0.0.1"))).isEqualTo(TransportFailure.Kind.CONNECT);
        }
        assertThat(kind(connect(fixture, "http://127.0.0.1:1"))).isEqualTo(TransportFailure.Kind.CLOSED);
    }

    @Test
    void closing_the_transport_ends_one_that_is_being_opened() throws Exception {
        try (SilentServer silent = new SilentServer();
                VertxFixture fixture = VertxFixture.of("https://127.0.0.1:" + silent.port(), "h2")) {
            CompletionStage<Optional<TransportFailure>> opening =
                    fixture.transport.connect(URI.create("https://127.0.0.1:" + silent.port()));
            fixture.await(pool -> pool.pending() == 1);

            fixture.transport.close();

            assertThat(kind(get(opening.toCompletableFuture()))).isEqualTo(TransportFailure.Kind.CLOSED);
        }
    }

    private static Optional<TransportFailure> connect(VertxFixture fixture, String origin) {
        return get(fixture.transport.connect(URI.create(origin)).toCompletableFuture());
    }

    private static TransportFailure.Kind kind(Optional<TransportFailure> failure) {
        return failure.orElseThrow().kind();
    }
}
