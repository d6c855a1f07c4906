package dev.kimi.gateway.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.KimiClient;
import dev.kimi.gateway.call.GatewayCall;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.util.unit.DataSize;

/** A server that is to stop while calls are under way. */
class DrainTest {

    private static final GatewayCall CALL = fake(GatewayCall.class, new CompletableFuture<>());

    @Test
    void a_server_that_stops_is_not_ready_rejects_new_calls_and_waits_for_those_under_way() throws Exception {
        try (SmallServer server =
                        SmallServer.start("server.http2.enabled=true", "kimi.gateway.server.drain.timeout=10m");
                RawClient idle = connected(server);
                RawHttp2 http2 = RawHttp2.connect(server.port(), 65_535)) {
            http2.send(RawHttp2.HEADERS, RawHttp2.END_HEADERS | RawHttp2.END_STREAM, 1, RawHttp2.get("/v1/hold"));
            http2.next(RawHttp2.HEADERS);
            Drain drain = server.bean(Drain.class);
            drain.started(CALL);

            CompletableFuture<Void> stopped = CompletableFuture.runAsync(server::close);
            assertThat(http2.next(RawHttp2.GOAWAY).error()).isZero();
            until(drain, Drain.State.REJECTING);

            assertThat(request(server, "GET", "/actuator/health/readiness")).startsWith("HTTP/1.1 503 ");
            assertThat(request(server, "GET", "/actuator/health/liveness")).startsWith("HTTP/1.1 200 ");
            assertThat(request(server, "POST", "/v1/echo"))
                    .startsWith("HTTP/1.1 503 ")
                    .containsIgnoringCase("connection: close")
                    .containsIgnoringCase("retry-after: 1");
            idle.send("POST /v1/echo HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\n\r\n");
            assertThat(idle.readToEnd()).startsWith("HTTP/1.1 503 ").containsIgnoringCase("connection: close");
            assertThat(stopped).isNotDone();

            // Boot's own graceful phase waits for responses; the client's reset is the end of this one.
            http2.send(RawHttp2.RST_STREAM, 0, 1, new byte[] {0, 0, 0, 8});
            drain.ended(CALL);
            stopped.join();
        }
    }

    @Test
    void new_calls_are_served_while_balancers_have_not_looked_yet() throws Exception {
        try (SmallServer server = SmallServer.start("kimi.gateway.server.drain.delay=1s")) {
            Drain drain = server.bean(Drain.class);
            CompletableFuture<Void> stopped = CompletableFuture.runAsync(server::close);
            until(drain, Drain.State.LEAVING);

            assertThat(request(server, "GET", "/actuator/health/readiness")).startsWith("HTTP/1.1 503 ");
            assertThat(request(server, "POST", "/v1/echo"))
                    .startsWith("HTTP/1.1 200 ")
                    .containsIgnoringCase("connection: close")
                    .endsWith("echo 0");
            stopped.join();
        }
    }

    @Test
    void calls_that_go_on_too_long_are_ended_by_shutting_the_clients_down() {
        CompletableFuture<Void> closed = new CompletableFuture<>();
        KimiClient client = fake(KimiClient.class, closed);
        Drain drain = new Drain(
                new ServerLimits.Drain(Duration.ZERO, Duration.ofMillis(50)), guard(), () -> Stream.of(client));
        drain.started(CALL);
        CompletableFuture<Void> stopped = CompletableFuture.runAsync(drain::stop);

        closed.join();
        assertThat(stopped).isNotDone();
        drain.ended(CALL);
        stopped.join();
    }

    private static ConnectionGuard guard() {
        ServerLimits limits = new Binder(new MapConfigurationPropertySource(Map.of()))
                .bindOrCreate("kimi.gateway.server", ServerLimits.class);
        return new ConnectionGuard(
                limits,
                new ConnectionGuard.Boot(Duration.ofSeconds(75), DataSize.ofKilobytes(8)),
                new ServerCounters(new SimpleMeterRegistry()),
                new ClientAddresses(limits.trustedProxies()));
    }

    /** Completes the future when it is closed. */
    private static <T> T fake(Class<T> type, CompletableFuture<Void> closed) {
        return type.cast(Proxy.newProxyInstance(
                DrainTest.class.getClassLoader(), new Class<?>[] {type}, (proxy, method, args) -> {
                    closed.complete(null);
                    return null;
                }));
    }

    private static RawClient connected(SmallServer server) throws IOException {
        RawClient client = RawClient.connect(server.port());
        client.send("POST /v1/echo HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\n\r\n")
                .readResponse();
        return client;
    }

    private static String request(SmallServer server, String method, String path) throws IOException {
        try (RawClient client = RawClient.connect(server.port())) {
            return client.send(method + " " + path + " HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\n\r\n")
                    .readResponse();
        }
    }

    private static void until(Drain drain, Drain.State state) {
        while (drain.state() != state) {
            Thread.onSpinWait();
        }
    }
}
