package dev.kimi.gateway.completions;

import static dev.kimi.gateway.completions.Targets.openAi;
import static dev.kimi.gateway.completions.Targets.read;
import static dev.kimi.gateway.completions.Targets.request;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.kimi.gateway.dialect.GatewayException;
import dev.kimi.gateway.dialect.InboundChat;
import dev.kimi.relay.RelayForm;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CompletionsChatTest {

    @Test
    void what_the_gateway_decides_by_is_read() {
        InboundChat chat = read(request(",\"stream\":true,\"max_tokens\":7,\"max_completion_tokens\":300"));

        assertThat(chat.model()).isEqualTo("m");
        assertThat(chat.streamed()).isTrue();
        assertThat(chat.outputCap()).isEqualTo(300);
        assertThat(chat.inputTokens()).isBetween(9L, 20L);
        assertThat(chat.sessionId()).isNull();
        assertThat(chat.toString()).doesNotContain("hi");
    }

    @Test
    void a_cap_of_the_older_name_counts_alone() {
        assertThat(read(request(",\"max_tokens\":7")).outputCap()).isEqualTo(7);
        assertThat(read(request("")).outputCap()).isZero();
    }

    @Test
    void the_session_is_what_says_most_precisely_which_conversation_it_is() {
        Map<String, String> header = Map.of("x-claude-code-session-id", "header");

        assertThat(read(request(",\"prompt_cache_key\":\"key\",\"user\":\"u\""), header)
                        .sessionId())
                .isEqualTo("key");
        assertThat(read(request(",\"user\":\"u\""), header).sessionId()).isEqualTo("header");
        String hashed = read(request(",\"user\":\"ann@example.com\"")).sessionId();
        assertThat(hashed).hasSize(32).doesNotContain("ann");
        assertThat(read(request(",\"safety_identifier\":\"ann@example.com\"")).sessionId())
                .isEqualTo(hashed);
        assertThat(read(request(",\"user\":7")).sessionId()).isNull();
        assertThat(read(request(",\"prompt_cache_key\":\"" + "k".repeat(129) + "\""))
                        .sessionId())
                .hasSize(32);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "[]|one JSON object",
                "{\"model\":\"m\",\"messages\":[}|not valid JSON",
                "{\"messages\":[{}]}|\"model\" must name a model",
                "{\"model\":\" \",\"messages\":[{}]}|\"model\" must name a model",
                "{\"model\":7,\"messages\":[{}]}|\"model\" must be a string",
                "{\"model\":\"m\"}|\"messages\" must be an array",
                "{\"model\":\"m\",\"messages\":[]}|at least one message",
                "{\"model\":\"m\",\"messages\":\"hi\"}|\"messages\" must be an array",
                "{\"model\":\"m\",\"messages\":[{}],\"stream\":\"yes\"}|\"stream\" must be true or false",
                "{\"model\":\"m\",\"messages\":[{}],\"model\":\"n\"}|a member twice"
            })
    void what_is_no_request_is_rejected_with_a_reason(String json, String reason) {
        GatewayException thrown = catchThrowableOfType(GatewayException.class, () -> read(json));

        assertThat(thrown.error().status()).isEqualTo(400);
        assertThat(thrown.error().message()).contains(reason);
    }

    @Test
    void a_model_of_any_length_is_no_model() {
        assertThatThrownBy(() -> read(request("").replace("\"m\"", "\"" + "m".repeat(257) + "\"")))
                .isInstanceOf(GatewayException.class);
    }

    @Test
    void a_service_of_the_same_protocol_gets_the_bytes_of_the_client_with_its_own_name_of_the_model() {
        String json = """
                { "messages" : [ { "role":"user", "content":null, "x_unknown":1.50, "content2":"\\u00e9" } ],
                  "model":"claude-kimi-k3", "stream" : true, "n":3, "logprobs":true, "odd": [1e2, {"model":"x"}] }
                """;

        RelayForm.Verbatim form = (RelayForm.Verbatim) read(json).formFor(openAi("kimi-k3"));

        assertThat(new String(form.body(), UTF_8)).isEqualTo(json.replace("claude-kimi-k3", "kimi-k3"));
        assertThat(form.path()).isEqualTo("/v1/chat/completions");
    }

    /** The usage of such a stream comes in the last chunk of a choice at Kimi, and is estimated where none comes. */
    @Test
    void nothing_is_added_to_a_stream_that_does_not_ask_for_its_usage() {
        String json = request(",\"stream\":true").replace("\"m\"", "\"kimi-k3\"");

        RelayForm.Verbatim form = (RelayForm.Verbatim) read(json).formFor(openAi("kimi-k3"));

        assertThat(new String(form.body(), UTF_8)).isEqualTo(json);
    }

    @Test
    void no_header_of_the_client_goes_on_by_itself() {
        Map<String, String> headers = Map.of("openai-organization", "org", "x-claude-code-session-id", "s");

        RelayForm.Verbatim form =
                (RelayForm.Verbatim) read(request(""), headers).formFor(openAi("kimi-k3"));

        assertThat(form.headers()).containsOnly(Map.entry("content-type", "application/json"));
    }
}
