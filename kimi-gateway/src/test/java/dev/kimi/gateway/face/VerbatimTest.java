package dev.kimi.gateway.face;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.gateway.GatewayFixture;
import dev.kimi.test.Reply;
import org.junit.jupiter.api.Test;

class VerbatimTest {

    private static final String ASK = """
            {"model":"claude-sonnet-5-5","max_tokens":100,"stream":true,
             "messages":[{"role":"user","content":"Why is the sky blue?"}]}""";

    private final GatewayFixture gateway = GatewayFixture.gateway();

    @Test
    void a_stream_of_claude_comes_as_claude_sends_it() {
        gateway.claude().reply(Reply.text("Rayleigh scattering."));

        var response = gateway.post(
                "/v1/messages?beta=true",
                ASK,
                "anthropic-beta",
                "interleaved-thinking-2025-05-14,context-management-2025-06-27",
                "x-api-key",
                "mine");

        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        assertThat(response.body())
                .startsWith("event: message_start")
                .endsWith("\n\n")
                .contains("message_stop");
        assertThat(response.headers().firstValue("kimi-endpoint")).hasValue("claude");
        assertThat(response.headers().firstValue("kimi-model")).hasValue("claude-sonnet-5-5");
        var sent = gateway.claude().requests().get(0);
        assertThat(sent.header("anthropic-beta"))
                .hasValue("interleaved-thinking-2025-05-14,context-management-2025-06-27");
        assertThat(sent.header("x-api-key")).isNotEqualTo(java.util.Optional.of("mine"));
    }
}
