package dev.kimi.transport.vertx;

import static dev.kimi.test.support.RawHttp2Server.DATA;
import static dev.kimi.test.support.RawHttp2Server.HEADERS;
import static dev.kimi.transport.vertx.Probe.get;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.test.support.RawHttp2Server;
import dev.kimi.transport.TransportFailure;
import dev.kimi.transport.TransportFailure.Kind;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Headers that few HTTP/2 servers send. */
@Timeout(60)
class Http2ResponsesTest {

    private static final int END_STREAM = 1;
    private static final int END_HEADERS = 4;

    @ParameterizedTest
    @ValueSource(ints = {5_000, 9_000})
    void headers_may_be_long_up_to_a_limit_that_can_be_set(int limit) throws IOException {
        RawHttp2Server.Script script = (frame, connection) -> {
            if (frame.type() == DATA && frame.ends()) {
                connection.send(HEADERS, END_HEADERS | END_STREAM, frame.stream(), head("200", 9 << 10));
            }
        };
        try (RawHttp2Server server = new RawHttp2Server(script);
                VertxFixture wide = VertxFixture.of(server.url(), "h2");
                VertxFixture narrow =
                        VertxFixture.of(server.url(), "h2", "max-response-headers", Integer.toString(limit))) {
            Probe probe = wide.whole();
            assertThat(get(probe.end)).isNull();
            assertThat(probe.headers.first("x-long")).hasSize(9 << 10);

            TransportFailure failure = get(narrow.whole().failure);
            assertThat(failure.kind()).isEqualTo(Kind.PROTOCOL);
            assertThat(failure.detail()).contains("kimi.transport.max-response-headers");
        }
    }

    @Test
    void trailers_have_the_limit_of_headers() throws IOException {
        RawHttp2Server.Script script = (frame, connection) -> {
            if (frame.type() == DATA && frame.ends()) {
                connection.send(HEADERS, END_HEADERS, frame.stream(), head("200", 1));
                connection.send(HEADERS, END_HEADERS | END_STREAM, frame.stream(), header("x-trailer", 9 << 10));
            }
        };
        try (RawHttp2Server server = new RawHttp2Server(script);
                VertxFixture wide = VertxFixture.of(server.url(), "h2");
                VertxFixture narrow = VertxFixture.of(server.url(), "h2", "max-response-headers", "5000")) {
            Probe probe = wide.whole();
            assertThat(get(probe.end)).isNull();
            assertThat(probe.trailers.first("x-trailer")).hasSize(9 << 10);

            TransportFailure failure = get(narrow.whole().failure);
            assertThat(failure.kind()).isEqualTo(Kind.PROTOCOL);
            assertThat(failure.detail()).contains("kimi.transport.max-response-headers");
            assertThat(failure.status()).isEqualTo(200);
            assertThat(failure.headers().first("x-long")).isEqualTo("x");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"100", "102", "103", "199"})
    void interim_responses_are_passed_over(String status) throws IOException {
        RawHttp2Server.Script script = (frame, connection) -> {
            if (frame.type() == DATA && frame.ends()) {
                for (int i = 0; i < 3; i++) {
                    connection.send(HEADERS, END_HEADERS, frame.stream(), head(status, 1));
                }
                connection.send(HEADERS, END_HEADERS | END_STREAM, frame.stream(), head("200", 1));
            }
        };
        try (RawHttp2Server server = new RawHttp2Server(script);
                VertxFixture fixture = VertxFixture.of(server.url(), "h2")) {
            Probe probe = fixture.whole();

            assertThat(get(probe.end)).isNull();
            assertThat(get(probe.status)).isEqualTo(200);
        }
    }

    @Test
    void a_flood_of_interim_responses_is_rejected() throws IOException {
        RawHttp2Server.Script script = (frame, connection) -> {
            if (frame.type() == DATA && frame.ends()) {
                for (int i = 0; i < 1_000; i++) {
                    connection.send(HEADERS, END_HEADERS, frame.stream(), head("102", 1));
                }
            }
        };
        try (RawHttp2Server server = new RawHttp2Server(script);
                VertxFixture fixture = VertxFixture.of(server.url(), "h2")) {
            TransportFailure failure = get(fixture.whole().failure);

            assertThat(failure.kind()).isEqualTo(Kind.PROTOCOL);
            assertThat(failure.detail()).contains("256 interim responses");
        }
    }

    /** A status and one header, written out. */
    private static byte[] head(String status, int length) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(0x08);
        text(out, status);
        out.writeBytes(header("x-long", length));
        return out.toByteArray();
    }

    private static byte[] header(String name, int length) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(0x00);
        text(out, name);
        text(out, "x".repeat(length));
        return out.toByteArray();
    }

    private static void text(ByteArrayOutputStream out, String text) {
        if (text.length() < 127) {
            out.write(text.length());
        } else {
            int rest = text.length() - 127;
            out.write(127);
            for (; rest >= 128; rest >>= 7) {
                out.write(rest % 128 + 128);
            }
            out.write(rest);
        }
        out.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
    }
}
