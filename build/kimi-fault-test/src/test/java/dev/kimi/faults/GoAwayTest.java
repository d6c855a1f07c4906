package dev.kimi.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.KimiClient;
import dev.kimi.Part;
import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
import dev.kimi.test.support.RawHttp2Server;
import dev.kimi.test.support.RawHttp2Server.Connection;
import dev.kimi.test.support.RawHttp2Server.Frame;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Requests that an HTTP/2 service says it did not process: all go on elsewhere, none twice, free of charge. With
 * {@code -Dkimi.refused.calls=2000} at full size.
 */
@Timeout(120)
@ParameterizedClass
@EnumSource(names = {"OPENAI_HTTP2", "ANTHROPIC_HTTP2"})
class GoAwayTest {

    private static final int HALF_SENT = 60;
    private static final int CALLS = Integer.getInteger("kimi.refused.calls", 300);
    private static final int REFUSED_STREAM = 7;
    private static final int SETTINGS_INITIAL_WINDOW_SIZE = 4;
    private static final String LONG = "?".repeat(30_000);
    /** The client may send only this much of each request before the window is opened. */
    private static final byte[] SMALL_WINDOWS = setting(SETTINGS_INITIAL_WINDOW_SIZE, 10_000);

    @Parameter
    Wire wire = Wire.OPENAI_HTTP2;

    private static byte[] setting(int name, int value) {
        return ByteBuffer.allocate(6).putShort((short) name).putInt(value).array();
    }

    /** Lets half of each request come, and then says that it processes the first five and no other. */
    private final class Leaving implements RawHttp2Server.Script {
        final AtomicInteger processed = new AtomicInteger();
        private final Set<Connection> seen = ConcurrentHashMap.newKeySet();
        private final AtomicInteger begun = new AtomicInteger();
        private volatile Connection leaving;

        @Override
        public void got(Frame frame, Connection connection) throws IOException {
            if (seen.isEmpty()) {
                leaving = connection;
            }
            seen.add(connection);
            if (frame.type() == RawHttp2Server.HEADERS && connection == leaving) {
                if (begun.incrementAndGet() == HALF_SENT) {
                    connection.goAway(9);
                    for (int stream = 1; stream <= 9; stream += 2) {
                        goOn(connection, stream);
                    }
                }
            } else if (frame.type() == RawHttp2Server.HEADERS) {
                goOn(connection, frame.stream());
            } else if (frame.type() == RawHttp2Server.DATA && frame.ends()) {
                processed.incrementAndGet();
                respond(connection, frame.stream());
            }
        }

        private void goOn(Connection connection, int stream) throws IOException {
            connection.allow(stream, LONG.length());
            connection.allow(0, LONG.length());
        }
    }

    private void respond(Connection connection, int stream) throws IOException {
        connection.headers(stream);
        connection.send(RawHttp2Server.DATA, 1, stream, wire.response("Hello").getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void half_sent_requests_survive_a_goaway_without_charge_and_once_each() throws Exception {
        Leaving script = new Leaving();
        try (RawHttp2Server server = new RawHttp2Server(script, SMALL_WINDOWS);
                KimiClient client = client(server)) {
            List<CompletableFuture<ChatResponse>> calls = new ArrayList<>();
            for (int i = 0; i < HALF_SENT; i++) {
                calls.add(client.chatAsync(ChatRequest.of(LONG)));
            }

            assertAllSucceed(calls);
            assertThat(script.processed).hasValue(HALF_SENT);
            // neither throttled nor short of retries: nothing was learned from what was not processed
            assertAllSucceed(List.of(client.chatAsync(ChatRequest.of("Hello?"))));
        }
    }

    @Test
    void a_service_that_refuses_a_third_of_its_streams_fails_no_call() throws Exception {
        AtomicInteger processed = new AtomicInteger();
        AtomicInteger refused = new AtomicInteger();
        RawHttp2Server.Script refusing = (frame, connection) -> {
            if (frame.type() == RawHttp2Server.DATA && frame.ends()) {
                connection.allow(0, frame.payload().length);
                if (frame.stream() / 2 % 3 == 0) {
                    refused.incrementAndGet();
                    connection.reset(frame.stream(), REFUSED_STREAM);
                } else {
                    processed.incrementAndGet();
                    respond(connection, frame.stream());
                }
            }
        };
        try (RawHttp2Server server = new RawHttp2Server(refusing);
                KimiClient client = client(server)) {
            List<CompletableFuture<ChatResponse>> calls = new ArrayList<>();
            for (int i = 0; i < CALLS; i++) {
                calls.add(client.chatAsync(ChatRequest.of("Hello?")));
            }

            assertAllSucceed(calls);
            assertThat(processed).hasValue(CALLS);
            assertThat(refused).hasValueGreaterThan(CALLS / 4);
        }
    }

    private KimiClient client(RawHttp2Server server) {
        return wire.client()
                .baseUrl(server.url())
                .apiKey("sk-test")
                .set(Part.TRANSPORT, "max-pending", "5000")
                .build();
    }

    private static void assertAllSucceed(List<CompletableFuture<ChatResponse>> calls) throws Exception {
        for (CompletableFuture<ChatResponse> call : calls) {
            assertThat(call.get(60, TimeUnit.SECONDS).text()).isEqualTo("Hello");
        }
    }
}
