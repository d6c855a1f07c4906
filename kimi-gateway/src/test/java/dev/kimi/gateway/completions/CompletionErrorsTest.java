package dev.kimi.gateway.completions;

import static dev.kimi.gateway.completions.Targets.DIALECT;
import static dev.kimi.gateway.completions.Targets.MAPPER;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.gateway.dialect.GatewayError;
import dev.kimi.gateway.dialect.GatewayError.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

class CompletionErrorsTest {

    @ParameterizedTest
    @CsvSource({
        "PROMPT_TOO_LONG, invalid_request_error, context_length_exceeded",
        "AUTHENTICATION, authentication_error, invalid_api_key",
        "RATE_LIMIT, rate_limit_error, rate_limit_exceeded",
        "BUDGET, insufficient_quota, insufficient_quota",
        "API, server_error, server_error"
    })
    void kinds_have_the_words_that_clients_decide_by(Kind kind, String type, String code) {
        JsonNode error = error(GatewayError.of(kind, 400, "m"));

        assertThat(error.path("type").asString()).isEqualTo(type);
        assertThat(error.path("code").asString()).isEqualTo(code);
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void every_kind_has_all_four_members(Kind kind) {
        JsonNode error = error(GatewayError.of(kind, 400, "what \"happened\" \ud83d"));

        assertThat(error.propertyNames()).containsExactly("message", "type", "param", "code");
        assertThat(error.path("message").asString()).isEqualTo("what \"happened\" ?");
    }

    @Test
    void within_a_stream_an_error_is_one_event_and_no_end_mark() {
        String event = new String(DIALECT.errorEvent(GatewayError.of(Kind.API, 502, "cut"), "r"), UTF_8);

        assertThat(event)
                .isEqualTo("data: {\"error\":{\"message\":\"cut\",\"type\":\"server_error\",\"param\":null,"
                        + "\"code\":\"server_error\"}}\n\n");
    }

    @Test
    void a_ping_is_a_comment() {
        assertThat(new String(DIALECT.ping(), UTF_8)).isEqualTo(": ping\n\n");
    }

    private static JsonNode error(GatewayError error) {
        return MAPPER.readTree(DIALECT.error(error, "r")).path("error");
    }
}
