package dev.kimi.transport.vertx;

import static dev.kimi.transport.vertx.Probe.get;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.transport.TransportFailure;
import dev.kimi.transport.TransportFailure.Kind;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Responses that RFC 9112 and RFC 9110 allow but few servers send, and some that they do not allow. */
@Timeout(60)
class Http1ResponsesTest {

    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 OK\r\nConnection: close",
                "HTTP/1.1 200 OK\r\nUpgrade: h2,h2c\r\nConnection: Upgrade, close",
                "HTTP/1.1 200 OK\r\nConnection: CLOSE ,te",
                "HTTP/1.1 200 OK\r\nconnection:close,\tTE",
                "HTTP/1.1 200 OK\r\nConnection: Upgrade\r\nConnection: TE\r\nConnection: Close",
                "HTTP/1.1 200 OK\r\nConnection: keep-alive, close",
                "HTTP/1.0 200 OK",
                "HTTP/1.0 200 OK\r\nConnection: te",
                "HTTP/1.0 200 OK\r\nConnection: keep-alive, close"
            })
    void a_connection_that_is_said_to_close_is_not_used_again(String head) throws IOException {
        String response = head + "\r\nContent-Length: 2\r\n\r\nok";
        assertThat(connectionsOfTwoCalls(response, response)).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 OK",
                "HTTP/1.1 200 OK\r\nConnection: closed, not-close",
                "HTTP/1.1 200 OK\r\nConnection: Upgrade\r\nConnection: keep-alive",
                "HTTP/1.1 200 OK\r\nX-Connection: close",
                "HTTP/1.0 200 OK\r\nConnection: Keep-Alive"
            })
    void other_connections_are_used_again(String head) throws IOException {
        String response = head + "\r\nContent-Length: 2\r\n\r\nok";
        assertThat(connectionsOfTwoCalls(response, response)).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {9 << 10, 60 << 10})
    void headers_may_be_long(int length) throws IOException {
        try (RawHttp1Server server = new RawHttp1Server(withHeader(length));
                VertxFixture fixture = VertxFixture.of(server.url(), "http1")) {
            Probe probe = fixture.whole();

            assertOk(probe);
            assertThat(probe.headers.first("x-long")).hasSize(length);
        }
    }

    @Test
    void headers_beyond_the_limit_are_rejected_by_the_name_of_its_setting() throws IOException {
        try (RawHttp1Server server = new RawHttp1Server(withHeader(66_000));
                VertxFixture fixture = VertxFixture.of(server.url(), "http1")) {
            assertRejected(fixture, "65536 bytes", "kimi.transport.max-response-headers");
        }
    }

    @Test
    void the_limit_of_headers_can_be_set() throws IOException {
        try (RawHttp1Server server = new RawHttp1Server(withHeader(900));
                VertxFixture wide = VertxFixture.of(server.url(), "http1", "max-response-headers", "1000");
                VertxFixture narrow = VertxFixture.of(server.url(), "http1", "max-response-headers", "800")) {
            assertOk(wide.whole());
            assertRejected(narrow, "800 bytes", "kimi.transport.max-response-headers");
        }
    }

    @Test
    void trailers_have_the_limit_of_headers() throws IOException {
        String trailers = "X-Trailer: " + "x".repeat(66_000);
        try (RawHttp1Server server =
                        new RawHttp1Server("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n"
                                + trailers + "\r\n\r\n");
                VertxFixture fixture = VertxFixture.of(server.url(), "http1")) {
            assertRejected(fixture, "65536 bytes", "kimi.transport.max-response-headers");
        }
    }

    @Test
    void a_status_line_is_bounded() throws IOException {
        try (RawHttp1Server server = new RawHttp1Server("HTTP/1.1 200 " + "O".repeat(9_000) + "K\r\n\r\n");
                VertxFixture fixture = VertxFixture.of(server.url(), "http1")) {
            assertRejected(fixture, "status line", "8192 bytes");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 5000",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\nContent-Length: 0\r\nConnection: keep-alive",
                "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: keep-alive"
            })
    void chunked_counts_beside_a_length_and_ends_the_use_of_the_connection(String head) throws IOException {
        String response = head + "\r\n\r\n2\r\nok\r\n0\r\n\r\n";
        assertThat(connectionsOfTwoCalls(response, response)).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok!",
                "HTTP/1.1 200 OK\r\nContent-Length: 2, 3\r\n\r\nok!",
                "HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\nok",
                "HTTP/1.1 200 OK\r\nContent-Length: two\r\n\r\nok",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: HTTP/1.1\r\n\r\n",
                "HTTP/2.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
                "HTTP/1.2 200 OK\r\nContent-Length: 2\r\n\r\nok",
                "HTTP/1.1 20 OK\r\nContent-Length: 2\r\n\r\nok",
                "<html>two words</html>\r\n\r\n"
            })
    void what_contradicts_itself_or_is_not_http_1_breaks_the_protocol_and_is_not_shown(String response)
            throws IOException {
        try (RawHttp1Server server = new RawHttp1Server(response, response);
                VertxFixture fixture = VertxFixture.of(server.url(), "http1")) {
            TransportFailure failure = get(fixture.whole().failure);

            assertThat(failure.kind()).isEqualTo(Kind.PROTOCOL);
            assertThat(failure.unprocessed()).isFalse();
            assertThat(failure.detail()).isNotNull().doesNotContain("two", "2, 3", "websocket");
            assertThat(failure.cause()).hasMessage(failure.detail()).hasNoCause();
            fixture.await(pool -> pool.idle() == 0 && pool.active() == 0);
        }
    }

    @Test
    void a_length_that_is_only_repeated_is_no_contradiction() throws IOException {
        assertThat(connectionsOfTwoCalls(
                        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok",
                        "HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\nok"))
                .isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 2",
                "\r\n",
                "x",
                "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwrong"
            })
    void bytes_behind_a_response_cost_the_next_call_nothing(String stray) throws IOException {
        assertThat(connectionsOfTwoCalls(OK + stray, OK)).isEqualTo(2);
    }

    @Test
    void bytes_on_an_unused_connection_close_it() throws IOException {
        CompletableFuture<Void> responded = new CompletableFuture<>();
        try (RawHttp1Server server = new RawHttp1Server(socket -> {
                    RawHttp1Server.readRequest(socket.getInputStream());
                    write(socket, OK);
                    responded.join();
                    write(socket, "HTTP/1.1 4");
                    RawHttp1Server.readRequest(socket.getInputStream());
                });
                VertxFixture fixture = VertxFixture.of(server.url(), "http1")) {
            assertOk(fixture.whole());
            responded.complete(null);

            fixture.await(pool -> pool.idle() == 0 && pool.active() == 0);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 100 Continue\r\n\r\n",
                "HTTP/1.1 102 Processing\r\n\r\n",
                "HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n",
                "HTTP/1.1 104 \r\nContent-Length: 7\r\n\r\n",
                "HTTP/1.1 199 Whatever\r\nTransfer-Encoding: chunked\r\n\r\n",
                "HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 150 X\r\nConnection: close\r\n\r\n"
            })
    void interim_responses_are_passed_over(String interim) throws IOException {
        try (RawHttp1Server server = new RawHttp1Server(interim + OK, interim.repeat(80) + OK);
                VertxFixture fixture = VertxFixture.of(server.url(), "http1")) {
            Probe first = fixture.whole();
            assertOk(first);
            assertThat(get(first.status)).isEqualTo(200);
            assertOk(fixture.whole());

            assertThat(server.accepted()).isEqualTo(1);
        }
    }

    @Test
    void a_flood_of_interim_responses_is_rejected_by_their_number() throws IOException {
        try (RawHttp1Server server = new RawHttp1Server("HTTP/1.1 102 Processing\r\n\r\n".repeat(100_000));
                VertxFixture fixture = VertxFixture.of(server.url(), "http1")) {
            assertRejected(fixture, "256 interim responses");
        }
    }

    @Test
    void a_flood_of_interim_responses_is_rejected_by_their_bytes() throws IOException {
        String hint = "HTTP/1.1 103 Early Hints\r\nLink: " + "x".repeat(30_000) + "\r\n\r\n";
        try (RawHttp1Server server = new RawHttp1Server(hint.repeat(3) + OK);
                VertxFixture fixture = VertxFixture.of(server.url(), "http1")) {
            assertRejected(fixture, "interim responses", "65536 bytes", "kimi.transport.max-response-headers");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 204 No Content\r\n\r\n",
                "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n",
                "HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n",
                "HTTP/1.1 304 Not Modified\r\nContent-Length: 500\r\n\r\n",
                "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n"
            })
    void a_response_without_a_body_ends_with_its_headers(String response) throws IOException {
        try (RawHttp1Server server = new RawHttp1Server(response, OK);
                VertxFixture fixture = VertxFixture.of(server.url(), "http1")) {
            Probe probe = fixture.whole();

            assertThat(get(probe.end)).isNull();
            assertThat(probe.body()).isEmpty();
            assertOk(fixture.whole());
            assertThat(server.accepted()).isEqualTo(1);
        }
    }

    @Test
    void a_body_that_none_may_be_does_not_become_the_next_response() throws IOException {
        try (RawHttp1Server server =
                        new RawHttp1Server("HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nwrong", OK);
                VertxFixture fixture = VertxFixture.of(server.url(), "http1")) {
            assertThat(get(fixture.whole().end)).isNull();

            assertThat(get(fixture.whole().status)).isEqualTo(204);
            assertThat(server.accepted()).isEqualTo(2);
        }
    }

    private static String withHeader(int length) {
        return "HTTP/1.1 200 OK\r\nX-Long: " + "x".repeat(length) + "\r\nContent-Length: 2\r\n\r\nok";
    }

    private static void write(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** How many connections are opened for two calls, one after the other, that get these responses. */
    private static int connectionsOfTwoCalls(String first, String second) throws IOException {
        try (RawHttp1Server server = new RawHttp1Server(first, second);
                VertxFixture fixture = VertxFixture.of(server.url(), "http1")) {
            assertOk(fixture.whole());
            assertOk(fixture.whole());
            return server.accepted();
        }
    }

    private static void assertOk(Probe probe) {
        assertThat(get(probe.end)).isNull();
        assertThat(probe.body()).isEqualTo("ok");
    }

    private static void assertRejected(VertxFixture fixture, String... words) {
        TransportFailure failure = get(fixture.whole().failure);
        assertThat(failure.kind()).isEqualTo(Kind.PROTOCOL);
        assertThat(failure.detail()).contains(words);
        fixture.await(pool -> pool.idle() == 0 && pool.active() == 0);
    }
}
