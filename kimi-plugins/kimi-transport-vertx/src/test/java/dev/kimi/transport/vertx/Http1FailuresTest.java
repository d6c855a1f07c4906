package dev.kimi.transport.vertx;

import static dev.kimi.transport.vertx.Probe.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.kimi.transport.Exchange;
import dev.kimi.transport.ExchangeHandler;
import dev.kimi.transport.Headers;
import dev.kimi.transport.TransportFailure;
import dev.kimi.transport.TransportFailure.Kind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Responses that no well-behaved server would give. */
@Timeout(60)
class Http1FailuresTest {

    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    @Test
    void a_reused_connection_that_closes_without_a_response_was_idle_but_the_request_may_have_arrived()
            throws IOException {
        try (RawHttp1Server server = new RawHttp1Server(OK, "");
                VertxFixture fixture = VertxFixture.of(server.url(), "http1")) {
            assertThat(get(fixture.whole().end)).isNull();

            TransportFailure failure = get(fixture.whole().failure);

            assertThat(failure.kind()).isEqualTo(Kind.IDLE_CLOSE);
            assertThat(failure.unprocessed()).isFalse();
        }
    }

    @Test
    void a_request_that_was_not_wholly_written_was_not_processed() throws IOException {
        try (RawHttp1Server server = RawHttp1Server.readingNothing();
                VertxFixture fixture = VertxFixture.of(server.url(), "http1")) {
            Probe probe = new Probe();
            fixture.send(probe, new byte[32 << 20]);

            TransportFailure failure = get(probe.failure);

            assertThat(failure.kind()).isEqualTo(Kind.RESET);
            assertThat(failure.unprocessed()).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\nhel",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
            })
    void a_body_without_its_end_is_no_complete_response(String response) throws IOException {
        try (RawHttp1Server server = new RawHttp1Server(response);
                VertxFixture fixture = VertxFixture.of(server.url(), "http1")) {
            Probe probe = fixture.whole();

            assertThat(get(probe.failure).kind()).isEqualTo(Kind.RESET);
            assertThat(get(probe.failure).unprocessed()).isFalse();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SMTP ready\r\n\r\n",
                "HTTP/1.1 abc OK\r\n\r\n",
                "HTTP/1.1 200 OK\r\nX-Odd: a\0b\r\nContent-Length: 0\r\n\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzzz\r\nhello\r\n0\r\n\r\n"
            })
    void a_response_that_is_not_http_breaks_the_protocol(String response) throws IOException {
        try (RawHttp1Server server = new RawHttp1Server(response);
                VertxFixture fixture = VertxFixture.of(server.url(), "http1")) {
            TransportFailure failure = get(fixture.whole().failure);

            assertThat(failure.kind()).isEqualTo(Kind.PROTOCOL);
            assertThat(failure.unprocessed()).isFalse();
        }
    }

    @Test
    void a_header_without_end_is_rejected_before_it_fills_the_memory() throws IOException {
        try (RawHttp1Server server = new RawHttp1Server("HTTP/1.1 200 OK\r\nX-Long: " + "x".repeat(1 << 20));
                VertxFixture fixture = VertxFixture.of(server.url(), "http1")) {
            assertThat(get(fixture.whole().failure).kind()).isEqualTo(Kind.PROTOCOL);
        }
    }

    @Test
    void a_body_that_lasts_until_the_connection_closes_is_complete() throws IOException {
        try (RawHttp1Server server = new RawHttp1Server("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nuntil the end");
                VertxFixture fixture = VertxFixture.of(server.url(), "http1")) {
            Probe probe = fixture.whole();

            assertThat(get(probe.end)).isNull();
            assertThat(probe.body()).isEqualTo("until the end");
        }
    }

    @Test
    void an_http_1_0_connection_is_not_used_again() throws IOException {
        try (RawHttp1Server server = new RawHttp1Server("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok");
                VertxFixture fixture = VertxFixture.of(server.url(), "http1")) {
            assertThat(get(fixture.whole().end)).isNull();
            fixture.await(pool -> pool.idle() == 0 && pool.active() == 0);
        }
    }

    @Test
    void an_early_response_counts_although_the_request_was_not_read() throws IOException {
        try (RawHttp1Server server = RawHttp1Server.early(
                        "HTTP/1.1 413 Too Large\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno");
                VertxFixture fixture = VertxFixture.of(server.url(), "http1")) {
            Probe probe = new Probe();
            fixture.send(probe, new byte[8 << 20]);

            assertThat(get(probe.status)).isEqualTo(413);
            assertThat(get(probe.end)).isNull();
            fixture.await(pool -> pool.idle() == 0 && pool.active() == 0);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"headers", "body", "complete"})
    void a_handler_that_throws_leaves_nothing_behind(String where) throws IOException {
        try (RawHttp1Server server = new RawHttp1Server(OK, OK);
                VertxFixture fixture = VertxFixture.of(server.url(), "http1")) {
            CompletableFuture<Void> thrown = new CompletableFuture<>();
            fixture.send(new Throwing(where, thrown), VertxFixture.WHOLE);
            get(thrown);

            fixture.await(pool -> pool.active() == 0 && pool.exchanges() == 0);
            fixture.whole();
            fixture.await(pool -> pool.exchanges() == 0);
        }
    }

    @Test
    void asking_for_no_chunks_is_a_mistake() throws IOException {
        try (RawHttp1Server server = new RawHttp1Server(OK);
                VertxFixture fixture = VertxFixture.of(server.url(), "http1")) {
            Exchange exchange = fixture.send(new Probe(), VertxFixture.WHOLE);

            assertThatIllegalArgumentException()
                    .isThrownBy(() -> exchange.request(0))
                    .withMessageContaining("at least 1");
        }
    }

    private record Throwing(String where, CompletableFuture<Void> thrown) implements ExchangeHandler {

        @Override
        public void onHeaders(int status, Headers headers) {
            check("headers");
        }

        @Override
        public void onBody(ByteBuffer chunk) {
            check("body");
        }

        @Override
        public void onComplete(Headers trailers) {
            check("complete");
        }

        @Override
        public void onFailure(TransportFailure failure) {}

        private void check(String here) {
            if (where.equals(here)) {
                thrown.complete(null);
                throw new IllegalStateException("a handler must not throw, and this one does");
            }
        }
    }
}
