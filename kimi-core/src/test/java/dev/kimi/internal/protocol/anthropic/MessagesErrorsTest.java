package dev.kimi.internal.protocol.anthropic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kimi.error.AuthenticationException;
import dev.kimi.error.InvalidRequestException;
import dev.kimi.error.KimiException;
import dev.kimi.error.KimiException.LimitScope;
import dev.kimi.error.OverloadedException;
import dev.kimi.error.PermissionException;
import dev.kimi.error.QuotaExceededException;
import dev.kimi.error.RateLimitException;
import dev.kimi.error.ServerException;
import dev.kimi.internal.protocol.ErrorContext;
import dev.kimi.internal.protocol.Protocol;
import dev.kimi.internal.protocol.StreamFailure;
import dev.kimi.transport.Headers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the errors of Anthropic's API are, and of Kimi's face of it. */
class MessagesErrorsTest {

    private static final Protocol PROTOCOL = new MessagesProtocol(MessagesProtocol.LATEST_VERSION);
    private static final Instant NOW = Instant.parse("2026-11-27T12:00:00Z");
    private static final Headers ANTHROPICS =
            Headers.builder().add("anthropic-organization-id", "org-1").build();

    static Stream<Arguments> errors() {
        return Stream.of(
                Arguments.of(400, "invalid_request_error", "max_tokens: Field required", InvalidRequestException.class),
                Arguments.of(401, "authentication_error", "invalid x-api-key", AuthenticationException.class),
                Arguments.of(402, "billing_error", "Pay.", QuotaExceededException.class),
                Arguments.of(403, "permission_error", "Not allowed.", PermissionException.class),
                Arguments.of(404, "not_found_error", "model: claude-2", InvalidRequestException.class),
                Arguments.of(409, "conflict_error", "Conflict.", ServerException.class),
                Arguments.of(413, "request_too_large", "Request too large.", InvalidRequestException.class),
                Arguments.of(429, "rate_limit_error", "Number of requests exceeded.", RateLimitException.class),
                Arguments.of(500, "api_error", "Internal server error", ServerException.class),
                Arguments.of(504, "timeout_error", "Timed out.", ServerException.class),
                Arguments.of(529, "overloaded_error", "Overloaded", OverloadedException.class));
    }

    @ParameterizedTest
    @MethodSource("errors")
    void each_type_of_error_is_a_decision_for_the_caller(
            int status, String type, String message, Class<? extends KimiException> expected) {
        KimiException failure = error(status, ANTHROPICS, body(type, message, ""));

        assertThat(failure).isExactlyInstanceOf(expected);
        assertThat(failure.status()).isEqualTo(status);
        assertThat(failure.errorType()).isEqualTo(type);
        assertThat(failure.requestId()).isEqualTo("req_1");
    }

    @ParameterizedTest
    @MethodSource("errors")
    void in_a_stream_each_is_the_same(
            int status, String type, String message, Class<? extends KimiException> expected) {
        MessagesStreamDecoder decoder = new MessagesStreamDecoder(ANTHROPICS);
        try {
            decoder.feed(utf8("event: error\ndata: " + body(type, message, "") + "\n\n"), event -> {});
        } catch (StreamFailure e) {
            KimiException failure = e.toException(context(200, ANTHROPICS));
            // of a status alone, without a name for it, a stream knows nothing
            assertThat(failure).isExactlyInstanceOf(status == 409 ? ServerException.class : expected);
            assertThat(failure.errorType()).isEqualTo(type);
            return;
        }
        throw new AssertionError("no failure");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "You have reached your specified API usage limits. You will regain access on 2026-12-01 at 00:00 UTC.",
                "You have reached your specified workspace API usage limits. You will regain access on 2026-12-01."
            })
    void a_spend_limit_of_the_callers_own_is_a_quota_though_it_is_a_400(String message) {
        assertThat(error(400, ANTHROPICS, body("invalid_request_error", message, "")))
                .isInstanceOf(QuotaExceededException.class);
    }

    @Test
    void a_spend_limit_of_the_tier_is_no_rate_limit_though_it_has_its_name_and_status() {
        String details = ",\"details\":{\"error_code\":\"enforced_spend_limit_reached\"}";

        KimiException failure =
                error(429, ANTHROPICS, body("rate_limit_error", "Your organization has reached its limit.", details));

        assertThat(failure).isInstanceOf(QuotaExceededException.class);
        assertThat(failure.retryAfter()).isNull();
    }

    @ParameterizedTest
    @CsvSource({"false, , true", "'FALSE ', , true", "true, , false", ", , false", "false, 7, false"})
    void a_429_that_says_not_to_retry_and_names_no_wait_is_no_rate_limit(
            String shouldRetry, String retryAfter, boolean quota) {
        Headers.Builder headers = Headers.builder();
        if (shouldRetry != null) {
            headers.add("x-should-retry", shouldRetry);
        }
        if (retryAfter != null) {
            headers.add("retry-after", retryAfter);
        }

        assertThat(error(429, headers.build(), body("rate_limit_error", "Limit.", "")))
                .isExactlyInstanceOf(quota ? QuotaExceededException.class : RateLimitException.class);
    }

    @Test
    void a_rate_limit_is_that_of_the_models_class_where_anthropic_says_so() {
        String words =
                body("rate_limit_error", "This request would exceed the limit of 50,000 input tokens per minute.", "");
        Headers unified = Headers.builder()
                .add("anthropic-organization-id", "org-1")
                .add("anthropic-ratelimit-unified-status", "rejected")
                .build();

        KimiException ofClass = error(429, ANTHROPICS, words);
        KimiException ofSubscription = error(429, unified, words);
        KimiException ofKimi = error(429, Headers.empty(), words);

        assertThat(ofClass.limitScope()).isEqualTo(LimitScope.ACCOUNT_MODEL_CLASS);
        assertThat(((RateLimitException) ofClass).limit()).isEqualTo(RateLimitException.Limit.TOKENS_PER_MINUTE);
        assertThat(ofSubscription.limitScope()).isEqualTo(LimitScope.ACCOUNT);
        assertThat(ofKimi.limitScope()).isEqualTo(LimitScope.ACCOUNT);
    }

    @ParameterizedTest
    @CsvSource({
        "requests, REQUESTS_PER_MINUTE",
        "tokens, TOKENS_PER_MINUTE",
        "input-tokens, TOKENS_PER_MINUTE",
        "output-tokens, TOKENS_PER_MINUTE"
    })
    void where_the_words_do_not_say_which_limit_it_is_its_headers_do(String used, RateLimitException.Limit limit) {
        String words = body("rate_limit_error", "This request would exceed your account's rate limit.", "");
        Headers.Builder headers = Headers.builder();
        for (String name : List.of("requests", "tokens", "input-tokens", "output-tokens")) {
            headers.add("anthropic-ratelimit-" + name + "-remaining", name.equals(used) ? "0" : "7");
        }

        assertThat(((RateLimitException) error(429, headers.build(), words)).limit())
                .isEqualTo(limit);
        assertThat(((RateLimitException) error(429, ANTHROPICS, words)).limit())
                .isEqualTo(RateLimitException.Limit.UNKNOWN);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "prompt is too long: 210000 tokens > 200000 maximum|messages|true",
                "input length and `max_tokens` exceed context limit: 188240 + 21333 > 200000|messages|true",
                "max_tokens: 64001 > 64000, which is the maximum allowed number of output tokens|max_completion_tokens|false",
                "output_config.effort 'xhigh' is not supported when thinking is disabled on this model.|output_config|false",
                "unsupported effort: medium|reasoning_effort|false",
                "\"thinking.type.disabled\" is not supported for this model. Use \"thinking.type.adaptive\" and"
                        + " \"output_config.effort\" to control thinking behavior.|thinking|false",
                "tool_choice: type \"tool\" and \"any\" are not supported for this model.|tool_choice|false"
            })
    void a_rejected_request_names_what_to_change(String message, String param, boolean tooLong) {
        KimiException failure =
                error(400, ANTHROPICS, body("invalid_request_error", message.replace("\"", "\\\""), ""));

        assertThat(failure).isInstanceOfSatisfying(InvalidRequestException.class, rejected -> {
            assertThat(rejected.param()).isEqualTo(param);
            assertThat(rejected.fix()).isNotBlank();
            assertThat(rejected.reason() == InvalidRequestException.Reason.TOO_LONG)
                    .isEqualTo(tooLong);
        });
    }

    @Test
    void overload_is_the_models_at_the_endpoint() {
        assertThat(error(529, ANTHROPICS, body("overloaded_error", "Overloaded", ""))
                        .limitScope())
                .isEqualTo(LimitScope.ENDPOINT_MODEL);
    }

    @Test
    void without_retry_after_the_reset_of_the_limit_that_is_used_up_says_when() {
        Headers headers = Headers.builder()
                .add("anthropic-ratelimit-requests-remaining", "10")
                .add("anthropic-ratelimit-requests-reset", "2026-11-27T12:05:00Z")
                .add("anthropic-ratelimit-input-tokens-remaining", "0")
                .add("anthropic-ratelimit-input-tokens-reset", "2026-11-27T12:00:20Z")
                .build();

        assertThat(error(429, headers, body("rate_limit_error", "Limit.", "")).retryAfter())
                .isEqualTo(Duration.ofSeconds(20));
    }

    @Test
    void kimis_face_responds_in_both_envelopes() {
        KimiException inOpenAis = error(
                429,
                Headers.builder().add("retry-after", "1").build(),
                "{\"error\":{\"message\":\"Organization Rate limit exceeded, please try again after 1 seconds\","
                        + "\"type\":\"rate_limit_reached_error\"}}");
        KimiException overloaded = error(
                429,
                Headers.empty(),
                "{\"error\":{\"type\":\"rate_limit_error\",\"message\":\"The engine is currently overloaded, please try"
                        + " again later\"},\"type\":\"error\"}");

        assertThat(inOpenAis).isInstanceOf(RateLimitException.class);
        assertThat(inOpenAis.limitScope()).isEqualTo(LimitScope.ACCOUNT);
        assertThat(overloaded).isInstanceOf(OverloadedException.class);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"content\":[|it is no JSON. Trying again may help.",
                "''|it is empty",
                "{\"x\":1}|it holds no message",
                "<html>|it is neither JSON nor an event stream",
                "data: {\"type\":\"message_start\",\"message\":{\"content\":[]}}|ended without its end mark"
            })
    void a_whole_response_that_is_none_says_why(String body, String why) {
        assertThatThrownBy(() -> PROTOCOL.decode(ANTHROPICS, utf8(body), context(200, ANTHROPICS)))
                .isInstanceOf(KimiException.class)
                .hasMessageContaining(why);
    }

    @Test
    void a_whole_response_may_come_as_events_that_lack_their_last_line_end() {
        String body = "data: {\"type\":\"message_start\",\"message\":{\"type\":\"message\",\"content\":[],"
                + "\"stop_reason\":\"end_turn\"}}\n\n"
                + "data: {\"type\":\"message_stop\"}";

        assertThat(PROTOCOL.decode(ANTHROPICS, utf8(body), context(200, ANTHROPICS))
                        .text())
                .isEmpty();
    }

    private static KimiException error(int status, Headers headers, String body) {
        return PROTOCOL.error(status, headers, utf8(body), context(status, headers));
    }

    private static ErrorContext context(int status, Headers headers) {
        return new ErrorContext(1, Duration.ZERO, NOW, status, headers, "claude-opus-5-5");
    }

    private static String body(String type, String message, String more) {
        return "{\"type\":\"error\",\"error\":{\"type\":\"" + type + "\",\"message\":\"" + message + "\"" + more
                + "},\"request_id\":\"req_1\"}";
    }

    private static ByteBuffer utf8(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }
}
