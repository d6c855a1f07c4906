package dev.kimi.internal.protocol.openai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.ContentPart;
import dev.kimi.chat.Message;
import dev.kimi.chat.Provenance;
import dev.kimi.chat.ResponseFormat;
import dev.kimi.chat.Tool;
import dev.kimi.chat.ToolCall;
import dev.kimi.error.InvalidRequestException;
import dev.kimi.internal.model.ModelCards;
import dev.kimi.internal.protocol.EncodeTarget;
import dev.kimi.internal.protocol.ErrorContext;
import dev.kimi.internal.protocol.Protocol;
import dev.kimi.transport.Headers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OpenAiRequestWriterTest {

    private static final Protocol PROTOCOL = new OpenAiProtocol();
    private static final ModelCards CARDS = new ModelCards.Settings().cards();
    private static final String OTHER = "some-model";

    @Test
    void sends_nothing_that_was_not_set() {
        assertThat(json(ChatRequest.of("Hi"), "kimi-k3", false))
                .isEqualTo("{\"model\":\"kimi-k3\",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}");
    }

    @Test
    void the_model_is_written_as_the_service_calls_it() {
        ChatRequest request =
                ChatRequest.builder().model("kimi-k2.6").user("Hi").build();
        assertThat(json(request, "moonshot/kimi-k2.6", false)).startsWith("{\"model\":\"moonshot/kimi-k2.6\",");
    }

    @Test
    void a_stream_asks_for_its_usage() {
        assertThat(json(ChatRequest.of("Hi"), OTHER, true))
                .endsWith(",\"stream\":true,\"stream_options\":{\"include_usage\":true}}");
    }

    @Test
    void writes_every_field() {
        ChatRequest request = ChatRequest.builder()
                .system("Be \"terse\".")
                .user(": 月\n")
                .maxCompletionTokens(1024)
                .stop(List.of("END"))
                .temperature(0.3)
                .topP(0.5)
                .reasoningEffort("low")
                .thinking(false)
                .responseFormat(ResponseFormat.jsonSchema("reply", "{\"type\":\"object\"}"))
                .build();

        assertThat(json(request, OTHER, false))
                .isEqualTo(
                        "{\"model\":\"some-model\",\"messages\":[{\"role\":\"system\",\"content\":\"Be \\\"terse\\\".\"},"
                                + "{\"role\":\"user\",\"content\":\": 月\\n\"}],\"max_completion_tokens\":1024,\"stop\":[\"END\"],"
                                + "\"temperature\":0.3,\"top_p\":0.5,\"reasoning_effort\":\"low\","
                                + "\"thinking\":{\"type\":\"disabled\"},\"response_format\":{\"type\":\"json_schema\","
                                + "\"json_schema\":{\"name\":\"reply\",\"schema\":{\"type\":\"object\"}}}}");
    }

    @Test
    void writes_tools() {
        ChatRequest request = ChatRequest.builder()
                .user("Hi")
                .tool(Tool.function("add", "Adds.", "{\"type\": \"object\"}").strict(false))
                .tool(Tool.builtin("$web_search"))
                .toolChoice(Tool.Choice.named("add"))
                .build();

        assertThat(json(request, OTHER, false))
                .endsWith("\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"add\",\"description\":\"Adds.\","
                        + "\"parameters\":{\"type\": \"object\"},\"strict\":false}},{\"type\":\"builtin_function\","
                        + "\"function\":{\"name\":\"$web_search\"}}],\"tool_choice\":{\"type\":\"function\","
                        + "\"function\":{\"name\":\"add\"}}}");
        assertThat(json(
                        ChatRequest.builder()
                                .user("Hi")
                                .toolChoice(Tool.Choice.NONE)
                                .build(),
                        OTHER,
                        false))
                .endsWith(",\"tool_choice\":\"none\"}");
    }

    @Test
    void a_schema_that_is_not_one_json_value_cannot_break_the_request() {
        for (String schema : List.of("{", "{},\"n\":2", "{} {}", "hello", "'x'")) {
            ChatRequest request = ChatRequest.builder()
                    .user("Hi")
                    .tool(Tool.function("add", "", schema))
                    .build();
            assertThatThrownBy(() -> json(request, OTHER, false))
                    .isInstanceOfSatisfying(InvalidRequestException.class, e -> {
                        assertThat(e.param()).isEqualTo("tools");
                        assertThat(e.fix()).isNotBlank();
                    });
        }
    }

    @Test
    void writes_parts() {
        ChatRequest request = ChatRequest.builder()
                .message(Message.user(
                        List.of(ContentPart.text("What?"), ContentPart.image("image/png", new byte[] {1, 2}))))
                .build();

        assertThat(json(request, OTHER, false))
                .contains("\"content\":[{\"type\":\"text\",\"text\":\"What?\"},{\"type\":\"image_url\","
                        + "\"image_url\":{\"url\":\"data:image/png;base64,AQI=\"}}]");
    }

    @Test
    void a_tool_turn_goes_back_with_its_reasoning_and_without_empty_content() {
        ChatResponse response = decode(
                "{\"choices\":[{\"message\":{\"role\":\"assistant\",\"content\":\"\","
                        + "\"reasoning_content\":\"Add \\n them\",\"tool_calls\":[{\"id\":\"add:0\",\"type\":\"function\","
                        + "\"function\":{\"name\":\"add\",\"arguments\":\"{ \\\"a\\\": 1 }\"}}]},\"finish_reason\":\"tool_calls\"}]}");
        ChatRequest next = ChatRequest.of("1+1?")
                .after(response)
                .toolResult(response.toolCalls().get(0), "")
                .build();

        assertThat(json(next, "kimi-k3", false))
                .endsWith(
                        "{\"role\":\"assistant\",\"reasoning_content\":\"Add \\n them\",\"tool_calls\":[{\"id\":\"add:0\","
                                + "\"type\":\"function\",\"function\":{\"name\":\"add\",\"arguments\":\"{ \\\"a\\\": 1 }\"}}]},"
                                + "{\"role\":\"tool\",\"content\":\"\",\"tool_call_id\":\"add:0\"}]}");
    }

    @Test
    void reasoning_that_came_under_another_name_goes_back_under_that_name() {
        ChatResponse response = decode("{\"choices\":[{\"message\":{\"content\":\"2\",\"reasoning\":\"Add\","
                + "\"reasoning_details\":[{\"type\":\"reasoning.text\",\"text\":\"Add\",\"signature\":\"s\"}]}}]}");

        assertThat(response.reasoning()).isEqualTo("Add");
        assertThat(json(ChatRequest.of("1+1?").after(response).build(), OTHER, false))
                .endsWith("{\"role\":\"assistant\",\"content\":\"2\",\"reasoning\":\"Add\",\"reasoning_details\":"
                        + "[{\"type\":\"reasoning.text\",\"text\":\"Add\",\"signature\":\"s\"}]}]}");
    }

    @Test
    void turns_that_say_nothing_are_left_out() {
        ChatRequest request = ChatRequest.builder()
                .user("a")
                .message(Message.assistant("", "only thought", List.of()))
                .user("b")
                .message(Message.assistant("").with("partial", true))
                .build();

        assertThat(json(request, OTHER, false))
                .isEqualTo("{\"model\":\"some-model\",\"messages\":[{\"role\":\"user\",\"content\":\"a\"},"
                        + "{\"role\":\"user\",\"content\":\"b\"},"
                        + "{\"role\":\"assistant\",\"content\":\"\",\"partial\":true}]}");
    }

    @Test
    void extra_fields_replace_ours() {
        ChatRequest request = ChatRequest.builder()
                .message(Message.user("Hi").with("content", "Ho").with("name", "ann"))
                .maxCompletionTokens(5)
                .extra("max_completion_tokens", 6)
                .extra("thinking", Map.of("type", "enabled"))
                .thinking(false)
                .extra("stream_options", Map.of())
                .build();

        assertThat(json(request, OTHER, true))
                .isEqualTo(
                        "{\"model\":\"some-model\",\"messages\":[{\"role\":\"user\",\"content\":\"Ho\",\"name\":\"ann\"}],"
                                + "\"stream\":true,\"max_completion_tokens\":6,\"thinking\":{\"type\":\"enabled\"},"
                                + "\"stream_options\":{}}");
    }

    @Test
    void whether_to_stream_is_not_the_requests_to_say() {
        assertRefused(ChatRequest.builder().user("Hi").extra("stream", true), OTHER, "stream");
    }

    @Test
    void kimis_known_rejections_need_no_round_trip() {
        assertRefused(ChatRequest.builder().user("Hi").temperature(0.3), "kimi-k3", "temperature");
        assertRefused(ChatRequest.builder().user("Hi").topP(0.5), "kimi-k2.6", "top_p");
        assertRefused(ChatRequest.builder().user("Hi").thinking(false), "kimi-k2.7-code", "thinking");
        assertRefused(ChatRequest.builder().user("Hi").toolChoice(Tool.Choice.REQUIRED), "kimi-k3", "tool_choice");
        assertRefused(ChatRequest.builder().user("Hi").toolChoice(Tool.Choice.named("x")), "kimi-k2.6", "tool_choice");
        assertRefused(ChatRequest.builder().user("Hi").stop(List.of("1", "2", "3", "4", "5", "6")), "kimi-k3", "stop");
        assertRefused(ChatRequest.builder().user("Hi").stop(List.of("é".repeat(17))), "kimi-k3", "stop");
        assertRefused(
                ChatRequest.builder().message(Message.user(List.of(ContentPart.image("https://x/y.png")))),
                "kimi-k3",
                "messages");
        assertRefused(
                ChatRequest.builder().user("Hi").message(Message.toolResult("add:0", "2")), "kimi-k3", "messages");
        assertRefused(
                ChatRequest.builder().user("Hi").message(Message.assistant("", null, List.of(call()))),
                "kimi-k3",
                "messages");
        assertRefused(
                ChatRequest.builder().user("Hi").tool(Tool.builtin("$a")).tool(Tool.builtin("$a")), OTHER, "tools");
    }

    @Test
    void what_kimi_takes_passes() {
        assertPasses(ChatRequest.builder().user("Hi").temperature(1).topP(0.95), "kimi-k3");
        assertPasses(ChatRequest.builder().user("Hi").temperature(0.6).thinking(false), "kimi-k2.6");
        assertPasses(
                ChatRequest.builder()
                        .user("Hi")
                        .toolChoice(Tool.Choice.REQUIRED)
                        .thinking(false),
                "kimi-k3");
        assertPasses(ChatRequest.builder().user("Hi").toolChoice(Tool.Choice.AUTO), "kimi-k3");
        assertPasses(ChatRequest.builder().user("Hi").stop(List.of("é".repeat(16))), "kimi-k3");
        assertPasses(
                ChatRequest.builder()
                        .user("Hi")
                        .message(Message.assistant("", "", List.of(call())))
                        .message(Message.toolResult("add:0", "2")),
                "kimi-k3");
        assertPasses(ChatRequest.builder().user("Hi").temperature(0.3), "kimi-k9");
    }

    @Test
    void books_a_full_prompt_and_the_cap() {
        String english = "The quick brown fox jumps over the lazy dog. ".repeat(100);
        ChatRequest request =
                ChatRequest.builder().user(english).maxCompletionTokens(1_000).build();

        // 900 words are some 1,000 tokens; cautious means more than that, but not a multiple.
        assertThat(tokens(request, "kimi-k3")).isBetween(2_000L, 3_000L);
        assertThat(tokens(ChatRequest.of("月".repeat(1_000)), OTHER)).isBetween(32_768 + 1_000L, 32_768 + 1_100L);
        assertThat(tokens(ChatRequest.of(""), "kimi-k3")).isBetween(131_072L, 131_100L);
    }

    private static long tokens(ChatRequest request, String model) {
        return PROTOCOL.inputTokens(request) + PROTOCOL.outputCap(request, CARDS.of(model));
    }

    private static ToolCall call() {
        return new ToolCall("add:0", "add", "{}");
    }

    private static void assertRefused(ChatRequest.Builder request, String model, String param) {
        assertThatThrownBy(() -> json(request.build(), model, false))
                .isInstanceOfSatisfying(InvalidRequestException.class, e -> {
                    assertThat(e.param()).isEqualTo(param);
                    assertThat(e.fix()).isNotBlank();
                    assertThat(e.attempts()).isZero();
                });
    }

    private static void assertPasses(ChatRequest.Builder request, String model) {
        assertThat(json(request.build(), model, false)).startsWith("{\"model\"");
    }

    private static ChatResponse decode(String json) {
        ChatResponse decoded = PROTOCOL.decode(
                Headers.empty(),
                ByteBuffer.wrap(json.getBytes(StandardCharsets.UTF_8)),
                new ErrorContext(1, Duration.ZERO, Instant.EPOCH));
        return decoded.toBuilder()
                .origin(new Provenance(PROTOCOL.name(), "api.test", OTHER))
                .build();
    }

    private static String json(ChatRequest request, String model, boolean stream) {
        EncodeTarget target =
                new EncodeTarget(new Provenance(PROTOCOL.name(), "api.test", model), true, stream, CARDS.of(model));
        return new String(PROTOCOL.encode(request, target).body(), StandardCharsets.UTF_8);
    }
}
