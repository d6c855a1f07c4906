package dev.kimi.transport.vertx;

import static dev.kimi.transport.vertx.Probe.get;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.transport.Exchange;
import dev.kimi.transport.RequestBody;
import dev.kimi.transport.TransportFailure.Kind;
import dev.kimi.transport.TransportRequest;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Responses whose connection ends while some of what came was not asked for yet. */
@Timeout(60)
class BrokenOffTest {

    private static final int CHUNKS = 12;

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void what_came_with_the_end_of_the_connection_is_handed_out_before_the_failure(boolean reset) throws IOException {
        CompletableFuture<Void> headersSeen = new CompletableFuture<>();
        try (RawHttp1Server server = new RawHttp1Server(socket -> {
                    begin(socket, headersSeen);
                    socket.getOutputStream().write(chunks(CHUNKS));
                    if (reset) {
                        socket.setSoLinger(true, 0);
                    }
                });
                VertxFixture fixture = VertxFixture.of(server.url(), "http1")) {
            Probe probe = new Probe();
            Exchange exchange = sendAskingForNothing(fixture, server, probe);
            get(probe.status);
            headersSeen.complete(null);
            // the connection's place is free although nobody has read anything yet
            fixture.await(pool -> pool.active() == 0 && pool.exchanges() == 0 && pool.idle() == 0);
            assertThat(probe.end).isNotDone();

            for (int i = 0; i < CHUNKS; i++) {
                exchange.request(1);
                assertThat(take(probe)).isEqualTo(4);
                assertThat(probe.body()).hasSize(4 * (i + 1));
            }
            exchange.request(1);

            assertThat(get(probe.failure).kind()).isEqualTo(Kind.RESET);
            assertThat(probe.body()).isEqualTo("data".repeat(CHUNKS));
        }
    }

    @Test
    void a_whole_response_is_whole_although_its_connection_ended_before_it_was_read() throws IOException {
        CompletableFuture<Void> headersSeen = new CompletableFuture<>();
        try (RawHttp1Server server = new RawHttp1Server(socket -> {
                    begin(socket, headersSeen);
                    socket.getOutputStream().write(chunks(CHUNKS));
                    write(socket, "0\r\n\r\n");
                    socket.setSoLinger(true, 0);
                });
                VertxFixture fixture = VertxFixture.of(server.url(), "http1")) {
            Probe probe = new Probe();
            Exchange exchange = sendAskingForNothing(fixture, server, probe);
            get(probe.status);
            headersSeen.complete(null);
            fixture.await(pool -> pool.active() == 0 && pool.idle() == 0);

            exchange.request(Long.MAX_VALUE);

            assertThat(get(probe.end)).isNull();
            assertThat(probe.body()).isEqualTo("data".repeat(CHUNKS));
        }
    }

    @Test
    void a_body_that_lasts_until_the_close_is_not_whole_when_it_ends_by_a_reset() throws IOException {
        CompletableFuture<Void> seen = new CompletableFuture<>();
        try (RawHttp1Server server = new RawHttp1Server(socket -> {
                    RawHttp1Server.readRequest(socket.getInputStream());
                    write(socket, "HTTP/1.1 200 OK\r\n\r\nuntil the");
                    seen.join();
                    socket.setSoLinger(true, 0);
                });
                VertxFixture fixture = VertxFixture.of(server.url(), "http1")) {
            Probe probe = fixture.whole();
            take(probe);
            seen.complete(null);

            assertThat(get(probe.failure).kind()).isEqualTo(Kind.RESET);
            assertThat(probe.body()).isEqualTo("until the");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whoever_cancels_or_closes_meanwhile_is_notified_of_nothing_else(boolean close) throws IOException {
        CompletableFuture<Void> headersSeen = new CompletableFuture<>();
        try (RawHttp1Server server = new RawHttp1Server(socket -> {
                    begin(socket, headersSeen);
                    socket.getOutputStream().write(chunks(CHUNKS));
                });
                VertxFixture fixture = VertxFixture.of(server.url(), "http1")) {
            Probe probe = new Probe();
            Exchange exchange = sendAskingForNothing(fixture, server, probe);
            get(probe.status);
            headersSeen.complete(null);
            fixture.await(pool -> pool.active() == 0 && pool.idle() == 0);

            if (close) {
                fixture.transport.close();

                assertThat(get(probe.failure).kind()).isEqualTo(Kind.CLOSED);
            } else {
                exchange.abort();
                exchange.request(1);
                assertThat(get(fixture.whole().status)).isEqualTo(200);
                assertThat(probe.end).isNotDone();
            }
            assertThat(probe.body()).isEmpty();
        }
    }

    private static void begin(Socket socket, CompletableFuture<Void> headersSeen) throws IOException {
        RawHttp1Server.readRequest(socket.getInputStream());
        write(socket, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        headersSeen.join();
    }

    /** So many chunks, in one piece. */
    private static byte[] chunks(int count) {
        return "4\r\ndata\r\n".repeat(count).getBytes(StandardCharsets.US_ASCII);
    }

    private static void write(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static Exchange sendAskingForNothing(VertxFixture fixture, RawHttp1Server server, Probe probe) {
        TransportRequest request = TransportRequest.builder("POST", URI.create(server.url()), "/v1/chat/completions")
                .body(RequestBody.of(VertxFixture.WHOLE))
                .build();
        return fixture.transport.send(request, probe);
    }

    private static int take(Probe probe) {
        try {
            return probe.chunks.take();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
