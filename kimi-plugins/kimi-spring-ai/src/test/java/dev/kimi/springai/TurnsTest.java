package dev.kimi.springai;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.chat.ContentPart;
import dev.kimi.chat.Message;
import dev.kimi.chat.Message.Block;
import dev.kimi.chat.Message.Role;
import dev.kimi.chat.Provenance;
import dev.kimi.chat.ToolCall;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.ai.chat.messages.AssistantMessage;
import tools.jackson.databind.json.JsonMapper;

class TurnsTest {

    private static final Provenance ORIGIN =
            new Provenance(Provenance.ANTHROPIC, "api.anthropic.com", "claude-opus-5-5");

    private static final Message TURN = Message.of(
            Role.ASSISTANT,
            List.of(
                    new Block(new ContentPart.Reasoning("First.", "c2lnbmF0dXJl"), ORIGIN, "{\"type\":\"thinking\"}"),
                    new Block(new ContentPart.Reasoning("", null), ORIGIN, null),
                    new Block(new ContentPart.Text("I look. "), ORIGIN, null),
                    new Block(new ContentPart.Opaque("anthropic", "server_tool_use", "{\"a\":1}"), ORIGIN, null),
                    Block.of(new ContentPart.Image("data:image/png;base64,AQID")),
                    new Block(new ContentPart.Text("Then I call."), ORIGIN, null),
                    new Block(new ToolCall("call_1", "weather", "{\"city\": \"Bern\"}"), ORIGIN, null)));

    private static AssistantMessage message(String text, Map<String, Object> metadata) {
        return AssistantMessage.builder()
                .content(text)
                .properties(metadata)
                .toolCalls(
                        List.of(new AssistantMessage.ToolCall("call_1", "function", "weather", "{\"city\": \"Bern\"}")))
                .build();
    }

    @Test
    void a_turn_comes_back_with_every_block_and_its_origin() {
        assertThat(Turns.read(Turns.write(TURN, null)).blocks()).isEqualTo(TURN.blocks());
    }

    @Test
    void a_turn_comes_back_from_a_repository_that_stores_json() {
        JsonMapper json = new JsonMapper();
        Map<String, Object> metadata = Turns.write(TURN, null).getMetadata();

        @SuppressWarnings("unchecked")
        Map<String, Object> stored = json.readValue(json.writeValueAsString(metadata), Map.class);

        assertThat(Turns.read(message(TURN.text(), stored)).blocks()).isEqualTo(TURN.blocks());
    }

    @Test
    void a_message_that_was_changed_goes_as_it_is() {
        Map<String, Object> metadata = Turns.write(TURN, null).getMetadata();

        Message changed = Turns.read(message("I look.", metadata));

        assertThat(changed.text()).isEqualTo("I look.");
        assertThat(changed.toolCalls()).isEqualTo(TURN.toolCalls());
        assertThat(changed.reasoning()).isNull();
        assertThat(Turns.read(new AssistantMessage("Hello.")).text()).isEqualTo("Hello.");
    }

    @Test
    void blocks_of_a_kind_that_is_not_known_do_not_go_back_in_part() {
        List<Map<String, String>> blocks = List.of(
                Map.of("type", "text", "text", "I look."), Map.of("type", "hologram", "text", "of a later version"));

        Message read = Turns.read(message("I look.", Map.of(KimiChatModel.BLOCKS, blocks)));

        assertThat(read.text()).isEqualTo("I look.");
        assertThat(read.toolCalls()).hasSize(1);
    }
}
