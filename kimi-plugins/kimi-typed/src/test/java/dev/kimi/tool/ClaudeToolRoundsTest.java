package dev.kimi.tool;

import static dev.kimi.test.Reply.reasoning;
import static dev.kimi.test.Reply.text;
import static dev.kimi.test.Reply.toolCall;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kimi.KimiClient;
import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ContentPart;
import dev.kimi.chat.FinishReason;
import dev.kimi.chat.Message;
import dev.kimi.chat.Tool;
import dev.kimi.error.InvalidRequestException;
import dev.kimi.simulated.Service;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.ReceivedRequest;
import dev.kimi.test.Reply;
import dev.kimi.test.junit.KimiSimulatorExtension;
import dev.kimi.typed.TypedResponseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What only Claude does in a loop, held against the rules of its service. */
@Timeout(60)
class ClaudeToolRoundsTest {

    @RegisterExtension
    static final KimiSimulatorExtension EXTENSION = new KimiSimulatorExtension();

    private static final String SEARCH = "{\"type\":\"server_tool_use\",\"id\":\"srvtoolu_01\",\"name\":\"web_search\","
            + "\"input\":{\"query\":\"Bern\"}}";

    private final KimiSimulator claude = EXTENSION.simulator();
    private final KimiClient client = EXTENSION.track(Service.CLAUDE.client(claude));
    private final List<String> ran = new ArrayList<>();

    record City(String name) {}

    private final Tools tools = Tools.builder()
            .function("weather", "The weather of a city", City.class, city -> {
                synchronized (ran) {
                    ran.add(city.name());
                }
                return "rain in " + city.name();
            })
            .function(
                    "picture",
                    "A picture of a city",
                    City.class,
                    city -> List.of(
                            ContentPart.text(city.name()), ContentPart.image("image/png", new byte[] {1, 2, 3})))
            .function("choosy", "Takes nothing", City.class, city -> {
                throw new IllegalArgumentException("Only Bern is known.");
            })
            .build();

    private final ToolLoop loop =
            ToolLoop.builder(client).tools(tools).maxRounds(32).build();

    @AfterEach
    void close() {
        loop.close();
        client.close();
    }

    private ToolLoopResult run(ChatRequest request, boolean streamed) {
        if (!streamed) {
            return loop.run(request);
        }
        try (ToolLoopStream stream = loop.stream(request)) {
            stream.forEach(event -> {});
            return stream.result();
        }
    }

    private ReceivedRequest last() {
        return claude.requests().get(claude.requests().size() - 1);
    }

    private static List<Map<String, Object>> turns(ReceivedRequest request, String role) {
        return Service.CLAUDE.turns(request, role);
    }

    private void assertAllAccepted() {
        assertThat(claude.requests()).extracting(ReceivedRequest::status).containsOnly(200);
    }

    @Test
    void results_of_parallel_calls_are_one_turn_with_nothing_before_them_and_errors_are_marked() {
        claude.reply(
                reasoning("Both.")
                        .thenToolCall("weather", "{\"name\":\"Bern\"}")
                        .thenToolCall("choosy", "{\"name\":\"Rome\"}")
                        .thenToolCall("made_up", "{}"),
                text("Rain."));

        loop.run(ChatRequest.of("Where does it rain?"));

        assertAllAccepted();
        List<Map<String, Object>> users = turns(last(), "user");
        assertThat(users).hasSize(2);
        assertThat(Service.CLAUDE.blocks(last(), "user", "tool_result"))
                .isEqualTo(users.get(1).get("content"))
                .extracting(block -> block.get("is_error"))
                .containsExactly(null, true, true);
        assertThat(Service.CLAUDE.results(last()))
                .containsExactly(
                        "rain in Bern",
                        "Error: Only Bern is known.",
                        "Error: There is no such tool. The tools are: weather, picture, choosy");
    }

    @Test
    void parallel_calls_stay_disabled_in_every_round() {
        claude.reply(toolCall("weather", "{\"name\":\"Bern\"}"), text("Rain."));

        loop.run(ChatRequest.builder()
                .user("Where?")
                .model("claude-opus-5")
                .thinking(false)
                .toolChoice(Tool.Choice.named("weather"))
                .parallelToolCalls(false)
                .build());

        assertThat(claude.requests())
                .extracting(request -> request.body().get("tool_choice"))
                .containsExactly(
                        Map.of("type", "tool", "name", "weather", "disable_parallel_tool_use", true),
                        Map.of("type", "auto", "disable_parallel_tool_use", true));
        assertAllAccepted();
    }

    @ParameterizedTest
    @ValueSource(strings = {"claude-opus-5-5", "claude-sonnet-5-5", "claude-fable-5-1"})
    void a_tool_that_cannot_be_forced_is_rejected_before_anything_is_sent(String model) {
        ChatRequest request = ChatRequest.builder()
                .user("Where?")
                .model(model)
                .toolChoice(Tool.Choice.REQUIRED)
                .build();

        assertThatThrownBy(() -> loop.run(request))
                .isInstanceOfSatisfying(
                        InvalidRequestException.class,
                        rejected -> assertThat(rejected.param()).isEqualTo("tool_choice"));
        assertThat(claude.requests()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "claude-opus-5-5, false",
        "claude-opus-5-5, true",
        "claude-sonnet-5-5, false",
        "claude-haiku-5-5, true",
        "claude-fable-5-2, false"
    })
    void bound_thinking_survives_thirty_rounds_with_images_and_breakpoints(String model, boolean streamed) {
        Reply[] script = new Reply[31];
        for (int i = 0; i < 30; i++) {
            script[i] = reasoning("Step " + i)
                    .thenToolCall("picture", "{\"name\":\"City " + i + "\"}")
                    .thenReasoning("Then " + i)
                    .thenToolCall("weather", "{\"name\":\"Town " + i + "\"}");
        }
        script[30] = text("Seen.");
        claude.reply(script);
        ChatRequest request = ChatRequest.builder()
                .model(model)
                .message(Message.system("You travel.").cacheUpToHere())
                .message(Message.user("Show me the cities.").cacheUpToHere())
                .build();

        ToolLoopResult result = run(request, streamed);

        assertThat(result.text()).isEqualTo("Seen.");
        assertThat(result.rounds()).isEqualTo(31);
        assertAllAccepted();
        assertThat(Service.CLAUDE.blocks(last(), "assistant", "thinking")).hasSize(60);
        assertThat(Service.CLAUDE.results(last())).hasSize(60);
        String before = "";
        for (ReceivedRequest each : claude.requests()) {
            String body = each.bodyText();
            String messages = body.substring(body.indexOf("\"messages\":["), body.indexOf("],\"tools\":"));
            assertThat(messages).startsWith(before);
            before = messages;
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void a_turn_that_is_paused_goes_back_as_it_is_and_goes_on(boolean streamed) {
        claude.reply(
                reasoning("Let me look.").thenText("Looking.").thenBlock(SEARCH).finishReason("pause_turn"),
                toolCall("weather", "{\"name\":\"Bern\"}"),
                text("Rain."));

        ToolLoopResult result = run(ChatRequest.of("Where?"), streamed);

        assertThat(result.text()).isEqualTo("Rain.");
        assertThat(result.rounds()).isEqualTo(3);
        assertAllAccepted();
        assertThat(claude.requests().get(1).bodyText()).contains(SEARCH + "]}]");
        assertThat(turns(claude.requests().get(1), "user")).hasSize(1);
    }

    @Test
    void beside_an_open_tool_of_the_service_only_results_of_the_callers_tools_go_back() {
        claude.reply(
                reasoning("Both.").thenBlock(SEARCH).thenToolCall("weather", "{\"name\":\"Bern\"}"), text("Rain."));

        loop.run(ChatRequest.of("Where?"));

        assertAllAccepted();
        assertThat(Service.CLAUDE.blocks(last(), "user", "tool_result"))
                .isEqualTo(turns(last(), "user").get(1).get("content"))
                .hasSize(1);
        assertThat(Service.CLAUDE.blocks(last(), "assistant", "server_tool_use"))
                .hasSize(1);
    }

    @Test
    void a_turn_that_is_paused_for_ever_ends_with_the_rounds() {
        claude.otherwise(text("Looking.").thenBlock(SEARCH).finishReason("pause_turn"));

        assertThatThrownBy(() -> loop.run(ChatRequest.of("Where?")))
                .isInstanceOfSatisfying(
                        ToolLoopException.RoundsExhausted.class,
                        failure -> assertThat(failure.rounds()).isEqualTo(32));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void what_was_declined_runs_no_tools_and_does_not_stay_in_the_conversation(boolean streamed) {
        claude.reply(toolCall("weather", "{\"name\":\"Bern\"}").thenRefusal("bio", "No."), text("Hello."));

        ToolLoopResult result = run(ChatRequest.of("Where?"), streamed);

        assertThat(result.response().finishReason()).isEqualTo(FinishReason.CONTENT_FILTER);
        assertThat(ran).isEmpty();
        assertThat(result.conversation().messages()).hasSize(1);
        loop.run(result.conversation().toBuilder().user("Hi").build());
        assertAllAccepted();
    }

    @Test
    void a_value_that_was_declined_is_a_failure_of_its_own() {
        claude.reply(text("{\"name\":\"Be").thenRefusal("cyber", null));

        assertThatThrownBy(() -> loop.run(ChatRequest.of("Where?"), City.class))
                .isInstanceOf(TypedResponseException.Declined.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"max_tokens", "model_context_window_exceeded"})
    void a_response_that_was_cut_runs_no_tools(String reason) {
        claude.reply(
                toolCall("weather", "{\"name\":\"Bern\"}")
                        .thenToolCall("weather", "{\"name\":\"Ro")
                        .finishReason(reason),
                toolCall("weather", "{\"name\":\"Bern\"}").finishReason(reason));

        ToolLoopResult result = run(ChatRequest.of("Where?"), true);

        assertThat(result.response().finishReason()).isEqualTo(FinishReason.LENGTH);
        assertThat(result.response().cutToolCalls()).hasSize(1);
        assertThat(result.conversation().messages()).hasSize(1);
        assertThatThrownBy(() -> loop.run(ChatRequest.of("Where?"), City.class))
                .isInstanceOf(TypedResponseException.Cut.class);
        assertThat(ran).isEmpty();
    }

    /** Streams only, since the input of a whole response is JSON. */
    @Test
    void arguments_that_are_no_json_go_to_the_model_as_an_error() {
        claude.reply(
                reasoning("Both.")
                        .thenToolCall("weather", "{\"name\":\"Ro")
                        .thenToolCall("weather", "{\"name\":\"Bern\"}"),
                toolCall("weather", "not json"),
                text("Rain."));

        ToolLoopResult result = run(ChatRequest.of("Where?"), true);

        assertThat(result.text()).isEqualTo("Rain.");
        assertThat(Service.CLAUDE.results(last()))
                .containsExactlyInAnyOrder(
                        "rain in Bern",
                        "Error: Invalid arguments: $: is not valid JSON.",
                        "Error: Invalid arguments: $: is not valid JSON.");
        assertAllAccepted();
    }

    @Test
    void a_value_comes_after_rounds_in_a_form_that_the_service_takes() {
        claude.reply(toolCall("weather", "{\"name\":\"Bern\"}"), text("{\"name\":\"Bern\"}"));

        assertThat(loop.run(ChatRequest.of("Where?"), City.class).value()).isEqualTo(new City("Bern"));
        assertThat(last().body().get("output_config").toString())
                .contains("json_schema", "additionalProperties=false", "required=[name]");
        assertAllAccepted();
    }
}
