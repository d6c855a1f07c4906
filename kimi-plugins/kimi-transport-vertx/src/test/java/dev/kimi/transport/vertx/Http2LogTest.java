package dev.kimi.transport.vertx;

import static dev.kimi.test.support.RawHttp2Server.DATA;
import static dev.kimi.test.support.RawHttp2Server.HEADERS;
import static dev.kimi.test.support.RawHttp2Server.RST_STREAM;
import static dev.kimi.transport.vertx.Probe.get;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.test.support.Eventually;
import dev.kimi.test.support.RawHttp2Server;
import dev.kimi.transport.Exchange;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What fails an exchange is reported to its handler, and to nobody else: the libraries beneath log it as an error. */
@Timeout(60)
class Http2LogTest {

    private static final byte[] LARGE = new byte[200_000];

    private final Logger root = Logger.getLogger("");
    private final Recorder recorder = new Recorder();

    @BeforeEach
    void listen() {
        root.addHandler(recorder);
    }

    @AfterEach
    void stopListening() {
        root.removeHandler(recorder);
    }

    /** What a server may do to a stream. */
    enum End {
        RESET {
            @Override
            void end(RawHttp2Server.Connection connection, int stream) throws IOException {
                connection.reset(stream, 2);
            }
        },
        REFUSE {
            @Override
            void end(RawHttp2Server.Connection connection, int stream) throws IOException {
                connection.reset(stream, 7);
            }
        },
        GO_AWAY {
            @Override
            void end(RawHttp2Server.Connection connection, int stream) throws IOException {
                connection.goAway(0);
            }
        },
        CLOSE {
            @Override
            void end(RawHttp2Server.Connection connection, int stream) throws IOException {
                throw new IOException("gone");
            }
        },
        GO_AWAY_AND_CLOSE {
            @Override
            void end(RawHttp2Server.Connection connection, int stream) throws IOException {
                connection.goAway(stream);
                throw new IOException("gone");
            }
        },
        BREAK_THE_PROTOCOL {
            @Override
            void end(RawHttp2Server.Connection connection, int stream) throws IOException {
                connection.send(DATA, 0, 0, new byte[1]);
            }
        };

        abstract void end(RawHttp2Server.Connection connection, int stream) throws IOException;
    }

    @ParameterizedTest
    @EnumSource
    void a_stream_that_ends_before_its_response_logs_nothing(End end) throws IOException {
        RawHttp2Server.Script script = (frame, connection) -> {
            if (frame.type() == DATA && frame.ends()) {
                end.end(connection, frame.stream());
            }
        };
        check(script, VertxFixture.WHOLE);
    }

    @ParameterizedTest
    @EnumSource
    void a_stream_that_ends_within_its_request_logs_nothing(End end) throws IOException {
        RawHttp2Server.Script script = (frame, connection) -> {
            if (frame.type() == DATA) {
                end.end(connection, frame.stream());
            }
        };
        check(script, LARGE);
    }

    @ParameterizedTest
    @EnumSource
    void a_stream_that_ends_while_its_request_is_being_written_logs_nothing(End end) throws IOException {
        RawHttp2Server.Script script = (frame, connection) -> {
            if (frame.type() == HEADERS) {
                end.end(connection, frame.stream());
            }
        };
        check(script, new byte[4 << 20]);
    }

    @ParameterizedTest
    @EnumSource
    void streams_that_end_together_log_nothing(End end) throws IOException {
        RawHttp2Server.Script script = (frame, connection) -> {
            if (frame.type() == HEADERS && frame.stream() == 3) {
                end.end(connection, 1);
                end.end(connection, 3);
            }
        };
        try (RawHttp2Server server = new RawHttp2Server(script);
                VertxFixture fixture = VertxFixture.of(server.url(), "h2")) {
            Probe whole = fixture.whole();
            assertThat(Eventually.holds(
                            Duration.ofSeconds(10), () -> !server.received(DATA).isEmpty()))
                    .isTrue();
            Probe half = new Probe();
            fixture.send(half, LARGE);

            assertThat(get(half.failure)).isNotNull();
            assertThat(get(whole.failure)).isNotNull();
            fixture.await(pool -> pool.active() == 0);
        }
        assertThat(recorder.messages).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void a_stream_that_ends_within_its_response_logs_nothing(End end) throws IOException {
        RawHttp2Server.Script script = (frame, connection) -> {
            if (frame.type() == DATA && frame.ends()) {
                connection.headers(frame.stream());
                connection.send(DATA, 0, frame.stream(), new byte[100]);
                end.end(connection, frame.stream());
            }
        };
        check(script, VertxFixture.WHOLE);
    }

    @ParameterizedTest
    @CsvSource({"false, 100", "true, 100", "false, 200000", "true, 200000"})
    void a_stream_that_is_aborted_logs_nothing(boolean responded, int size) throws IOException {
        RawHttp2Server.Script script = (frame, connection) -> {
            if (frame.type() == HEADERS && responded) {
                connection.headers(frame.stream());
                connection.send(DATA, 0, frame.stream(), new byte[100]);
            }
        };
        try (RawHttp2Server server = new RawHttp2Server(script);
                VertxFixture fixture = VertxFixture.of(server.url(), "h2")) {
            Probe probe = new Probe();
            Exchange exchange = fixture.send(probe, new byte[size]);
            if (responded) {
                assertThat(get(probe.status)).isEqualTo(200);
            }
            assertThat(Eventually.holds(
                            Duration.ofSeconds(10), () -> !server.received(DATA).isEmpty()))
                    .isTrue();

            exchange.abort();

            assertThat(Eventually.holds(
                            Duration.ofSeconds(10),
                            () -> !server.received(RST_STREAM).isEmpty()))
                    .isTrue();
        }
        assertThat(recorder.messages).isEmpty();
    }

    @Test
    void the_recorder_sees_what_the_library_logs() {
        Logger.getLogger("io.vertx.core.http.impl.HttpClientRequestImpl").severe("heard");

        assertThat(recorder.messages).singleElement().asString().contains("heard");
    }

    private void check(RawHttp2Server.Script script, byte[] body) throws IOException {
        try (RawHttp2Server server = new RawHttp2Server(script);
                VertxFixture fixture = VertxFixture.of(server.url(), "h2")) {
            Probe probe = new Probe();
            fixture.send(probe, body);

            assertThat(get(probe.failure)).isNotNull();
            fixture.await(pool -> pool.active() == 0);
        }
        assertThat(recorder.messages).isEmpty();
    }

    private static final class Recorder extends Handler {
        final List<String> messages = new CopyOnWriteArrayList<>();

        @Override
        public void publish(LogRecord logged) {
            if (logged.getLevel().intValue() >= Level.WARNING.intValue()) {
                messages.add(logged.getLevel() + " " + logged.getLoggerName() + ": " + logged.getMessage() + " "
                        + logged.getThrown());
            }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }
}
