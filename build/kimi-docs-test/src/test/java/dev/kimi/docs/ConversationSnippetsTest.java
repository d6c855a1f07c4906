package dev.kimi.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.KimiClient;
import dev.kimi.KimiClientBuilder.ThinkingMismatch;
import dev.kimi.KimiClientBuilder.ToolSchemas;
import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.ContentPart;
import dev.kimi.chat.Message;
import dev.kimi.chat.Provenance;
import dev.kimi.chat.ToolCall;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.Reply;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What docs/guide.md says of conversations, run. */
@Timeout(60)
class ConversationSnippetsTest {

    private final KimiSimulator service = KimiSimulator.start();
    private final KimiClient kimi =
            KimiClient.builder().baseUrl(service.baseUrl()).apiKey("sk-test").build();
    private final List<Object> shown = new ArrayList<>();

    private void show(Object value) {
        shown.add(value);
    }

    @AfterEach
    void stop() {
        kimi.close();
        service.close();
    }

    @Test
    void blocks() {
        service.reply(Reply.reasoning("Short waves.").thenText("Rayleigh scattering."));
        ChatResponse response = kimi.chat("Why is the sky blue?");
        // snippet:blocks
        for (Message.Block block : response.message().blocks()) {
            if (block.content() instanceof ContentPart.Reasoning reasoning) {
                show("thought: " + reasoning.text());
            } else if (block.content() instanceof ContentPart.Text text) {
                show(text.text());
            } else if (block.content() instanceof ToolCall call) {
                show("calls " + call.name());
            }
        }
        // end
        assertThat(shown).containsExactly("thought: Short waves.", "Rayleigh scattering.");
        Provenance origin = response.message().blocks().get(0).origin();
        assertThat(origin).isEqualTo(new Provenance(Provenance.OPENAI, "127.0.0.1:" + service.port(), "kimi-k3"));
    }

    @Test
    void a_client_that_mends_conversations_and_schemas() {
        String key = "sk-test";
        // snippet:thinking-mismatch
        KimiClient claude = KimiClient.builder()
                .protocol("anthropic")
                .apiKey(key)
                .model("claude-opus-5-5")
                .thinkingMismatch(ThinkingMismatch.REPAIR)
                .build();
        // end
        // snippet:tool-schemas
        KimiClient client = KimiClient.builder()
                .apiKey(key)
                .toolSchemas(ToolSchemas.NORMALISED)
                .build();
        // end
        claude.close();
        client.close();
        assertThat(claude.model()).isEqualTo("claude-opus-5-5");
    }

    @Test
    void notes() {
        Message elsewhere = Message.of(
                Message.Role.ASSISTANT,
                List.of(
                        new Message.Block(
                                new ContentPart.Reasoning("Hm.", null),
                                new Provenance(Provenance.OPENAI, "other.test", "other"),
                                null),
                        Message.Block.of(ContentPart.text("101"))));
        ChatRequest request = ChatRequest.builder()
                .user("Name a prime above 100.")
                .message(elsewhere)
                .user("And the next one?")
                .build();
        // snippet:notes
        ChatResponse response = kimi.chat(request);
        for (ChatResponse.Note note : response.notes()) {
            show(note.message());
        }
        // end
        assertThat(shown)
                .containsExactly("1 block of reasoning was not sent to kimi-k3 at 127.0.0.1:" + service.port()
                        + ": only other at other.test can read it.");
        assertThat(service.requests().get(0).bodyText()).doesNotContain("Hm.");
    }

    @Test
    void tool_results() {
        service.reply(Reply.toolCall("chart", "{}"), Reply.text("It rises."));
        byte[] png = {(byte) 0x89, 'P', 'N', 'G'};
        ChatRequest request = ChatRequest.of("Does it rise?");
        ChatResponse response = kimi.chat(request);
        ToolCall call = response.toolCalls().get(0);
        // snippet:tool-result
        ChatRequest next = request.after(response)
                .message(Message.toolResult(new ContentPart.ToolResult(
                        call.id(),
                        List.of(ContentPart.text("The chart:"), ContentPart.image("image/png", png)),
                        false)))
                .build();
        // end
        assertThat(kimi.chat(next).text()).isEqualTo("It rises.");
        assertThat(service.requests().get(1).bodyText()).contains("data:image/png;base64,");
    }

    @Test
    void fields() {
        // snippet:fields
        ChatRequest request = ChatRequest.builder()
                .user("Why is the sky blue?")
                .extra("prediction", List.of())
                .extra(Provenance.ANTHROPIC, "service_tier", "standard_only")
                .build();
        // end
        kimi.chat(request);
        assertThat(service.requests().get(0).body()).containsKey("prediction").doesNotContainKey("service_tier");
    }
}
