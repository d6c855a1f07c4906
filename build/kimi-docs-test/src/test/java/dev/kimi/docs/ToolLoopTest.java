package dev.kimi.docs;

import static dev.kimi.test.Reply.reasoning;
import static dev.kimi.test.Reply.text;
import static dev.kimi.test.Reply.toolCall;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kimi.KimiClient;
import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.ChatStream;
import dev.kimi.chat.Tool;
import dev.kimi.chat.ToolCall;
import dev.kimi.error.InvalidRequestException;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.junit.KimiSimulatorExtension;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The tool loop of the guide, by hand, against scripted tool calls as the testing page shows them. That of
 * {@code kimi-typed} has a test of its own, {@code dev.kimi.tool.ToolRoundsTest}.
 */
@Timeout(60)
class ToolLoopTest {

    @RegisterExtension
    static final KimiSimulatorExtension EXTENSION = new KimiSimulatorExtension();

    private final KimiSimulator kimi = EXTENSION.simulator();
    private KimiClient client = client("kimi-k3");

    private KimiClient client(String model) {
        return EXTENSION.track(KimiClient.builder()
                .baseUrl(kimi.baseUrl())
                .apiKey("sk-test")
                .model(model)
                .build());
    }

    @AfterEach
    void close() {
        client.close();
    }

    private String ask(String question) {
        return ask(question, client::chat);
    }

    /** As in docs/guide.md. */
    private static String ask(String question, Function<ChatRequest, ChatResponse> service) {
        ChatRequest request = ChatRequest.builder()
                .user(question)
                .tool(Tool.function("weather", "The weather of a city now", "{\"type\":\"object\",\"properties\":{}}"))
                .build();
        ChatResponse response = service.apply(request);
        while (!response.toolCalls().isEmpty()) {
            ChatRequest.Builder next = request.after(response);
            for (ToolCall call : response.toolCalls()) {
                next.toolResult(call, "rain for " + call.arguments());
            }
            request = next.build();
            response = service.apply(request);
        }
        return response.text();
    }

    private static ChatResponse streamed(KimiClient client, ChatRequest request) {
        try (ChatStream stream = client.stream(request)) {
            stream.forEach(event -> {});
            return stream.response();
        }
    }

    @Test
    void a_scripted_tool_call_gets_its_result() {
        kimi.reply(toolCall("weather", "{\"city\": \"Paris\"}"), text("Take an umbrella."));

        assertThat(ask("Do I need an umbrella in Paris?")).isEqualTo("Take an umbrella.");

        assertThat(kimi.requests().get(1).bodyText()).contains("rain");
    }

    @ParameterizedTest
    @CsvSource({
        "kimi-k3, false",
        "kimi-k3, true",
        "kimi-k2.7-code, false",
        "kimi-k2.7-code, true",
        "kimi-k2.6, false",
        "kimi-k2.6, true"
    })
    void rounds_of_one_and_of_several_calls_come_to_an_end(String model, boolean stream) {
        client.close();
        client = client(model);
        kimi.reply(
                toolCall("weather", "{\"city\":\"Paris\"}"),
                toolCall("weather", "{\"city\":\"Oslo\"}").thenToolCall("weather", "{\"city\":\"Rome\"}"),
                text("Let me look.").thenToolCall("weather", "{\"city\":\"Bern\"}"),
                reasoning("One more.").thenToolCall("weather", "{\"city\":\"Kyiv\"}"),
                text("Take an umbrella."));

        String text = ask("Where does it rain?", stream ? request -> streamed(client, request) : client::chat);

        assertThat(text).isEqualTo("Take an umbrella.");
        assertThat(kimi.requests()).extracting(request -> request.status()).containsExactly(200, 200, 200, 200, 200);
        List<Map<String, Object>> said = messages("assistant");
        assertThat(said)
                .hasSize(4)
                .allSatisfy(message ->
                        assertThat((String) message.get("reasoning_content")).isNotBlank());
        assertThat(said.get(3)).containsEntry("reasoning_content", "One more.");
        assertThat(messages("tool"))
                .extracting(result -> result.get("content"))
                .containsExactly(
                        "rain for {\"city\":\"Paris\"}",
                        "rain for {\"city\":\"Oslo\"}",
                        "rain for {\"city\":\"Rome\"}",
                        "rain for {\"city\":\"Bern\"}",
                        "rain for {\"city\":\"Kyiv\"}");
    }

    @SuppressWarnings("unchecked")
    private List<Map<String, Object>> messages(String role) {
        Map<String, Object> last = kimi.requests().get(4).body();
        return ((List<Map<String, Object>>) last.get("messages"))
                .stream().filter(message -> role.equals(message.get("role"))).toList();
    }

    @Test
    void a_model_with_thinking_switched_off_calls_tools_without_reasoning() {
        kimi.reply(toolCall("weather", "{}"), text("Take an umbrella."));
        ChatRequest request = ChatRequest.builder()
                .model("kimi-k2.6")
                .user("Hi")
                .extra("thinking", Map.of("type", "disabled"))
                .build();

        ChatResponse response = client.chat(request);

        assertThat(response.reasoning()).isNullOrEmpty();
        ToolCall call = response.toolCalls().get(0);
        assertThat(client.chat(request.after(response).toolResult(call, "rain").build())
                        .text())
                .isEqualTo("Take an umbrella.");
    }

    @Test
    void a_tool_turn_whose_reasoning_is_lost_is_rejected_as_by_the_service() {
        kimi.reply(reasoning("").thenToolCall("weather", "{}"), text("Take an umbrella."));

        assertThatThrownBy(() -> ask("Do I need an umbrella?"))
                .isInstanceOf(InvalidRequestException.class)
                .hasMessageContaining("lacks the reasoning that came with it");
    }
}
