package dev.kimi.internal.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.error.AuthenticationException;
import dev.kimi.error.ContentFilteredException;
import dev.kimi.error.InvalidRequestException;
import dev.kimi.error.KimiException;
import dev.kimi.error.OverloadedException;
import dev.kimi.error.PermissionException;
import dev.kimi.error.QuotaExceededException;
import dev.kimi.error.RateLimitException;
import dev.kimi.error.ServerException;
import dev.kimi.internal.protocol.openai.OpenAiProtocol;
import dev.kimi.transport.Headers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ErrorsTest {

    private static final ErrorContext CONTEXT =
            new ErrorContext(1, Duration.ZERO, Instant.parse("2026-09-01T00:00:00Z"));
    private static final Protocol PROTOCOL = new OpenAiProtocol();

    static Stream<Arguments> shapes() {
        return Stream.of(
                Arguments.of(
                        "OpenAI", "{\"error\":{\"message\":\"no such model\",\"type\":\"not_found\"}}", "not_found"),
                Arguments.of(
                        "Anthropic",
                        "{\"type\":\"error\",\"error\":{\"type\":\"not_found\",\"message\":\"no such model\"},"
                                + "\"request_id\":\"req_1\"}",
                        "not_found"),
                Arguments.of("code only", "{\"error\":{\"code\":\"not_found\",\"message\":\"no model\"}}", "not_found"),
                Arguments.of("numeric code", "{\"error\":{\"code\":404,\"message\":\"no model\"}}", "404"),
                Arguments.of("string", "{\"error\":\"no model of that name\"}", null),
                Arguments.of("name", "{\"error\":\"url.not_found\",\"message\":\"no model\"}", "url.not_found"),
                Arguments.of("detail", "{\"detail\":\"no model\"}", null),
                Arguments.of("details", "{\"detail\":[{\"loc\":[\"body\"],\"msg\":\"no model\"}]}", null),
                Arguments.of("message", "{\"message\":\"no model\",\"code\":\"not_found\"}", "not_found"),
                Arguments.of("nested blanks first", " \n\n{\"error\":{\"message\":\"no model\",\"type\":\"x\"}}", "x"),
                Arguments.of("cut", "{\"error\":{\"type\":\"x\",\"message\":\"no model\",\"detail\":\"abc", "x"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("shapes")
    void any_shape_is_read(String what, String body, String type) {
        KimiException error = error(404, body);

        assertThat(error).isInstanceOfSatisfying(InvalidRequestException.class, e -> {
            assertThat(e.param()).isEqualTo("model");
            assertThat(e.fix()).isNotBlank();
        });
        assertThat(error.status()).isEqualTo(404);
        assertThat(error.errorType()).isEqualTo(type);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "400 | Invalid request: Your request exceeded model token limit: 262144 | true",
                "400 | This model's maximum context length is 8192 tokens | true",
                "400 | total message size 5000000 exceeds limit 4194304 | true",
                "413 | request entity too large | true",
                "400 | invalid temperature: only 1 is allowed for this model | false",
                "400 | something | false",
                "404 | no such model | false"
            })
    void a_request_that_only_had_to_be_shorter_says_so(int status, String message, boolean tooLong) {
        assertThat(error(status, "{\"error\":{\"message\":\"" + message + "\"}}"))
                .isInstanceOfSatisfying(
                        InvalidRequestException.class,
                        e -> assertThat(e.reason() == InvalidRequestException.Reason.TOO_LONG)
                                .isEqualTo(tooLong));
    }

    @ParameterizedTest
    @CsvSource({
        "301, InvalidRequestException",
        "400, InvalidRequestException",
        "401, AuthenticationException",
        "402, QuotaExceededException",
        "403, PermissionException",
        "404, InvalidRequestException",
        "405, InvalidRequestException",
        "408, ServerException",
        "409, ServerException",
        "413, InvalidRequestException",
        "422, InvalidRequestException",
        "429, RateLimitException",
        "499, InvalidRequestException",
        "500, ServerException",
        "501, ServerException",
        "502, ServerException",
        "503, OverloadedException",
        "504, ServerException",
        "524, ServerException",
        "529, OverloadedException",
        "599, ServerException"
    })
    void without_a_readable_body_the_status_decides(int status, String type) {
        for (String body :
                new String[] {"", "   ", "<html><h1>Gateway</h1></html>", "{}", "null", "[]", "\"text\"", "{"}) {
            KimiException error = error(status, body);
            assertThat(error.getClass().getSimpleName()).as(body).isEqualTo(type);
            assertThat(error.status()).isEqualTo(status);
            assertThat(error.errorType()).isNull();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "429, exceeded_current_quota_error, anything",
        "429, '', You exceeded your current token quota",
        "429, '', 'insufficient balance, please recharge'",
        "429, insufficient_quota, anything",
        "403, permission_denied_error, you reached your usage limit for this billing cycle",
        "403, '', Your account x is suspended due to insufficient balance",
        "400, invalid_request_error, Your credit balance is too low to access the API",
        "402, billing_error, anything"
    })
    void an_empty_account_is_reported(int status, String type, String message) {
        assertThat(error(status, body(type, message))).isInstanceOf(QuotaExceededException.class);
    }

    @ParameterizedTest
    @CsvSource({
        "429, engine_overloaded_error, The engine is currently overloaded",
        "429, rate_limit_error, 'The engine is currently overloaded, please try again later'",
        "529, overloaded_error, Overloaded",
        "503, server_unavailable, maintenance",
        "500, overloaded_error, Overloaded"
    })
    void an_overload_is_reported(int status, String type, String message) {
        assertThat(error(status, body(type, message))).isInstanceOf(OverloadedException.class);
    }

    @ParameterizedTest
    @CsvSource({
        "request reached max organization concurrency: 1, CONCURRENCY",
        "Number of concurrent connections has exceeded your rate limit, CONCURRENCY",
        "request reached organization max RPM: 3, REQUESTS_PER_MINUTE",
        "limit of 50 requests per minute, REQUESTS_PER_MINUTE",
        "'request reached project TPM rate limit, current: 1, limit: 2', TOKENS_PER_MINUTE",
        "'20,000 input tokens per minute', TOKENS_PER_MINUTE",
        "'request reached organization TPD rate limit, current: 2', TOKENS_PER_DAY",
        "Organization Rate limit exceeded, UNKNOWN"
    })
    void the_limit_is_read_from_the_words(String message, RateLimitException.Limit limit) {
        assertThat(error(429, body("rate_limit_reached_error", message)))
                .isInstanceOfSatisfying(
                        RateLimitException.class, e -> assertThat(e.limit()).isEqualTo(limit));
    }

    @Test
    void content_and_keys_are_reported_whatever_the_status() {
        assertThat(error(400, body("content_filter", "x"))).isInstanceOf(ContentFilteredException.class);
        assertThat(error(400, body("", "The request was rejected because it was considered high risk")))
                .isInstanceOf(ContentFilteredException.class);
        assertThat(error(400, body("", "Incorrect API key provided."))).isInstanceOf(AuthenticationException.class);
        assertThat(error(403, body("permission_error", "not allowed"))).isInstanceOf(PermissionException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "You wrote: my dog Canarybird is ill",
                "Incorrect API key provided: sk-Canarybird0123456789abcdef",
                "Your account org-Canarybird <ak-Canarybird> request reached max RPM: 3",
                "invalid request: \"Canarybird\"",
                "property 'Canarybird' is not allowed",
                "Canarybird",
                "failed to parse {\"prompt\":\"Canarybird\"}"
            })
    void nothing_of_the_callers_is_shown(String message) {
        for (int status : new int[] {400, 401, 403, 404, 429, 500}) {
            KimiException error = error(
                    status,
                    "{\"error\":{\"message\":" + quoted(message) + ",\"type\":\"Canary bird\",\"code\":\"Canary bird\","
                            + "\"param\":\"Canarybird\"},\"request_id\":\"Canary bird\"}");
            assertThat(error.toString()).doesNotContain("Canary");
            assertThat(error.errorType()).isNull();
            assertThat(error.requestId()).isNull();
            assertThat(error).hasNoCause();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "sk-Canarybird0123456789",
                "Canarybird",
                "Canarybird\u001b[31m",
                "Canarybird error",
                "Canarybird\u202e",
                "Canarybird@example.org",
                "rate_limit_Canarybird"
            })
    void a_name_that_is_none_of_the_vocabulary_stands_in_no_message(String name) {
        for (int status : new int[] {400, 401, 403, 429, 500}) {
            KimiException error = error(
                    status,
                    "{\"error\":{\"message\":\"invalid request\",\"type\":" + quoted(name) + ",\"code\":" + quoted(name)
                            + ",\"status\":" + quoted(name) + ",\"param\":" + quoted(name) + "}}");
            assertThat(error.toString()).doesNotContain("Canary");
            if (error.errorType() != null) {
                assertThat(error.errorType()).matches("[A-Za-z0-9_.:/-]{1,64}");
            }
        }
    }

    @Test
    void names_and_ids_have_an_alphabet_and_a_length() {
        String longName = "x".repeat(65);
        assertThat(error(400, "{\"error\":{\"type\":\"" + longName + "\"}}").errorType())
                .isNull();
        assertThat(error(400, "{\"error\":{\"type\":\"a.b_c-d:e/f\"}}").errorType())
                .isEqualTo("a.b_c-d:e/f");
        for (String id : List.of("x".repeat(129), "a b", "<script>", "a\u0000b", "Bearer sk-1", "a@b", "\u4f59")) {
            Headers headers = Headers.builder()
                    .add("request-id", id.replace('\u0000', '\u0001'))
                    .add("x-request-id", "good-1")
                    .build();
            assertThat(PROTOCOL.error(500, headers, ByteBuffer.allocate(0), CONTEXT)
                            .requestId())
                    .isEqualTo("good-1");
        }
    }

    @Test
    void a_code_that_is_the_status_is_said_once() {
        assertThat(error(429, "{\"error\":{\"code\":429,\"message\":\"Too many requests\"}}"))
                .hasMessageStartingWith("The service answered 429: \"Too many requests\".");
        assertThat(error(429, "{\"error\":{\"code\":\"1302\",\"message\":\"Too many requests\"}}"))
                .hasMessageStartingWith("The service answered 429 1302: \"Too many requests\".");
    }

    @Test
    void an_error_that_is_framed_like_a_stream_is_read_like_any_other() {
        String body = "{\"error\":{\"message\":\"Invalid API key\",\"type\":\"invalid_api_key\"}}";

        assertThat(error(400, ": waiting\n\nevent: error\ndata: " + body + "\n\ndata: [DONE]\n\n"))
                .isInstanceOf(AuthenticationException.class)
                .hasMessageContaining("\"Invalid API key\"")
                .hasMessageNotContaining("data:");
    }

    @Test
    void the_words_of_an_error_in_an_array_are_shown() {
        assertThat(error(400, "[{\"error\":{\"code\":400,\"message\":\"Invalid API key\"}}]"))
                .isInstanceOf(AuthenticationException.class)
                .hasMessageContaining("\"Invalid API key\"");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"error\":{\"code\":429,\"details\":[{\"retryDelay\":\"3s\"}]}} | 3000",
                "{\"error\":{\"code\":429,\"details\":[{\"retryDelay\":\"3.5s\"},{\"retryDelay\":\"1200ms\"}]}} | 3500",
                "[{\"error\":{\"code\":429,\"details\":[{\"a\":1},{\"retryDelay\":{\"seconds\":\"4\",\"nanos\":1}}]}}] | 4000",
                "{\"error\":{\"message\":\"x\",\"metadata\":{\"retry_after_seconds\":5}}} | 5000",
                "{\"error\":{\"message\":\"x\",\"metadata\":{\"headers\":{\"Retry-After\":\"6\"}}}} | 6000",
                "{\"error\":{\"message\":\"x\",\"retry_after\":7}} | 7000",
                "{\"message\":\"x\",\"retry_after_ms\":800} | 2000",
                "{\"message\":\"try again in 9s\",\"retry_after\":0} | 9000"
            })
    void hints_in_the_body_count_beside_those_of_the_headers(String body, long millis) {
        Headers headers = Headers.builder().add("retry-after", "2").build();
        KimiException error =
                PROTOCOL.error(429, headers, ByteBuffer.wrap(body.getBytes(StandardCharsets.UTF_8)), CONTEXT);

        assertThat(error.retryAfter()).isEqualTo(Duration.ofMillis(millis));
        assertThat(error.retryAt()).isEqualTo(CONTEXT.now().plusMillis(millis));
    }

    @Test
    void what_the_service_says_about_fields_is_shown() {
        assertThat(error(400, body("invalid_request_error", "invalid temperature: only 1 is allowed for this model")))
                .hasMessageContaining("invalid temperature: only 1 is allowed for this model")
                .hasMessageContaining("Leave it unset");
        assertThat(error(429, body("rate_limit_reached_error", "max RPM: 3, please try again after 1 seconds")))
                .hasMessageContaining("max RPM: 3, please try again after 1 seconds");
    }

    @Test
    void an_endless_message_is_cut() {
        assertThat(error(400, body("x", "invalid request ".repeat(10_000))).getMessage())
                .hasSizeLessThan(500);
    }

    @Test
    void whatever_the_body_is_there_is_an_exception() {
        byte[] seed = body("rate_limit_error", "try again after 5 seconds").getBytes(StandardCharsets.UTF_8);
        for (long i = 0; i < 5_000; i++) {
            Random random = new Random(i);
            byte[] bytes = Arrays.copyOf(seed, random.nextInt(seed.length + 1));
            for (int k = random.nextInt(5); k > 0 && bytes.length > 0; k--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            assertThat(PROTOCOL.error(429, Headers.empty(), ByteBuffer.wrap(bytes), CONTEXT))
                    .isNotNull();
        }
    }

    @Test
    void the_first_trace_id_counts() {
        Headers headers = Headers.builder()
                .add("Request-Id", "r")
                .add("X-Trace-Id", "t")
                .add("X-Msh-Trace-Id", "m")
                .build();
        assertThat(PROTOCOL.error(500, headers, ByteBuffer.allocate(0), CONTEXT).requestId())
                .isEqualTo("m");
        assertThat(error(500, "{\"request_id\":\"b\",\"error\":{}}").requestId())
                .isEqualTo("b");
    }

    private static KimiException error(int status, String body) {
        return PROTOCOL.error(status, Headers.empty(), ByteBuffer.wrap(body.getBytes(StandardCharsets.UTF_8)), CONTEXT);
    }

    private static String body(String type, String message) {
        return "{\"error\":{\"message\":" + quoted(message) + (type.isEmpty() ? "" : ",\"type\":" + quoted(type))
                + "}}";
    }

    private static String quoted(String text) {
        return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    }

    @Test
    void server_errors_are_server_errors() {
        assertThat(error(500, body("server_error", "Failed to extract file"))).isInstanceOf(ServerException.class);
    }
}
