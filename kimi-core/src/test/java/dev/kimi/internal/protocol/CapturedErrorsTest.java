package dev.kimi.internal.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.error.InvalidRequestException;
import dev.kimi.error.KimiException;
import dev.kimi.error.RateLimitException;
import dev.kimi.internal.json.JsonReader;
import dev.kimi.internal.json.JsonWriter;
import dev.kimi.internal.protocol.Captures.Recording;
import dev.kimi.internal.protocol.anthropic.MessagesProtocol;
import dev.kimi.internal.protocol.openai.OpenAiProtocol;
import dev.kimi.transport.Headers;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Recorded error responses, against the table of what each must become. */
class CapturedErrorsTest {

    private static final Instant NOW = Instant.parse("2026-09-01T00:00:00Z");
    private static final ErrorContext CONTEXT = new ErrorContext(2, Duration.ofSeconds(3), NOW);
    private static final Protocol PROTOCOL = new OpenAiProtocol();
    private static final List<Protocol> PROTOCOLS =
            List.of(PROTOCOL, new MessagesProtocol(MessagesProtocol.LATEST_VERSION));
    private static final String MESSAGES = "errors/kimi-400-messages.jsonl";

    @Test
    void no_recorded_error_is_left_out() {
        List<String> inTable = Captures.table(CapturedErrorsTest.class, "captured-errors.tsv").stream()
                .map(row -> row[0])
                .sorted()
                .toList();

        List<String> recorded = Captures.files("errors").stream()
                .filter(file -> !file.equals(MESSAGES))
                .toList();

        assertThat(recorded).isNotEmpty().isEqualTo(inTable);
    }

    @TestFactory
    Stream<DynamicTest> becomes_the_type_that_the_caller_can_act_on() {
        Captures.required();
        return Captures.table(CapturedErrorsTest.class, "captured-errors.tsv").stream()
                .flatMap(row -> PROTOCOLS.stream()
                        .map(protocol ->
                                DynamicTest.dynamicTest(row[0] + " " + protocol.name(), () -> check(protocol, row))));
    }

    private static void check(Protocol protocol, String[] row) {
        Recording recording = Captures.read(row[0]);
        int status = Integer.parseInt(row[1]);
        assertThat(recording.status()).isIn(0, status);

        KimiException error = protocol.error(status, recording.headers(), ByteBuffer.wrap(recording.body()), CONTEXT);

        assertThat(error.getClass().getSimpleName()).isEqualTo(row[2]);
        assertThat(error.status()).isEqualTo(status);
        assertThat(error.errorType()).isEqualTo(row[3].equals("-") ? null : row[3]);
        Duration after = row[4].equals("-") ? null : Duration.ofMillis(Long.parseLong(row[4]));
        assertThat(error.retryAfter()).isEqualTo(after);
        assertThat(error.retryAt()).isEqualTo(after == null ? null : NOW.plus(after));
        assertThat(error.attempts()).isEqualTo(2);
        assertThat(error.elapsed()).isEqualTo(Duration.ofSeconds(3));
        assertThat(error.getMessage())
                .doesNotContain("REDACTED", "<", "xxxxx", "invalid-key")
                .hasSizeLessThan(500);
        assertThat(error).hasNoCause();
        if (error instanceof InvalidRequestException invalid) {
            assertThat(invalid.param()).isEqualTo(row[5].equals("-") ? null : row[5]);
        } else if (error instanceof RateLimitException rate) {
            assertThat(rate.limit().name()).isEqualTo(row[5]);
        } else {
            assertThat(row[5]).isEqualTo("-");
        }
    }

    @Test
    void trace_ids_are_found() {
        assertThat(requestId("errors/kimi-429-rate-limit-rpm.http")).isEqualTo("29cc6d00f98c3f2f3bd4cc165c1408c1");
        assertThat(requestId("errors/anthropic-529.http")).isEqualTo("req_01RCc7MbLyQNtGKzBTv8VCep");
        assertThat(requestId("errors/anthropic-429-request-id.json")).isEqualTo("req_011CcP6KcSLvjgfSVB7CthT6");
        assertThat(requestId("errors/kimi-anthropic-endpoint-400.json")).isEqualTo("3f84e9cd");
        assertThat(requestId("errors/mistral-401-detail.json")).isNull();
    }

    private static @org.jspecify.annotations.Nullable String requestId(String file) {
        Recording recording = Captures.read(file);
        return PROTOCOL.error(429, recording.headers(), ByteBuffer.wrap(recording.body()), CONTEXT)
                .requestId();
    }

    @Test
    void every_known_rejection_names_its_field_and_what_to_write() {
        List<Object> lines = new ArrayList<>();
        try (JsonReader in = new JsonReader(Captures.read(MESSAGES).body())) {
            while (in.next()) {
                lines.add(in.any());
            }
        }

        assertThat(lines).hasSizeGreaterThan(10).allSatisfy(line -> {
            Map<?, ?> entry = (Map<?, ?>) line;
            byte[] body = new JsonWriter()
                    .any(Map.of("error", Map.of("type", "invalid_request_error", "message", entry.get("message"))))
                    .toByteArray();
            KimiException error = PROTOCOL.error(400, Headers.empty(), ByteBuffer.wrap(body), CONTEXT);
            assertThat(error).isInstanceOfSatisfying(InvalidRequestException.class, invalid -> {
                assertThat(invalid.param()).isNotNull();
                assertThat(invalid.fix()).isNotNull();
                assertThat(invalid.getMessage()).contains(invalid.fix());
            });
        });
    }
}
