package dev.kimi.springai;

import static dev.kimi.test.Reply.text;
import static dev.kimi.test.Reply.toolCall;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.KimiClient;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.ReceivedRequest;
import dev.kimi.test.junit.KimiSimulatorExtension;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.model.tool.ToolCallingChatOptions;
import org.springframework.ai.support.ToolCallbacks;
import org.springframework.ai.tool.ToolCallback;
import org.springframework.ai.tool.annotation.Tool;

/** What of the model's options and of a prompt's is sent. */
@Timeout(60)
class OptionsTest {

    @RegisterExtension
    static final KimiSimulatorExtension EXTENSION = new KimiSimulatorExtension();

    private final KimiSimulator simulator = EXTENSION.simulator();
    private final KimiClient client =
            EXTENSION.track(Service.KIMI.client(simulator).build());

    static class Weather {
        @Tool(description = "The weather of a city")
        String weather(String city) {
            return "rain in " + city;
        }
    }

    static class Clock {
        @Tool(description = "The time")
        String now() {
            return "noon";
        }
    }

    private static final List<ToolCallback> WEATHER = List.of(ToolCallbacks.from(new Weather()));
    private static final List<ToolCallback> CLOCK = List.of(ToolCallbacks.from(new Clock()));

    @AfterEach
    void close() {
        client.close();
    }

    private KimiChatModel model(KimiChatOptions.Builder options) {
        return KimiChatModel.builder(client).options(options.build()).build();
    }

    private ReceivedRequest last() {
        return simulator.requests().get(simulator.requests().size() - 1);
    }

    private List<String> tools() {
        List<?> tools = (List<?>) last().body().getOrDefault("tools", List.of());
        return tools.stream()
                .map(tool -> (Map<?, ?>) ((Map<?, ?>) tool).get("function"))
                .map(function -> function.get("name").toString())
                .toList();
    }

    @Test
    void stop_sequences_of_the_model_are_sent_once_through_a_chat_client() {
        simulator.reply(text("Yes."));

        ChatClient.create(model(KimiChatOptions.builder().stopSequences(List.of("END"))))
                .prompt("Is it?")
                .call()
                .content();

        assertThat(last().body()).containsEntry("stop", List.of("END"));
    }

    @Test
    void tools_of_a_prompt_take_the_place_of_those_of_the_model() {
        simulator.reply(toolCall("now", "{}"), text("Noon."));

        ChatClient.create(model(KimiChatOptions.builder().toolCallbacks(WEATHER)))
                .prompt("What time is it?")
                .tools(new Clock())
                .call()
                .content();

        assertThat(tools()).containsExactly("now");
    }

    @Test
    void an_advisor_takes_away_an_option_of_the_model() {
        KimiChatModel model = model(KimiChatOptions.builder()
                .maxTokens(500)
                .toolCallbacks(WEATHER)
                .request(request -> request.reasoningEffort("low")));
        simulator.reply(text("Yes."));

        model.call(new Prompt(
                "Is it?",
                model.getOptions()
                        .mutate()
                        .maxTokens(null)
                        .toolCallbacks(List.of())
                        .build()));

        assertThat(last().body()).doesNotContainKeys("max_completion_tokens", "tools");
        assertThat(last().body()).containsEntry("reasoning_effort", "low").containsEntry("model", "kimi-k3");
    }

    @Test
    void options_of_this_model_are_taken_as_they_are() {
        simulator.reply(text("Yes."));

        model(KimiChatOptions.builder().maxTokens(500).toolCallbacks(WEATHER))
                .call(new Prompt(
                        "Is it?",
                        KimiChatOptions.builder().stopSequences(List.of("END")).build()));

        assertThat(last().body())
                .containsEntry("stop", List.of("END"))
                .containsEntry("model", "kimi-k3")
                .doesNotContainKeys("max_completion_tokens", "tools");
    }

    @Test
    void options_of_any_other_kind_win_over_those_of_the_model_where_they_are_set() {
        simulator.reply(text("Yes."), text("Yes."), text("Yes."));
        KimiChatModel model = model(KimiChatOptions.builder()
                .maxTokens(500)
                .toolCallbacks(WEATHER)
                .request(request -> request.reasoningEffort("low")));

        Stream.of(
                        new Prompt("Is it?"),
                        new Prompt("Is it?", ChatOptions.builder().maxTokens(7).build()),
                        new Prompt(
                                "Is it?",
                                ToolCallingChatOptions.builder()
                                        .toolCallbacks(CLOCK)
                                        .build()))
                .forEach(model::call);

        assertThat(simulator.requests())
                .extracting(request -> request.body().get("max_completion_tokens"))
                .containsExactly(500, 7, 500);
        assertThat(simulator.requests())
                .extracting(request -> request.body().get("reasoning_effort"))
                .containsOnly("low");
        assertThat(tools()).containsExactly("now");
    }

    @Test
    void what_is_said_of_requests_is_said_by_the_model_first_and_by_the_prompt_last() {
        simulator.reply(text("Yes."));

        ChatClient.create(model(KimiChatOptions.builder()
                        .request(request -> request.reasoningEffort("low").extra("seed", 1))))
                .prompt("Is it?")
                .options(KimiChatOptions.builder().request(request -> request.reasoningEffort("high")))
                .call()
                .content();

        assertThat(last().body()).containsEntry("reasoning_effort", "high").containsEntry("seed", 1);
    }
}
