package dev.kimi.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.KimiClient;
import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatStream;
import dev.kimi.error.KimiException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Wherever a service or a proxy puts bytes, none of them stands in an exception, its causes or the log. */
@Timeout(60)
@ParameterizedClass
@EnumSource(names = {"OPENAI_HTTP1", "ANTHROPIC_HTTP1"})
class BytesOfTheWireTest {

    private static final String MARKER = "Canarybird4711";
    private static final String HEX_OF_MARKER = "43616e617279";

    @Parameter
    Wire wire = Wire.OPENAI_HTTP1;

    private final List<String> logged = new CopyOnWriteArrayList<>();
    private final Handler log = new Handler() {
        @Override
        public void publish(LogRecord entry) {
            String parameters = entry.getParameters() == null ? "" : List.of(entry.getParameters()) + "";
            logged.add(entry.getMessage() + ' ' + parameters + ' ' + printed(entry.getThrown()));
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    @BeforeEach
    void listen() {
        log.setLevel(Level.INFO);
        Logger.getLogger("").addHandler(log);
    }

    @AfterEach
    void listenNoMore() {
        Logger.getLogger("").removeHandler(log);
    }

    static Stream<String> responses() {
        List<String> all = new ArrayList<>();
        // the status line
        all.add(MARKER + "/1.1 200 OK\r\n\r\n");
        all.add("HTTP/" + MARKER + " 200 OK\r\ncontent-length: 0\r\n\r\n");
        all.add("HTTP/1.1 " + MARKER + " OK\r\ncontent-length: 0\r\n\r\n");
        all.add("HTTP/1.1 400 " + MARKER + "\r\ncontent-length: 0\r\n\r\n");
        all.add(MARKER + "\r\n\r\n");
        // headers
        for (String header : List.of(
                "content-length: " + MARKER,
                "content-length: 5\r\ncontent-length: " + MARKER,
                "transfer-encoding: " + MARKER,
                "bad " + MARKER + ": x",
                MARKER + "\u0001: x",
                "x-y: " + MARKER + "\u0001\u0000",
                MARKER,
                "content-encoding: " + MARKER + "\r\ncontent-length: 2",
                "retry-after: " + MARKER + "\r\ncontent-length: 2",
                "x-request-id: " + MARKER + " \u001b[31m\r\ncontent-length: 2",
                "content-type: " + MARKER + "\r\ncontent-length: 2",
                "connection: " + MARKER + "\r\ncontent-length: 2",
                "location: http://" + MARKER + "/\r\ncontent-length: 2")) {
            all.add("HTTP/1.1 200 OK\r\n" + header + "\r\n\r\n{}");
            all.add("HTTP/1.1 302 Found\r\n" + header + "\r\n\r\n{}");
            all.add("HTTP/1.1 503 No\r\n" + header + "\r\n\r\n{}");
        }
        // chunks
        String chunked = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
        all.add(chunked + MARKER + "\r\n");
        all.add(chunked + "5;" + MARKER + "\r\nhello" + MARKER + "\r\n");
        all.add(chunked + "0\r\n" + MARKER + "\u0001: x\r\n\r\n");
        all.add("HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 14\r\n\r\n" + MARKER);
        // bodies
        bodies().forEach(body -> {
            all.add(whole("200 OK", "application/json", body));
            all.add(whole("200 OK", "text/event-stream", "data: " + body + "\n\n"));
            all.add(whole("200 OK", "text/event-stream", "event: error\ndata: " + body + "\n\n"));
            all.add(whole("400 No", "application/json", body));
            all.add(whole("429 No", "application/json", body));
        });
        for (String field : List.of(MARKER, MARKER + ": x", "event: " + MARKER, "id: " + MARKER, "retry: " + MARKER)) {
            all.add(whole("200 OK", "text/event-stream", field + "\n\n"));
            all.add(whole("200 OK", "text/event-stream", field + "\ndata: {\"" + MARKER + "\":\n\n"));
        }
        return all.stream();
    }

    private static Stream<String> bodies() {
        String quoted = '"' + MARKER + '"';
        return Stream.of(
                MARKER,
                "<html>" + MARKER,
                "{" + MARKER,
                quoted,
                "{\"error\":" + quoted + "}",
                "{\"detail\":" + quoted + "}",
                "{\"message\":" + quoted + ",\"code\":" + quoted + "}",
                "{\"error\":{\"message\":\"invalid request: " + MARKER + "\",\"type\":" + quoted + ",\"code\":" + quoted
                        + ",\"param\":" + quoted + ",\"status\":" + quoted + "},\"request_id\":" + quoted + "}",
                "{\"error\":{\"message\":\"Rate limit reached for " + MARKER + "\",\"type\":\"rate_limit_" + MARKER
                        + "\"},\"request_id\":\"" + MARKER + " x\"}",
                "[{\"error\":{\"code\":" + quoted + ",\"message\":" + quoted + ",\"details\":[{\"retryDelay\":" + quoted
                        + ",\"reason\":" + quoted + "}]}}]",
                "{\"error\":{\"message\":\"Not found the model " + MARKER + "\",\"metadata\":{\"raw\":" + quoted
                        + "}}}",
                "{\"choices\":[{\"index\":" + quoted + ",\"delta\":" + quoted + ",\"finish_reason\":" + quoted
                        + ",\"error\":{\"code\":" + quoted + ",\"message\":" + quoted
                        + "}}],\"usage\":{\"prompt_tokens\":"
                        + quoted + "}}",
                "{\"choices\":[{\"index\":0,\"message\":{\"tool_calls\":[{\"id\":" + quoted
                        + ",\"function\":{\"name\":\"x\",\"arguments\":\"{" + MARKER + "\"}}]},"
                        + "\"finish_reason\":\"tool_calls\"}]}",
                "{\"choices\":null,\"" + MARKER + "\":1e" + "9".repeat(30) + "}",
                "{\"base_resp\":{\"status_code\":" + quoted + ",\"status_msg\":" + quoted + "}}",
                // Anthropic's
                "{\"type\":\"error\",\"error\":{\"type\":" + quoted + ",\"message\":" + quoted
                        + ",\"details\":{\"error_code\":" + quoted + "}},\"request_id\":" + quoted + "}",
                "{\"type\":" + quoted + "}",
                "{\"type\":\"message\",\"id\":" + quoted + ",\"model\":" + quoted + ",\"content\":" + quoted
                        + ",\"stop_reason\":" + quoted + ",\"usage\":{\"input_tokens\":" + quoted + "}}",
                "{\"type\":\"message\",\"content\":[{\"type\":\"tool_use\",\"id\":" + quoted + ",\"name\":" + quoted
                        + ",\"input\":{" + MARKER + "}}]}",
                "{\"type\":\"message_start\",\"message\":{\"id\":{" + MARKER + "}}}",
                "{\"type\":\"content_block_start\",\"index\":" + quoted + ",\"content_block\":{\"type\":" + quoted
                        + ",\"input\":" + MARKER + "}}",
                "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"input_json_delta\","
                        + "\"partial_json\":" + quoted + "}}",
                "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":" + quoted + ",\"x\":1e"
                        + "9".repeat(30) + MARKER + "}}",
                "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":{" + quoted + ":" + MARKER + "}}}");
    }

    private static String whole(String status, String type, String body) {
        return "HTTP/1.1 " + status + "\r\ncontent-type: " + type + "\r\ncontent-length: "
                + body.getBytes(StandardCharsets.ISO_8859_1).length + "\r\nconnection: close\r\n\r\n" + body;
    }

    @ParameterizedTest
    @MethodSource("responses")
    void stand_in_no_message_no_cause_and_no_log(String response) throws IOException {
        try (ByteServer service = ByteServer.sendingOnce(response.getBytes(StandardCharsets.ISO_8859_1));
                KimiClient client = client(service.baseUrl())) {
            KimiException ofCall = failureOf(() -> client.chat(request()));
            KimiException ofStream = failureOf(() -> {
                try (ChatStream stream = client.stream(request())) {
                    stream.forEach(event -> {});
                }
            });

            assertThat(printed(ofCall)).doesNotContain(MARKER);
            assertThat(printed(ofStream)).doesNotContain(MARKER);
        }
        assertThat(logged).noneMatch(entry -> entry.contains(MARKER));
    }

    @Test
    void a_port_without_tls_is_named_without_a_byte_of_what_it_says() throws IOException {
        String response = MARKER + "HTTP/1.1 400 " + MARKER + "\r\n\r\n" + MARKER;
        try (ByteServer service = ByteServer.greeting(response.getBytes(StandardCharsets.ISO_8859_1));
                KimiClient client = client("https://127.0.0.1:" + service.port())) {
            KimiException failure = failureOf(() -> client.chat(request()));

            assertThat(failure).isNotNull();
            assertThat(printed(failure))
                    .doesNotContain(MARKER, HEX_OF_MARKER)
                    .doesNotContainIgnoringCase(HEX_OF_MARKER)
                    .contains("NotSslRecordException: not an SSL/TLS record: …");
        }
        assertThat(logged).noneMatch(entry -> entry.contains(MARKER) || entry.contains(HEX_OF_MARKER));
    }

    private static ChatRequest request() {
        return ChatRequest.builder()
                .user("Hello?")
                .deadline(Duration.ofSeconds(20))
                .build();
    }

    private KimiClient client(String baseUrl) {
        return wire.client()
                .baseUrl(baseUrl)
                .apiKey("sk-test")
                .model("m")
                // chance always gives the shortest wait, which is none
                .random(() -> 0L)
                .build();
    }

    private static @Nullable KimiException failureOf(Runnable call) {
        try {
            call.run();
            return null;
        } catch (KimiException e) {
            return e;
        }
    }

    private static String printed(@Nullable Throwable thrown) {
        if (thrown == null) {
            return "";
        }
        StringWriter out = new StringWriter();
        thrown.printStackTrace(new PrintWriter(out));
        return out.toString();
    }
}
