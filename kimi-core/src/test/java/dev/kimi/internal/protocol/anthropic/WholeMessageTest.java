package dev.kimi.internal.protocol.anthropic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.ContentPart;
import dev.kimi.chat.Message.Block;
import dev.kimi.chat.Provenance;
import dev.kimi.chat.ToolCall;
import dev.kimi.internal.model.ModelCards;
import dev.kimi.internal.protocol.EncodeTarget;
import dev.kimi.internal.protocol.ErrorContext;
import dev.kimi.internal.protocol.Protocol;
import dev.kimi.transport.Headers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bodies that hold a whole message are read where they lie. */
class WholeMessageTest {

    private static final Protocol PROTOCOL = new MessagesProtocol(MessagesProtocol.LATEST_VERSION);
    private static final Provenance OPUS = new Provenance(Provenance.ANTHROPIC, "api.anthropic.com", "claude-opus-5-5");
    private static final EncodeTarget TARGET = new EncodeTarget(
            OPUS, true, false, new ModelCards.Settings().cards().of(OPUS.model()));
    private static final ErrorContext CONTEXT =
            new ErrorContext(1, Duration.ZERO, Instant.parse("2026-11-01T00:00:00Z"));

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"type\":\"text\",\"text\":\"Hi \\\"you\\\" \\\\ \\n\\t\\u0001 é 🌒 /\"}",
                "{\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"c2ln\"}",
                "{\"type\":\"tool_use\",\"id\":\"toolu_1\",\"name\":\"f\",\"input\":{ \"a\" : 1.50, \"b\":\"\\u00e9\"}}"
            })
    void a_block_as_this_library_writes_it_is_kept_once_and_goes_back_as_it_came(String json) {
        ChatResponse response = decoded(json);

        assertThat(response.message().blocks()).extracting(Block::raw).containsOnlyNulls();
        assertThat(written(response)).contains("\"content\":[" + json + "]");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"type\":\"text\",\"text\":\"caf\\u00e9\"}",
                "{\"type\":\"text\",\"text\":\"a\\/b\"}",
                "{\"type\":\"text\",\"text\":\"\\u000A\\u001F\"}",
                "{\"type\":\"text\",\"text\":\"half \\ud83d\"}",
                "{\"type\":\"text\", \"text\":\"Hi\"}",
                "{\"text\":\"Hi\",\"type\":\"text\"}",
                "{\"type\":\"text\",\"text\":\"no\",\"text\":\"Hi\"}",
                "{\"type\":\"text\",\"text\":\"Hi\",\"citations\":null}",
                "{\"type\":\"text\",\"text\":\"Hi\",\"citations\":[{\"n\":1.50,\"big\":1e99999999999}]}",
                "{\"type\":\"thinking\",\"thinking\":\"Hm\",\"signature\":\"c2ln\",\"new\":{}}",
                "{\"type\":\"thinking\",\"signature\":\"c2ln\",\"thinking\":\"Hm\"}",
                "{\"type\":\"tool_use\",\"id\":\"toolu_1\",\"name\":\"f\" ,\"input\":{}}",
                "{\"type\":\"tool_use\",\"id\":\"toolu_1\",\"name\":\"f\",\"input\":{} }",
                "{\"type\":\"tool_use\",\"id\":\"toolu_1\",\"name\":\"f\",\"input\":null}",
                "{\"type\":\"tool_use\",\"id\":\"toolu_1\",\"name\":\"f\",\"input\":\"{}\"}",
                "{\"type\":\"tool_use\",\"id\":\"toolu_1\",\"name\":\"f\",\"input\":{},\"caller\":{\"type\":\"direct\"}}",
                "{\"type\":\"tool_use\",\"id\":\"toolu_1\",\"input\":{},\"name\":\"f\"}",
                "{\"type\":\"hologram\",\"text\":\"Hi\",\"n\":1e99999999999}",
                "{ \"n\":[1.0], \"type\":\"hologram\" }"
            })
    void a_block_that_is_spelled_otherwise_goes_back_byte_for_byte(String json) {
        assertThat(written(decoded(json))).contains("\"content\":[" + json + "]");
    }

    @Test
    void halves_of_characters_are_replaced_in_the_text_alone() {
        ChatResponse response = decoded("{\"type\":\"text\",\"text\":\"a\\ud83db\\ud83d\\ude00\\ud83d\"}");

        assertThat(response.text()).isEqualTo("a\uFFFDb\uD83D\uDE00\uFFFD");
    }

    @Test
    void bytes_that_are_no_characters_are_replaced() {
        byte[] body = body("{\"type\":\"text\",\"text\":\"a?b\"}").getBytes(StandardCharsets.UTF_8);
        body[new String(body, StandardCharsets.UTF_8).indexOf('?')] = (byte) 0xFF;

        ChatResponse response = PROTOCOL.decode(Headers.empty(), ByteBuffer.wrap(body), CONTEXT);

        assertThat(response.text()).isEqualTo("a\uFFFDb");
    }

    @Test
    void a_body_outside_of_the_heap_or_amid_others_is_the_same() {
        byte[] body = body("{\"type\":\"text\",\"text\":\"Hi\"}").getBytes(StandardCharsets.UTF_8);
        ByteBuffer direct = ByteBuffer.allocateDirect(body.length).put(body).flip();
        ByteBuffer amid = ByteBuffer.allocate(body.length + 20).position(10);
        amid.put(body).flip().position(10);

        assertThat(PROTOCOL.decode(Headers.empty(), direct, CONTEXT).text()).isEqualTo("Hi");
        assertThat(PROTOCOL.decode(Headers.empty(), amid, CONTEXT).text()).isEqualTo("Hi");
        assertThat(amid.position()).isEqualTo(10);
    }

    @Test
    void a_call_whose_input_names_a_member_twice_is_cut() {
        ChatResponse response =
                decoded("{\"type\":\"tool_use\",\"id\":\"t\",\"name\":\"f\",\"input\":{\"a\":[{\"x\":1,\"x\":2}]}}");

        assertThat(response.toolCalls()).isEmpty();
        assertThat(response.cutToolCalls())
                .containsExactly(new ChatResponse.CutToolCall("t", "f", "{\"a\":[{\"x\":1,\"x\":2}]}"));
    }

    @Test
    void what_stands_behind_a_message_is_nobodys() {
        byte[] body = (body("{\"type\":\"tool_use\",\"id\":\"t\",\"name\":\"f\",\"input\":{\"a\":1}}") + "}\n{\"x\":")
                .getBytes(StandardCharsets.UTF_8);

        assertThat(PROTOCOL.decode(Headers.empty(), ByteBuffer.wrap(body), CONTEXT)
                        .toolCalls())
                .containsExactly(new ToolCall("t", "f", "{\"a\":1}"));
    }

    @Test
    void an_unknown_block_is_kept_as_it_came() {
        assertThat(decoded("{\"type\":\"hologram\", \"n\":1.0}").message().parts())
                .containsExactly(
                        ContentPart.opaque(Provenance.ANTHROPIC, "hologram", "{\"type\":\"hologram\", \"n\":1.0}"));
    }

    private static String body(String block) {
        return "{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"m\",\"content\":[" + block
                + "],\"stop_reason\":\"end_turn\",\"usage\":{\"input_tokens\":3,\"output_tokens\":4}}";
    }

    private static ChatResponse decoded(String block) {
        return PROTOCOL.decode(Headers.empty(), ByteBuffer.wrap(body(block).getBytes(StandardCharsets.UTF_8)), CONTEXT);
    }

    private static String written(ChatResponse response) {
        ChatRequest next = ChatRequest.of("Hi")
                .after(response.toBuilder().origin(OPUS).build())
                .user("Go on.")
                .build();
        return new String(PROTOCOL.encode(next, TARGET).body(), StandardCharsets.UTF_8);
    }
}
