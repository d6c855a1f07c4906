package dev.kimi.internal.protocol.anthropic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.ContentPart;
import dev.kimi.chat.FinishReason;
import dev.kimi.chat.Message;
import dev.kimi.chat.Provenance;
import dev.kimi.chat.ToolCall;
import dev.kimi.chat.Usage;
import dev.kimi.error.KimiException;
import dev.kimi.error.TruncatedStreamException;
import dev.kimi.internal.protocol.ErrorContext;
import dev.kimi.internal.protocol.StreamFailure;
import dev.kimi.transport.Headers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a message holds besides its text: names, counts, events, and what is kept of it. */
class MessagesContentTest {

    private static final String START =
            "{\"type\":\"message_start\",\"message\":{\"type\":\"message\",\"id\":\"msg_1\","
                    + "\"model\":\"claude-opus-5-5\",\"content\":[],\"usage\":{\"input_tokens\":10,\"output_tokens\":1}}}";
    private static final String END = "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"}}";
    private static final String STOP = "{\"type\":\"message_stop\"}";

    private final MessagesStreamDecoder decoder = new MessagesStreamDecoder(Headers.empty());
    private final List<ChatEvent> events = new ArrayList<>();

    @Test
    void a_message_names_itself_and_the_model_that_wrote_it() {
        ChatResponse streamed = read(START, END, STOP);
        ChatResponse whole = whole("{\"id\":\"msg_2\",\"role\":\"assistant\",\"model\":\"claude-haiku-5-5\","
                + "\"stop_reason\":\"end_turn\",\"content\":[],\"container\":{\"id\":\"c\"}}");

        assertThat(streamed.id()).isEqualTo("msg_1");
        assertThat(streamed.model()).isEqualTo("claude-opus-5-5");
        assertThat(whole.id()).isEqualTo("msg_2");
        assertThat(whole.model()).isEqualTo("claude-haiku-5-5");
        assertThat(whole.extra()).containsOnlyKeys("container");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"content\":[{\"type\":\"text\",\"text\":\"Hi\"}]}|Hi",
                "{\"content\":[7,{\"type\":\"text\",\"text\":\"Hi\"},null]}|Hi"
            })
    void an_object_with_content_is_a_message(String body, String text) {
        assertThat(whole(body).text()).isEqualTo(text);
    }

    @Test
    void pieces_of_a_tools_input_are_handed_out_as_they_come() {
        read(
                START,
                "{\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"server_tool_use\",\"id\":\"s\","
                        + "\"name\":\"web_search\",\"input\":{}}}",
                input(0, "{}"),
                "{\"type\":\"content_block_stop\",\"index\":0}",
                "{\"type\":\"content_block_start\",\"index\":1,\"content_block\":{\"type\":\"tool_use\",\"id\":\"t\","
                        + "\"name\":\"f\",\"input\":{}}}",
                input(1, ""),
                input(1, "{\\\"x\\\":"),
                input(1, "1}"),
                "{\"type\":\"content_block_stop\",\"index\":1}",
                END,
                STOP);

        assertThat(events)
                .filteredOn(ChatEvent.ToolFragment.class::isInstance)
                .containsExactly(
                        new ChatEvent.ToolFragment(0, "t", "f", ""),
                        new ChatEvent.ToolFragment(0, "t", "f", "{\"x\":"),
                        new ChatEvent.ToolFragment(0, "t", "f", "1}"));
    }

    @Test
    void a_block_may_begin_with_some_of_its_text() {
        ChatResponse response = read(
                START,
                "{\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"thinking\",\"thinking\":\"Hm\"}}",
                "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"thinking_delta\",\"thinking\":\"m\"}}",
                "{\"type\":\"content_block_start\",\"index\":1,\"content_block\":{\"type\":\"text\",\"text\":\"Be\"}}",
                "{\"type\":\"content_block_delta\",\"index\":1,\"delta\":{\"type\":\"text_delta\",\"text\":\"cause\"}}",
                END,
                STOP);

        assertThat(response.reasoning()).isEqualTo("Hmm");
        assertThat(response.text()).isEqualTo("Because");
        assertThat(events)
                .startsWith(
                        new ChatEvent.Reasoning("Hm"),
                        new ChatEvent.Reasoning("m"),
                        new ChatEvent.Text("Be"),
                        new ChatEvent.Text("cause"));
    }

    @Test
    void kimis_usage_gives_the_sum_of_the_input_too_and_repeats_itself_in_other_words() {
        ChatResponse response = whole(
                "{\"stop_reason\":\"end_turn\",\"content\":[],"
                        + "\"usage\":{\"input_tokens\":3,\"cache_read_input_tokens\":256,"
                        + "\"cache_creation_input_tokens\":0,\"output_tokens\":9,\"output_tokens_details\":{\"thinking_tokens\":4,"
                        + "\"x\":1},\"prompt_tokens\":260,\"completion_tokens\":9,\"total_tokens\":269,\"cached_tokens\":256}}");

        assertThat(response.usage().promptTokens()).isEqualTo(260);
        assertThat(response.usage().completionTokens()).isEqualTo(9);
        assertThat(response.usage().cachedTokens()).isEqualTo(256);
        assertThat(response.usage().reasoningTokens()).isEqualTo(4);
        assertThat(response.usage().extra()).isEmpty();
    }

    @Test
    void a_count_of_output_in_other_words_counts_where_there_is_no_other() {
        assertThat(whole("{\"stop_reason\":\"end_turn\",\"content\":[],\"usage\":{\"completion_tokens\":9}}")
                        .usage()
                        .completionTokens())
                .isEqualTo(9);
    }

    @Test
    void reasoning_counts_by_either_name_and_a_count_of_zero_is_one() {
        ChatResponse response = whole("{\"stop_reason\":\"end_turn\",\"content\":[],\"usage\":{\"output_tokens\":9,"
                + "\"output_tokens_details\":{\"reasoning_tokens\":4}}}");

        assertThat(response.usage().reasoningTokens()).isEqualTo(4);
        read(START.replace("10", "0").replace(":1}", ":0}"), END, STOP);
        assertThat(events).contains(new ChatEvent.Tokens(Usage.NONE));
    }

    @Test
    void of_members_without_end_the_first_are_kept() {
        StringBuilder many = new StringBuilder();
        for (int i = 0; i < 100; i++) {
            many.append(",\"m").append(i).append("\":").append(i);
        }

        ChatResponse response = whole("{\"stop_reason\":\"end_turn\",\"content\":[],\"usage\":{\"input_tokens\":1"
                + many + "}" + many + ",\"m0\":\"again\"}");

        assertThat(response.extra()).hasSize(64).containsEntry("m0", "again").containsKey("m63");
        assertThat(response.usage().extra()).hasSize(64).containsKey("m63");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"citations_delta\",\"citation\":VALUES}}",
                "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"new_delta\",\"news\":VALUES}}",
                "{\"type\":\"content_block_start\",\"index\":1,\"content_block\":{\"type\":\"new\",\"news\":VALUES}}",
                "{\"type\":\"message_delta\",\"delta\":{},\"news\":VALUES}",
                "{\"type\":\"message_delta\",\"delta\":{},\"usage\":{\"news\":VALUES}}"
            })
    void what_is_kept_of_a_stream_has_a_limit(String event) {
        String values = "[" + "0,".repeat(200_000) + "0]";
        feed(
                START,
                "{\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"Hi\"}}");
        KimiException failure = null;
        for (int i = 0; i < 6 && failure == null; i++) {
            failure = failure(event.replace("VALUES", values));
        }

        assertThat(failure)
                .isInstanceOf(TruncatedStreamException.class)
                .hasMessageContaining("it holds more values than any response should");
    }

    @Test
    void without_counts_a_broken_off_stream_says_that_it_has_none() {
        feed("{\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"Hi\"}}");

        assertThat(decoder.partial().text()).isEqualTo("Hi");
        assertThat(decoder.partial().promptTokens()).isEqualTo(-1);
        assertThat(decoder.partial().completionTokens()).isEqualTo(-1);
    }

    @Test
    void calls_of_the_services_own_tools_stay_after_a_hand_over() {
        ChatResponse response =
                whole("{\"content\":[{\"type\":\"server_tool_use\",\"id\":\"s\",\"name\":\"n\",\"input\":{}},"
                        + "{\"type\":\"fallback\"},{\"type\":\"tool_use\",\"id\":\"t\",\"name\":\"f\",\"input\":{}}],"
                        + "\"stop_reason\":\"tool_use\"}");

        assertThat(response.finishReason()).isEqualTo(FinishReason.TOOL_CALLS);
        assertThat(response.toolCalls()).hasSize(1);
        assertThat(response.message().parts().get(0))
                .isInstanceOfSatisfying(
                        ContentPart.Opaque.class,
                        block -> assertThat(block.protocol()).isEqualTo(Provenance.ANTHROPIC));
    }

    @Test
    void unknown_deltas_change_nothing_that_others_said_and_are_kept() {
        String news = "\"delta\":{\"type\":\"new_delta\",\"x\":1}}";
        ChatResponse response = read(
                START,
                "{\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"tool_use\",\"id\":\"t\","
                        + "\"name\":\"f\",\"input\":{}}}",
                input(0, "{}"),
                "{\"type\":\"content_block_delta\",\"index\":0," + news,
                "{\"type\":\"content_block_delta\",\"index\":1,\"delta\":{\"type\":\"text_delta\",\"text\":\"a\"}}",
                "{\"type\":\"content_block_delta\",\"index\":1," + news,
                "{\"type\":\"content_block_start\",\"index\":2,\"content_block\":{\"type\":\"new\"}}",
                "{\"type\":\"content_block_delta\",\"index\":2,\"delta\":{\"type\":\"thinking_delta\",\"thinking\":\"Hm\"}}",
                END,
                STOP);

        assertThat(response.toolCalls()).extracting(ToolCall::arguments).containsExactly("{}");
        assertThat(response.message().blocks())
                .extracting(block -> block.content() instanceof ContentPart.Opaque opaque ? opaque.json() : block.raw())
                .containsExactly(
                        "{\"type\":\"tool_use\",\"id\":\"t\",\"name\":\"f\",\"input\":{},\"x\":1}",
                        "{\"type\":\"text\",\"x\":1,\"text\":\"a\"}",
                        "{\"type\":\"new\",\"thinking\":\"Hm\"}");
    }

    @Test
    void a_delta_goes_to_the_block_of_its_number() {
        ChatResponse response = read(
                START,
                "{\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}",
                "{\"type\":\"content_block_start\",\"index\":1,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}",
                "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"a\"}}",
                "{\"type\":\"content_block_delta\",\"index\":1,\"delta\":{\"type\":\"text_delta\",\"text\":\"b\"}}",
                "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"c\"}}",
                END,
                STOP);

        assertThat(response.message().parts()).containsExactly(ContentPart.text("ac"), ContentPart.text("b"));
    }

    @Test
    void only_members_of_the_messages_own_events_are_the_messages() {
        ChatResponse response = read(
                START,
                "{\"x\":1,\"type\":\"content_block_start\",\"index\":0,"
                        + "\"content_block\":{\"type\":\"text\",\"text\":\"a\"}}",
                "{\"y\":1,\"type\":\"ping\"}",
                "{\"z\":1,\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"}}",
                STOP);

        assertThat(response.extra()).containsOnlyKeys("z");
    }

    @Test
    void plain_text_is_held_once() {
        assertThat(whole("{\"content\":[{\"type\":\"text\",\"text\":\"Hi\"}]}")
                        .message()
                        .blocks())
                .containsExactly(Message.Block.of(ContentPart.text("Hi")));
    }

    @Test
    void a_block_that_grew_goes_back_with_all_that_came_of_it() {
        ChatResponse response = read(
                START,
                "{\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"x\":1}}",
                "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"Hi\"}}",
                "{\"type\":\"content_block_start\",\"index\":1,\"content_block\":{\"type\":\"text\",\"text\":\"So\"}}",
                "{\"type\":\"content_block_delta\",\"index\":1,\"delta\":{\"type\":\"citations_delta\",\"citation\":{}}}",
                END,
                STOP);

        assertThat(response.message().blocks())
                .extracting(Message.Block::raw)
                .containsExactly(
                        "{\"type\":\"text\",\"x\":1,\"text\":\"Hi\"}",
                        "{\"type\":\"text\",\"text\":\"So\",\"citations\":[{}]}");
    }

    @Test
    void what_one_delta_says_is_not_said_by_the_next() {
        ChatResponse response = read(
                START,
                "{\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"thinking\",\"thinking\":\"\"}}",
                "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"thinking_delta\",\"thinking\":\"Hm\"}}",
                "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"signature_delta\",\"signature\":\"c2ln\"}}",
                "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"new_delta\",\"x\":1}}",
                "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{}}",
                "{\"type\":\"content_block_delta\",\"index\":0}",
                END,
                STOP);

        assertThat(response.message().blocks().get(0).raw())
                .isEqualTo("{\"type\":\"thinking\",\"thinking\":\"Hm\",\"signature\":\"c2ln\",\"x\":1}");
        assertThat(events)
                .filteredOn(ChatEvent.Reasoning.class::isInstance)
                .containsExactly(new ChatEvent.Reasoning("Hm"));
    }

    private ChatResponse read(String... data) {
        feed(data);
        decoder.end(events::add);
        return decoder.response();
    }

    private void feed(String... data) {
        for (String event : data) {
            decoder.feed(utf8("data: " + event + "\n\n"), events::add);
        }
    }

    private KimiException failure(String event) {
        try {
            feed(event);
        } catch (StreamFailure e) {
            return e.toException(new ErrorContext(1, Duration.ZERO, Instant.EPOCH));
        }
        return null;
    }

    private static ChatResponse whole(String body) {
        MessagesStreamDecoder decoder = new MessagesStreamDecoder(Headers.empty());
        decoder.feed(utf8(body), event -> {});
        decoder.end(event -> {});
        return decoder.response();
    }

    private static String input(int index, String json) {
        return "{\"type\":\"content_block_delta\",\"index\":" + index
                + ",\"delta\":{\"type\":\"input_json_delta\",\"partial_json\":\"" + json + "\"}}";
    }

    private static ByteBuffer utf8(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }
}
