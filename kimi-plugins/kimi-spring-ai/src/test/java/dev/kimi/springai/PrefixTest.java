package dev.kimi.springai;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.chat.ContentPart;
import dev.kimi.chat.Message;
import dev.kimi.chat.Message.Block;
import dev.kimi.chat.Message.Role;
import dev.kimi.chat.ToolCall;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.support.ToolCallbacks;
import org.springframework.ai.tool.annotation.Tool;

class PrefixTest {

    private static final KimiChatOptions NONE = KimiChatOptions.builder().build();
    private static final Message TURN = Message.of(
            Role.ASSISTANT,
            List.of(
                    Block.of(new ContentPart.Reasoning("Hm.", "c2ln")),
                    Block.of(new ContentPart.Opaque("anthropic", "redacted_thinking", "{}")),
                    Block.of(new ContentPart.Text("Yes."))));

    static class Clock {
        @Tool(description = "The time")
        String now() {
            return "noon";
        }
    }

    private static String of(KimiChatOptions options, Message... messages) {
        return Prefix.of(options).addAll(List.of(messages)).value();
    }

    @Test
    void whatever_is_said_otherwise_makes_another_prefix() {
        assertThat(List.of(
                        of(NONE),
                        of(KimiChatOptions.builder()
                                .toolCallbacks(ToolCallbacks.from(new Clock()))
                                .build()),
                        of(NONE, Message.user("")),
                        of(NONE, Message.user("a")),
                        of(NONE, Message.system("a")),
                        of(NONE, Message.user("a"), Message.user("b")),
                        of(NONE, Message.user(List.of(ContentPart.image("data:image/png;base64,AQID")))),
                        of(NONE, Message.assistant("a", null, List.of(new ToolCall("1", "now", "{}")))),
                        of(NONE, Message.assistant("a", null, List.of(new ToolCall("1", "now", "{ }")))),
                        of(NONE, Message.toolResult("1", "a")),
                        of(NONE, Message.toolResult("1", "b")),
                        of(NONE, TURN)))
                .doesNotHaveDuplicates();
        assertThat(of(NONE, Message.user("a"), TURN)).isEqualTo(of(NONE, Message.user("a"), TURN));
    }

    @Test
    void behind_something_else_a_turn_goes_without_signed_reasoning() {
        Prefix prefix = Prefix.of(NONE).addAll(List.of(Message.user("a")));
        AssistantMessage there = written(Map.of(Prefix.KEY, of(NONE, Message.user("a"))));
        AssistantMessage elsewhere = written(Map.of(Prefix.KEY, of(NONE, Message.user("b"))));
        Message thought = Message.of(Role.ASSISTANT, TURN.blocks().subList(0, 2));
        Message unsigned = Message.assistant("Yes.", "Hm.", List.of());

        assertThat(prefix.fitting(TURN, there)).isSameAs(TURN);
        assertThat(prefix.fitting(TURN, written(Map.of()))).isSameAs(TURN);
        assertThat(prefix.fitting(TURN, elsewhere).blocks())
                .isEqualTo(TURN.blocks().subList(2, 3));
        assertThat(prefix.fitting(thought, elsewhere).text()).isEmpty();
        assertThat(prefix.fitting(unsigned, elsewhere).reasoning()).isEqualTo("Hm.");
    }

    private static AssistantMessage written(Map<String, Object> metadata) {
        return AssistantMessage.builder().content("Yes.").properties(metadata).build();
    }
}
