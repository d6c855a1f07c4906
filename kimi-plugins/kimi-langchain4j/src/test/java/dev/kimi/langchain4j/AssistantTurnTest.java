package dev.kimi.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.chat.ContentPart;
import dev.kimi.chat.Message;
import dev.kimi.chat.Message.Block;
import dev.kimi.chat.Provenance;
import dev.kimi.chat.ToolCall;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessageDeserializer;
import dev.langchain4j.data.message.ChatMessageSerializer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class AssistantTurnTest {

    private static final Provenance CLAUDE =
            new Provenance(Provenance.ANTHROPIC, "api.anthropic.com", "claude-opus-5-5");

    private static Block block(ContentPart content) {
        return new Block(content, CLAUDE, null);
    }

    private static Message turn(Block... blocks) {
        return Message.of(Message.Role.ASSISTANT, List.of(blocks));
    }

    private static final Block SIGNED = new Block(
            new ContentPart.Reasoning("Hm.", "c2ln"), CLAUDE, "{\"type\":\"thinking\",\"signature\":\"c2ln\"}");
    private static final Block UNKNOWN = block(ContentPart.opaque(Provenance.ANTHROPIC, "search", "{\"q\":1}"));
    private static final Block CALL = block(new ToolCall("a", "weather", "{\"city\":\"Bern\"}"));

    private static AiMessage written(Message message) {
        return AssistantTurn.of(message, message.toolCalls());
    }

    static List<Message> turns() {
        return List.of(
                turn(SIGNED, block(ContentPart.text("Let me see.")), CALL),
                turn(block(ContentPart.text("one")), SIGNED, block(ContentPart.text(" two")), UNKNOWN),
                turn(SIGNED, block(new ContentPart.Reasoning("", "d2Vn")), CALL, CALL),
                turn(
                        block(new ContentPart.Reasoning("", "d2Vn")),
                        new Block(ContentPart.text("cited"), CLAUDE, "{\"type\":\"text\",\"citations\":[]}"),
                        new Block(new ToolCall("b", "weather", "{}"), CLAUDE, "{\"type\":\"tool_use\"}"),
                        block(ContentPart.image("ms://1"))));
    }

    @ParameterizedTest
    @MethodSource("turns")
    void a_turn_comes_back_block_by_block_from_a_store_that_keeps_json(Message turn) {
        AiMessage stored =
                (AiMessage) ChatMessageDeserializer.messageFromJson(ChatMessageSerializer.messageToJson(written(turn)));

        assertThat(AssistantTurn.of(stored).blocks()).isEqualTo(turn.blocks());
    }

    @Test
    void a_turn_of_text_alone_has_no_attributes_and_one_of_another_model_is_read_as_it_is() {
        assertThat(written(Message.assistant("hello")).attributes()).isEmpty();

        Message foreign = AssistantTurn.of(AiMessage.builder()
                .text("hello")
                .thinking("Hm.")
                .toolExecutionRequests(
                        List.of(ToolExecutionRequest.builder().name("now").build()))
                .attributes(Map.of("other", "thing", "kimi", "nonsense"))
                .build());

        assertThat(foreign.text()).isEqualTo("hello");
        assertThat(foreign.reasoning()).isEqualTo("Hm.");
        assertThat(foreign.toolCalls()).containsExactly(new ToolCall("", "now", "{}"));
    }

    @Test
    void a_text_that_was_changed_counts_and_signed_reasoning_stays_with_it() {
        Message turn = turn(SIGNED, block(ContentPart.text("secret ")), UNKNOWN, block(ContentPart.text("plan")), CALL);

        Message changed = AssistantTurn.of(written(turn).withText("[removed]"));

        assertThat(changed.blocks())
                .containsExactly(SIGNED, UNKNOWN, Block.of(ContentPart.text("[removed]")), Block.of(CALL.content()));
    }

    @Test
    void a_tool_call_that_was_taken_out_stays_out() {
        Message changed = AssistantTurn.of(written(turn(SIGNED, CALL, CALL)).toBuilder()
                .toolExecutionRequests(List.of(ToolExecutionRequest.builder()
                        .id("a")
                        .name("weather")
                        .arguments("{\"city\":\"Rome\"}")
                        .build()))
                .build());

        assertThat(changed.toolCalls()).containsExactly(new ToolCall("a", "weather", "{\"city\":\"Rome\"}"));
        assertThat(changed.blocks()).startsWith(SIGNED).hasSize(2);
    }

    @Test
    void what_a_store_has_spoilt_is_left_out() {
        AiMessage spoilt = AiMessage.builder()
                .text("hello")
                .attributes(Map.of(
                        "kimi", Map.of("blocks", List.of("x", Map.of("type", "later"), Map.of("type", "tool_call")))))
                .build();

        assertThat(AssistantTurn.of(spoilt).blocks()).containsExactly(Block.of(ContentPart.text("hello")));
    }
}
