package dev.kimi.docs;

import static dev.kimi.test.Reply.rateLimited;
import static dev.kimi.test.Reply.text;
import static dev.kimi.test.Reply.toolCall;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.KimiClient;
import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.Tool;
import dev.kimi.chat.ToolCall;
import dev.kimi.event.CallEvent;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.junit.KimiSimulatorExtension;
import dev.kimi.time.VirtualTime;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** The tests that docs/testing.md shows. */
@Timeout(60)
@ExtendWith(KimiSimulatorExtension.class)
class AssistantTest {

    private final KimiSimulator kimi;
    private final KimiClient client;

    AssistantTest(KimiSimulator kimi, KimiSimulatorExtension extension) {
        this.kimi = kimi;
        this.client = extension.track(
                KimiClient.builder().baseUrl(kimi.baseUrl()).apiKey("any").build());
    }

    @AfterEach
    void closeClient() {
        client.close();
    }

    @Test
    void survives_a_busy_service() {
        kimi.reply(rateLimited(Duration.ofSeconds(1)), text("Rayleigh scattering."));

        assertThat(new Assistant(client).ask("Why is the sky blue?")).isEqualTo("Rayleigh scattering.");
        assertThat(kimi.requests()).hasSize(2);
    }

    @Test
    void looks_the_weather_up() {
        kimi.reply(
                toolCall("weather", "{\"city\": \"Paris\"}").thenToolCall("weather", "{\"city\": \"Oslo\"}"),
                text("Take an umbrella."));

        assertThat(new Assistant(client).ask("Do I need an umbrella?")).isEqualTo("Take an umbrella.");
        assertThat(kimi.requests().get(1).bodyText()).contains("rain in Paris", "rain in Oslo");
    }

    @Test
    void waits_as_long_as_the_service_says(KimiSimulatorExtension extension) throws Exception {
        VirtualTime time = extension.track(new VirtualTime());
        CompletableFuture<Duration> wait = new CompletableFuture<>();
        KimiClient client = extension.track(KimiClient.builder()
                .baseUrl(kimi.baseUrl())
                .apiKey("any")
                .time(time, time)
                .listener(call -> event -> {
                    if (event instanceof CallEvent.RetryScheduled retry) {
                        wait.complete(retry.delay());
                    }
                })
                .build());
        kimi.reply(rateLimited(Duration.ofSeconds(50)), text("Rayleigh scattering."));

        CompletableFuture<ChatResponse> response = client.chatAsync(ChatRequest.of("Why is the sky blue?"));
        time.advance(wait.get(10, TimeUnit.SECONDS));

        assertThat(response.get(10, TimeUnit.SECONDS).text()).isEqualTo("Rayleigh scattering.");
        client.close();
    }

    /** Some application. */
    private record Assistant(KimiClient kimi) {

        private String ask(String question) {
            Tool weather = Tool.function("weather", "The weather of a city now", """
                    {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}""");
            ChatRequest request =
                    ChatRequest.builder().user(question).tool(weather).build();
            ChatResponse response = kimi.chat(request);
            while (!response.toolCalls().isEmpty()) {
                ChatRequest.Builder next = request.after(response);
                for (ToolCall call : response.toolCalls()) {
                    next.toolResult(call, call.arguments().contains("Paris") ? "rain in Paris" : "rain in Oslo");
                }
                request = next.build();
                response = kimi.chat(request);
            }
            return response.text();
        }
    }
}
