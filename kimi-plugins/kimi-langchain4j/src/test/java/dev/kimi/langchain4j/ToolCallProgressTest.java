package dev.kimi.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.chat.ChatEvent;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.CompleteToolCall;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ToolCallProgressTest {

    private final ToolCallProgress progress = new ToolCallProgress();

    private CompleteToolCall next(int index, String arguments) {
        return progress.begin(new ChatEvent.ToolFragment(index, "id" + index, "weather", arguments));
    }

    private static ToolExecutionRequest call(int index, String arguments) {
        return ToolExecutionRequest.builder()
                .id("id" + index)
                .name("weather")
                .arguments(arguments)
                .build();
    }

    private List<CompleteToolCall> rest(ToolExecutionRequest... calls) {
        return progress.rest(
                ChatResponse.builder().aiMessage(AiMessage.from(calls)).build());
    }

    @Test
    void a_call_is_complete_when_the_next_one_begins_and_the_last_one_with_the_response() {
        assertThat(next(0, "{\"city\":")).isNull();
        assertThat(next(0, "\"Bern\"}")).isNull();
        assertThat(progress.isCompleted(0)).isFalse();

        assertThat(next(1, "")).isEqualTo(new CompleteToolCall(0, call(0, "{\"city\":\"Bern\"}")));
        assertThat(progress.isCompleted(0)).isTrue();
        assertThat(next(1, "{}")).isNull();

        assertThat(rest(call(0, "{\"city\":\"Bern\"}"), call(1, "{}")))
                .containsExactly(new CompleteToolCall(1, call(1, "{}")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{\"a\":", "{\"a\":{}", "{\"a\":\"}", "{\"a\":\"\\\"}", "{}{", "1}"})
    void a_call_whose_arguments_may_go_on_waits_for_the_response(String arguments) {
        next(0, arguments);

        assertThat(next(1, "{}")).isNull();
        assertThat(rest(call(0, "{\"a\":1}"), call(1, "{}"))).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"a\":{\"b\":[{}]}} ", "{\"a\":\"}{\\\\\"}", "{\"a\":\"\\\"\"}"})
    void braces_within_texts_end_no_object(String arguments) {
        for (int i = 0; i < arguments.length(); i++) {
            next(0, arguments.substring(i, i + 1));
        }

        assertThat(next(1, "")).isEqualTo(new CompleteToolCall(0, call(0, arguments)));
    }

    @Test
    void a_call_whose_pieces_come_between_those_of_another_waits_for_the_response() {
        next(0, "{\"a\":");
        next(1, "{\"b\":");
        next(0, "1}");
        next(1, "2}");

        assertThat(next(2, "{}")).isEqualTo(new CompleteToolCall(1, call(1, "{\"b\":2}")));
        assertThat(rest(call(0, "{\"a\":1}"), call(1, "{\"b\":2}"), call(2, "{}")))
                .containsExactly(new CompleteToolCall(0, call(0, "{\"a\":1}")), new CompleteToolCall(2, call(2, "{}")));
    }
}
