package dev.kimi.transport.vertx;

import static dev.kimi.transport.vertx.Probe.get;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.test.support.TestCertificate;
import dev.kimi.time.VirtualTime;
import dev.kimi.transport.Headers;
import dev.kimi.transport.TransportFailure;
import dev.kimi.transport.TransportFailure.Kind;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A server that ends connections for being unused, seen from a request that crosses with the end or comes after it. */
@Timeout(60)
class IdleCloseTest {

    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    private static final TestCertificate CERTIFICATE = TestCertificate.create("127.0.0.1");

    private final LoopWatch watch;

    IdleCloseTest() throws IOException {
        watch = new LoopWatch("127.0.0.1");
    }

    /** How a connection ends. */
    private enum End {
        FIN(false),
        RST(false),
        CLOSE_NOTIFY(true),
        FIN_WITHOUT_CLOSE_NOTIFY(true),
        RST_UNDER_TLS(true);

        private final boolean tls;

        End(boolean tls) {
            this.tls = tls;
        }
    }

    @ParameterizedTest
    @EnumSource(End.class)
    void a_reused_connection_that_ends_right_after_the_request_was_idle(End end, @TempDir Path folder)
            throws IOException {
        try (RawHttp1Server server = endingAfterTheSecondRequest(end, () -> {});
                VertxFixture fixture = fixture(new VirtualTime(), server, end, folder)) {
            assertThat(get(fixture.whole().end)).isNull();

            TransportFailure failure = get(fixture.whole().failure);

            assertThat(failure.kind()).isEqualTo(Kind.IDLE_CLOSE);
            assertThat(failure.unprocessed()).isFalse();
            fixture.await(pool -> pool.idle() == 0 && pool.active() == 0);
        }
    }

    @ParameterizedTest
    @EnumSource(End.class)
    void one_that_ends_a_second_later_was_at_work(End end, @TempDir Path folder) throws IOException {
        VirtualTime clock = new VirtualTime();
        try (RawHttp1Server server = endingAfterTheSecondRequest(end, () -> {
                    // the loop has finished with writing the request
                    watch.awaitTurn();
                    clock.advance(Duration.ofMillis(1_001));
                });
                VertxFixture fixture = fixture(clock, server, end, folder)) {
            assertThat(get(fixture.whole().end)).isNull();

            assertThat(get(fixture.whole().failure).kind()).isEqualTo(Kind.RESET);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"H", "HTTP/1.1 200 OK\r\nContent-Le", "HTTP/1.1 102 Processing\r\n\r\n"})
    void one_that_ends_within_a_response_was_at_work(String begun) throws IOException {
        try (RawHttp1Server server = new RawHttp1Server(OK, begun);
                VertxFixture fixture = VertxFixture.of(server.url(), "http1")) {
            assertThat(get(fixture.whole().end)).isNull();

            assertThat(get(fixture.whole().failure).kind()).isEqualTo(Kind.RESET);
        }
    }

    @Test
    void one_that_was_not_used_before_was_not_idle() throws IOException {
        try (RawHttp1Server server = new RawHttp1Server(socket -> RawHttp1Server.readRequest(socket.getInputStream()));
                VertxFixture fixture = VertxFixture.of(server.url(), "http1")) {
            assertThat(get(fixture.whole().failure).kind()).isEqualTo(Kind.RESET);
        }
    }

    @ParameterizedTest
    @EnumSource(End.class)
    void the_end_of_a_connection_is_seen_before_a_request_is_written_to_it(End end, @TempDir Path folder)
            throws IOException {
        CompletableFuture<Void> endNow = new CompletableFuture<>();
        CompletableFuture<Void> ended = new CompletableFuture<>();
        try (RawHttp1Server server = new RawHttp1Server(plain -> {
                    Socket socket = accept(plain, end);
                    RawHttp1Server.readRequest(socket.getInputStream());
                    write(socket, OK);
                    if (!ended.isDone()) {
                        endNow.join();
                        end(plain, socket, end);
                        ended.complete(null);
                    }
                });
                VertxFixture fixture = fixture(new VirtualTime(), server, end, folder)) {
            CompletableFuture<TransportFailure> second = new CompletableFuture<>();
            Probe first = new Probe() {
                @Override
                public void onComplete(Headers trailers) {
                    // the loop is held here until the end of the connection waits in the socket, and goes on with the
                    // next request before it looks at any socket
                    Probe next = new Probe();
                    next.end.thenAccept(second::complete);
                    fixture.send(next, VertxFixture.WHOLE);
                    endNow.complete(null);
                    ended.join();
                }
            };
            fixture.send(first, VertxFixture.WHOLE);

            assertThat(get(second)).isNull();
            assertThat(server.accepted()).isEqualTo(2);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "timeout=5",
                "Timeout=5, max=100",
                "max=100, timeout = 5",
                "timeout=\"5\"",
                "x=1\r\nKeep-Alive: timeout=5"
            })
    void a_connection_is_not_used_beyond_the_time_that_the_server_keeps_it(String kept) throws IOException {
        String response = "HTTP/1.1 200 OK\r\nKeep-Alive: " + kept + "\r\nContent-Length: 2\r\n\r\nok";
        VirtualTime clock = new VirtualTime();
        try (RawHttp1Server server = new RawHttp1Server(response, response, response);
                VertxFixture fixture = VertxFixture.on(clock, server.url(), "http1")) {
            assertThat(get(fixture.whole().end)).isNull();
            clock.advance(Duration.ofMillis(4_200));
            assertThat(get(fixture.whole().end)).isNull();
            assertThat(server.accepted()).isEqualTo(1);

            clock.advance(Duration.ofMillis(4_300));
            assertThat(get(fixture.whole().end)).isNull();
            assertThat(server.accepted()).isEqualTo(2);
        }
    }

    /** Responds to one request, and ends the connection when it has read the next. */
    private static RawHttp1Server endingAfterTheSecondRequest(End end, Runnable before) throws IOException {
        return new RawHttp1Server(plain -> {
            Socket socket = accept(plain, end);
            RawHttp1Server.readRequest(socket.getInputStream());
            write(socket, OK);
            RawHttp1Server.readRequest(socket.getInputStream());
            before.run();
            end(plain, socket, end);
        });
    }

    private static Socket accept(Socket plain, End end) throws IOException {
        try {
            return end.tls ? TlsPeer.accept(plain, CERTIFICATE) : plain;
        } catch (GeneralSecurityException e) {
            throw new IOException(e);
        }
    }

    private VertxFixture fixture(VirtualTime clock, RawHttp1Server server, End end, Path folder) throws IOException {
        // a name, for an address is not looked up
        String url = server.url().replace("127.0.0.1", "localhost");
        String origin = end.tls ? url.replace("http:", "https:") : url;
        Path trusted = Files.writeString(folder.resolve("trusted.pem"), CERTIFICATE.certificate());
        return new VertxFixture(
                origin,
                builder -> builder.time(clock).set("http", "http1").set("trust-certificates", trusted.toString()),
                watch);
    }

    private static void end(Socket plain, Socket socket, End end) throws IOException {
        switch (end) {
            case FIN, CLOSE_NOTIFY -> socket.close();
            case FIN_WITHOUT_CLOSE_NOTIFY -> plain.close();
            default -> {
                plain.setSoLinger(true, 0);
                plain.close();
            }
        }
    }

    private static void write(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    }
}
