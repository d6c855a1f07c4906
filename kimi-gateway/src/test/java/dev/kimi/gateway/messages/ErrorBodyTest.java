package dev.kimi.gateway.messages;

import static dev.kimi.gateway.messages.MessagesFixture.DIALECT;
import static dev.kimi.gateway.messages.MessagesFixture.json;
import static dev.kimi.gateway.messages.MessagesFixture.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.gateway.dialect.GatewayError;
import dev.kimi.gateway.dialect.GatewayError.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

class ErrorBodyTest {

    @ParameterizedTest
    @CsvSource({
        "INVALID_REQUEST,400,invalid_request_error",
        "PROMPT_TOO_LONG,400,invalid_request_error",
        "AUTHENTICATION,401,authentication_error",
        "PERMISSION,403,permission_error",
        "NOT_FOUND,404,not_found_error",
        "TOO_LARGE,413,request_too_large",
        "RATE_LIMIT,429,rate_limit_error",
        "BUDGET,429,rate_limit_error",
        "BUDGET,402,billing_error",
        "OVERLOADED,529,overloaded_error",
        "TIMEOUT,504,timeout_error",
        "API,502,api_error",
    })
    void line_46_each_error_has_anthropics_shape(Kind kind, int status, String type) {
        JsonNode body = json(DIALECT.error(GatewayError.of(kind, status, "a \"quoted\"\nline"), "req_1"));

        assertThat(body.propertyNames()).containsExactly("type", "error", "request_id");
        assertThat(body.path("type").asString()).isEqualTo("error");
        assertThat(body.path("error").propertyNames()).containsExactly("type", "message");
        assertThat(body.at("/error/type").asString()).isEqualTo(type);
        assertThat(body.at("/error/message").asString()).endsWith("a \"quoted\"\nline");
        assertThat(body.path("request_id").asString()).isEqualTo("req_1");
    }

    @Test
    void line_41_an_error_within_a_stream_is_an_event() {
        String event = text(DIALECT.errorEvent(GatewayError.of(Kind.TIMEOUT, 504, "a\nb"), "req_1"));

        assertThat(event)
                .isEqualTo("event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"timeout_error\","
                        + "\"message\":\"a\\nb\"},\"request_id\":\"req_1\"}\n\n");
    }

    @Test
    void line_35_the_ping_is_anthropics() {
        assertThat(text(DIALECT.ping())).isEqualTo("event: ping\ndata: {\"type\": \"ping\"}\n\n");
    }

    @Test
    void line_47_the_words_of_a_rejection_are_kept() {
        String words = "messages.1.content.0: Invalid `signature` in `thinking` block";

        assertThat(message(Kind.INVALID_REQUEST, words)).isEqualTo(words);
    }

    @ParameterizedTest
    @CsvSource({
        "Input token length too long,prompt is too long: Input token length too long",
        "Prompt is too long: 9 tokens,Prompt is too long: 9 tokens",
        "input length and max_tokens exceed context limit: 1 + 2 > 2,"
                + "input length and max_tokens exceed context limit: 1 + 2 > 2",
        "capability_rejected: prompt_too_long,capability_rejected: prompt_too_long",
    })
    void line_48_a_conversation_that_is_too_long_has_the_words_that_clients_look_for(String said, String expected) {
        assertThat(message(Kind.PROMPT_TOO_LONG, said)).isEqualTo(expected);
    }

    private static String message(Kind kind, String said) {
        return json(DIALECT.error(GatewayError.of(kind, 400, said), "r"))
                .at("/error/message")
                .asString();
    }
}
