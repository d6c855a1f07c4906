package dev.kimi.transport.vertx;

import static dev.kimi.transport.vertx.Probe.get;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.spi.ProviderSettings;
import dev.kimi.time.Timer;
import dev.kimi.transport.Exchange;
import dev.kimi.transport.Headers;
import dev.kimi.transport.PoolState;
import dev.kimi.transport.RequestBody;
import dev.kimi.transport.Transport;
import dev.kimi.transport.TransportFailure;
import dev.kimi.transport.TransportRequest;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class VertxTransportTest {

    private final Timer timer = Timer.wheel("test-timer");
    private final Vertx vertx = Vertx.vertx();
    private final List<Transport> transports = new ArrayList<>();
    private HttpServer server;

    @AfterEach
    void close() throws Exception {
        transports.forEach(Transport::close);
        vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
        timer.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"http1", "h2"})
    void carries_a_request_and_its_response(String http) {
        URI origin = serve(request -> request.body()
                .onSuccess(body -> request.response()
                        .putHeader("x-path", request.uri())
                        .putHeader("x-type", request.getHeader("content-type"))
                        .end(body)));
        Transport transport = transport(http);

        for (int i = 0; i < 3; i++) {
            Probe probe = new Probe();
            transport.send(post(origin, "/v1/echo?a=b", "hello " + i), probe).request(Long.MAX_VALUE);

            assertThat(get(probe.end)).isNull();
            assertThat(get(probe.status)).isEqualTo(200);
            assertThat(probe.body()).isEqualTo("hello " + i);
            assertThat(probe.headers.first("x-path")).isEqualTo("/v1/echo?a=b");
            assertThat(probe.headers.first("x-type")).isEqualTo("application/json");
        }
        assertThat(transport.pool())
                .extracting(
                        PoolState::active, PoolState::idle, PoolState::pending, PoolState::max, PoolState::exchanges)
                .containsExactly(0, 1, 0, 100, 0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"http1", "h2"})
    void reports_the_end_of_an_empty_body_without_being_asked(String http) {
        URI origin = serve(request -> request.response().setStatusCode(204).end());
        Probe probe = new Probe();

        transport(http).send(post(origin, "/", ""), probe);

        assertThat(get(probe.end)).isNull();
        assertThat(get(probe.status)).isEqualTo(204);
    }

    @ParameterizedTest
    @ValueSource(strings = {"http1", "h2"})
    void gives_one_chunk_for_each_that_was_asked_for(String http) throws Exception {
        CompletableFuture<HttpServerRequest> arrived = new CompletableFuture<>();
        URI origin = serve(request -> {
            request.response().setChunked(true).writeHead();
            arrived.complete(request);
        });
        Probe probe = new Probe();
        Exchange exchange = transport(http).send(post(origin, "/", "{}"), probe);
        assertThat(get(probe.status)).isEqualTo(200);

        get(arrived).response().write("one");
        exchange.request(1);
        assertThat(probe.chunks.take()).isEqualTo(3);
        get(arrived)
                .response()
                .write("three")
                .onComplete(sent -> get(arrived).response().end("four"));
        exchange.request(1);
        assertThat(probe.chunks.take()).isEqualTo(5);
        assertThat(probe.end).isNotDone();
        exchange.request(1);

        assertThat(get(probe.end)).isNull();
        assertThat(probe.body()).isEqualTo("onethreefour");
    }

    @ParameterizedTest
    @ValueSource(strings = {"http1", "h2"})
    void aborts_before_the_headers(String http) throws Exception {
        CountDownLatch arrived = new CountDownLatch(1);
        CountDownLatch reset = new CountDownLatch(1);
        URI origin = serve(request -> {
            request.response().exceptionHandler(gone -> reset.countDown());
            request.response().closeHandler(gone -> reset.countDown());
            arrived.countDown();
        });
        Transport transport = transport(http);
        Probe probe = new Probe();
        Exchange exchange = transport.send(post(origin, "/", "{}"), probe);
        arrived.await();

        exchange.abort();

        reset.await();
        assertThat(transport.pool().exchanges()).isZero();
        assertThat(transport.pool().active()).isZero();
        assertThat(probe.end).isNotDone();
    }

    @Test
    void a_refused_connection_was_not_processed() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        Probe probe = new Probe();

        transport("auto").send(post(URI.create("http://127.0.0.1:" + port), "/", "{}"), probe);

        TransportFailure failure = get(probe.failure);
        assertThat(failure.kind()).isEqualTo(TransportFailure.Kind.CONNECT);
        assertThat(failure.unprocessed()).isTrue();
    }

    private URI serve(Handler<HttpServerRequest> handler) {
        server = vertx.createHttpServer(new HttpServerOptions()).requestHandler(handler);
        int port = get(server.listen(0, "127.0.0.1").toCompletionStage().toCompletableFuture())
                .actualPort();
        return URI.create("http://127.0.0.1:" + port);
    }

    private Transport transport(String http) {
        ProviderSettings settings = ProviderSettings.builder("kimi.transport", timer)
                .set("http", http)
                .build();
        Transport transport = new VertxTransportFactory().create(settings);
        transports.add(transport);
        return transport;
    }

    private static TransportRequest post(URI origin, String target, String body) {
        Headers headers =
                Headers.builder().add("content-type", "application/json").build();
        return TransportRequest.builder("POST", origin, target)
                .headers(headers)
                .body(RequestBody.of(body.getBytes(StandardCharsets.UTF_8)))
                .build();
    }
}
