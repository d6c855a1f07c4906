package dev.kimi.gateway.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.gateway.GatewayFixture;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.Reply;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;

/** The whole gateway that stops while a service takes its time. */
@ExtendWith(OutputCaptureExtension.class)
class DrainedStreamsTest {

    private static final String BODY =
            "{\"model\":\"kimi-k3\",\"max_tokens\":99,\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";
    private static final int EVENTS_BEFORE_SILENCE = 4;

    @Test
    void streams_that_outlive_the_limit_end_in_an_error_of_their_protocol(CapturedOutput output) throws Exception {
        try (KimiSimulator kimi = KimiSimulator.start();
                KimiSimulator claude = KimiSimulator.start();
                ConfigurableApplicationContext gateway =
                        GatewayFixture.start(kimi, claude, Map.of("kimi.gateway.server.drain.timeout", "200ms"))) {
            Reply silent = Reply.text("one two three four five six").stallAfterEvents(EVENTS_BEFORE_SILENCE);
            kimi.reply(silent, silent);
            int port = GatewayFixture.portOf(gateway);
            try (RawClient anthropic = RawClient.connect(port);
                    RawClient openai = RawClient.connect(port)) {
                anthropic.send(post("/v1/messages")).readTo("content_block_delta");
                openai.send(post("/v1/chat/completions")).readTo("\"content\"");

                CompletableFuture<Void> stopped = CompletableFuture.runAsync(gateway::close);

                assertThat(anthropic.readToEnd())
                        .contains("event: error")
                        .contains("overloaded_error")
                        .contains("The gateway is shutting down")
                        .doesNotContain("message_stop");
                assertThat(openai.readToEnd())
                        .contains("data: {\"error\"")
                        .contains("The gateway is shutting down")
                        .doesNotContain("[DONE]");
                stopped.join();
            }
        }
        assertThat(output.getAll())
                .contains("Stopping: 2 calls have not ended in PT0.2S")
                .contains("protocol=anthropic model=kimi-k3 endpoint=default upstream_model=")
                .contains("status=200 outcome=truncated");
    }

    private static String post(String path) {
        return "POST " + path + " HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: "
                + BODY.length() + "\r\n\r\n" + BODY;
    }
}
