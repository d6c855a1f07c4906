package dev.kimi.internal.protocol.anthropic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.ContentPart;
import dev.kimi.chat.FinishReason;
import dev.kimi.chat.Message;
import dev.kimi.chat.Provenance;
import dev.kimi.chat.ToolCall;
import dev.kimi.error.KimiException;
import dev.kimi.error.ServerException;
import dev.kimi.error.TruncatedStreamException;
import dev.kimi.internal.protocol.ErrorContext;
import dev.kimi.internal.protocol.StreamFailure;
import dev.kimi.internal.sse.SseLimits;
import dev.kimi.transport.Headers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MessagesStreamDecoderTest {

    private static final ErrorContext CONTEXT =
            new ErrorContext(1, Duration.ZERO, Instant.parse("2026-11-01T00:00:00Z"));
    private static final String START =
            "{\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\",\"type\":\"message\","
                    + "\"role\":\"assistant\",\"content\":[],\"model\":\"claude-opus-5-5\",\"stop_reason\":null,"
                    + "\"usage\":{\"input_tokens\":10,\"output_tokens\":1}}}";
    private static final String STOP = "{\"type\":\"message_stop\"}";
    private static final String PING = "{\"type\":\"ping\"}";

    private final MessagesStreamDecoder decoder = new MessagesStreamDecoder(Headers.empty());
    private final List<ChatEvent> events = new ArrayList<>();

    @Test
    void pings_and_comments_may_come_anywhere_and_say_nothing() {
        ChatResponse plain = read(START, begin(0, text("")), say("Hel"), say("lo"), end(0), delta("end_turn"), STOP);

        MessagesStreamDecoder pinged = new MessagesStreamDecoder(Headers.empty());
        StringBuilder stream = new StringBuilder(": keep-alive\n\n" + frame(PING));
        for (String event : List.of(START, begin(0, text("")), say("Hel"), say("lo"), end(0), delta("end_turn"))) {
            stream.append(frame(event)).append(frame(PING)).append(":\n\n").append("event: ping\ndata: {}\n\n");
        }
        List<ChatEvent> others = new ArrayList<>();
        pinged.feed(bytes(stream + frame(STOP)), others::add);

        assertThat(others).isEqualTo(events);
        assertThat(pinged.response().text()).isEqualTo(plain.text()).isEqualTo("Hello");
        assertThat(pinged.eventsRead()).isEqualTo(20);
    }

    @Test
    void of_several_message_deltas_the_last_count_and_reason_hold() {
        ChatResponse response = read(
                START,
                begin(0, text("Hi")),
                end(0),
                "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":null},\"usage\":{\"output_tokens\":5}}",
                "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"max_tokens\"},\"usage\":{\"output_tokens\":9,"
                        + "\"cache_read_input_tokens\":100,\"cache_creation_input_tokens\":null}}",
                STOP);

        assertThat(response.finishReason()).isEqualTo(FinishReason.LENGTH);
        assertThat(response.usage().completionTokens()).isEqualTo(9);
        assertThat(response.usage().promptTokens()).isEqualTo(110);
        assertThat(response.usage().uncachedTokens()).isEqualTo(10);
        assertThat(events)
                .filteredOn(ChatEvent.Tokens.class::isInstance)
                .extracting(event -> ((ChatEvent.Tokens) event).usage().completionTokens())
                .containsExactly(5L, 9L);
    }

    @Test
    void counts_of_the_beginning_are_handed_out_when_the_end_brings_none() {
        ChatResponse response = read(START, begin(0, text("Hi")), end(0), STOP);

        assertThat(response.finishReason()).isEqualTo(FinishReason.UNKNOWN);
        assertThat(events).last().isEqualTo(new ChatEvent.Tokens(response.usage()));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"cache_write_input_tokens\":200|200",
                "\"prompt_cache_write_tokens\":200,\"cache_creation_input_tokens\":0|200",
                "\"cache_creation_input_tokens\":300,\"cache_write_1h_tokens\":200|300",
                "\"cache_write\":\"200\"|0",
                "\"cache_write_tokens\":-5|0"
            })
    void kimis_tokens_written_to_the_cache_count_by_any_name_that_says_so(String member, long written) {
        ChatResponse response = read(
                START,
                begin(0, text("Hi")),
                "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":7,"
                        + member + "}}",
                STOP);

        assertThat(response.usage().cacheWriteTokens()).isEqualTo(written);
        assertThat(response.usage().promptTokens()).isEqualTo(10 + written);
    }

    @Test
    void idle_zeros_and_nulls_at_the_end_change_no_count_of_the_beginning() {
        ChatResponse response = read(
                "{\"type\":\"message_start\",\"message\":{\"id\":\"m\",\"type\":\"message\",\"content\":[],\"usage\":{"
                        + "\"input_tokens\":10,\"cache_creation_input_tokens\":200,\"cache_read_input_tokens\":3000,"
                        + "\"cache_creation\":{\"ephemeral_1h_input_tokens\":200},\"service_tier\":\"priority\"}}}",
                begin(0, text("Hi")),
                "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"input_tokens\":0,"
                        + "\"cache_creation_input_tokens\":0,\"cache_read_input_tokens\":0,\"output_tokens\":7,"
                        + "\"server_tool_use\":null,\"output_tokens_details\":{\"thinking_tokens\":4}}}",
                STOP);

        assertThat(response.usage().promptTokens()).isEqualTo(3210);
        assertThat(response.usage().cachedTokens()).isEqualTo(3000);
        assertThat(response.usage().cacheWriteTokens()).isEqualTo(200);
        assertThat(response.usage().reasoningTokens()).isEqualTo(4);
        assertThat(response.usage().extra())
                .isEqualTo(Map.of(
                        "cache_creation", Map.of("ephemeral_1h_input_tokens", 200L), "service_tier", "priority"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"},"
                        + "\"request_id\":\"req_1\"}",
                "{\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"},\"type\":\"error\"}",
                "{\"error\":{\"message\":\"Overloaded\",\"type\":\"overloaded_error\"}}"
            })
    void an_error_in_the_stream_is_the_services_own_in_either_envelope(String error) {
        feed(START, begin(0, text("")), say("Hel"));

        KimiException failure = failure(() -> feed(error));

        assertThat(failure.errorType()).isEqualTo("overloaded_error");
        assertThat(failure).isNotInstanceOf(TruncatedStreamException.class);
        assertThat(decoder.complete()).isFalse();
        assertThat(decoder.partial().text()).isEqualTo("Hel");
    }

    @Test
    void an_event_that_is_named_error_is_one_even_without_an_envelope_or_its_last_line_end() {
        feed(START);
        KimiException named = failure(() -> decoder.feed(
                bytes("event: error\ndata: {\"type\":\"api_error\",\"message\":\"no\"}\n\n"), events::add));
        assertThat(named.errorType()).isEqualTo("api_error");

        MessagesStreamDecoder other = new MessagesStreamDecoder(Headers.empty());
        other.feed(bytes("data: {\"type\":\"error\",\"error\":{\"type\":\"api_error\"}}"), events::add);
        assertThat(failure(() -> other.end(events::add)).errorType()).isEqualTo("api_error");
    }

    @Test
    void a_second_message_within_the_first_is_no_message() {
        feed(START, START, begin(0, text("")), say("Hel"));

        KimiException failure = failure(() -> feed(START));

        assertThat(failure)
                .isInstanceOfSatisfying(
                        TruncatedStreamException.class,
                        cut -> assertThat(cut.partial().text()).isEqualTo("Hel"));
        assertThat(failure).hasMessageContaining("a second message begins within the first");
    }

    @Test
    void unknown_kinds_of_events_are_passed_over_and_unknown_blocks_and_deltas_are_kept() {
        ChatResponse response = read(
                START,
                "{\"type\":\"message_news\",\"index\":0,\"delta\":{\"text\":\"no\"},\"content_block\":{\"type\":\"text\"}}",
                begin(0, "{ \"type\":\"hologram\", \"size\": 1.50, \"note\":null, \"text\":\"\" }"),
                deltaOf(0, "{\"type\":\"hologram_delta\",\"text\":\"ab\",\"more\":[1]}"),
                deltaOf(0, "{\"type\":\"hologram_delta\",\"text\":\"cd\",\"depth\":{\"z\":2}}"),
                end(0),
                begin(1, text("Hi")),
                deltaOf(1, "{\"type\":\"shimmer_delta\",\"shimmer\":\"x\"}"),
                deltaOf(1, "{\"type\":\"shimmer_delta\",\"shimmer\":\"y\"}"),
                end(1),
                delta("end_turn"),
                STOP);

        String hologram = "{\"type\":\"hologram\",\"size\":1.50,\"note\":null,\"text\":\"abcd\",\"more\":[1],"
                + "\"depth\":{\"z\":2}}";
        assertThat(response.message().blocks())
                .containsExactly(
                        Message.Block.of(ContentPart.opaque(Provenance.ANTHROPIC, "hologram", hologram)),
                        new Message.Block(
                                ContentPart.text("Hi"),
                                null,
                                "{\"type\":\"text\",\"text\":\"Hi\",\"shimmer\":\"xy\"}"));
        assertThat(events).contains(new ChatEvent.Other("hologram", hologram));
        assertThat(response.text()).isEqualTo("Hi");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{ \"type\":\"redacted_thinking\",\"data\":\"c2Vj\\/cmV0\" }",
                "{\"type\":\"web_search_tool_result\",\"tool_use_id\":\"srvtoolu_1\",\"content\":[{\"n\":1.0e2,\"u\":\"\\u00e9\"}]}",
                "{\"n\":12345678901234567890123,\"type\":\"container_upload\",\"file_id\":\"\"}",
                "{\"type\":\"fallback\",\"from\":{\"model\":\"a\"},\"to\":{\"model\":\"b\"}}"
            })
    void a_block_without_deltas_is_kept_byte_for_byte(String block) {
        ChatResponse response = read(START, begin(0, block), end(0), delta("end_turn"), STOP);

        assertThat(response.message().parts())
                .singleElement()
                .isInstanceOfSatisfying(
                        ContentPart.Opaque.class,
                        part -> assertThat(part.json()).isEqualTo(block));
        assertThat(events)
                .first()
                .isEqualTo(new ChatEvent.Other(block.replaceAll(".*\"type\":\"(\\w+)\".*", "$1"), block));
    }

    @Test
    void an_unknown_block_is_handed_out_once_be_its_end_lost_or_doubled() {
        read(
                START,
                begin(0, "{\"type\":\"one\"}"),
                end(0),
                end(0),
                begin(1, "{\"type\":\"two\"}"),
                delta("end_turn"),
                STOP);

        assertThat(events)
                .filteredOn(ChatEvent.Other.class::isInstance)
                .containsExactly(
                        new ChatEvent.Other("one", "{\"type\":\"one\"}"),
                        new ChatEvent.Other("two", "{\"type\":\"two\"}"));
    }

    @Test
    void tools_called_before_a_hand_over_are_nobodys_to_run() {
        ChatResponse response = read(
                START,
                begin(0, tool("toolu_1", "old", "{}")),
                end(0),
                begin(1, "{\"type\":\"fallback\"}"),
                end(1),
                begin(2, tool("toolu_2", "new", "{}")),
                end(2),
                delta("tool_use"),
                STOP);

        assertThat(response.toolCalls()).containsExactly(new ToolCall("toolu_2", "new", "{}"));
        assertThat(response.message().parts())
                .extracting(part -> ((ContentPart.Opaque) part).type())
                .containsExactly("tool_use", "fallback");
    }

    @Test
    void the_model_that_took_over_last_is_the_model_of_the_response() {
        String toB = "{\"type\":\"fallback\",\"from\":{\"model\":\"a\"},\"to\":{\"model\":\"b\"}}";
        String toC = "{\"type\":\"fallback\",\"from\":{\"model\":\"b\"},\"to\":{\"model\":\"c\"}}";
        String unknown = "{\"type\":\"fallback\",\"to\":\"d\"}";

        ChatResponse response = read(
                START,
                begin(0, toB),
                end(0),
                begin(1, toC),
                end(1),
                begin(2, unknown),
                end(2),
                delta("end_turn"),
                STOP);

        assertThat(response.model()).isEqualTo("c");
    }

    @Test
    void compaction_and_citations_are_kept_as_the_deltas_make_them() {
        ChatResponse response = read(
                START,
                begin(0, "{\"type\":\"compaction\",\"content\":null}"),
                deltaOf(0, "{\"type\":\"compaction_delta\",\"content\":\"So far: x\"}"),
                end(0),
                begin(1, "{\"type\":\"text\",\"text\":\"\",\"citations\":[]}"),
                say(1, "Hi"),
                deltaOf(1, "{\"type\":\"citations_delta\",\"citation\":{\"type\":\"page\",\"page\":1}}"),
                deltaOf(1, "{\"type\":\"citations_delta\",\"citation\":{\"type\":\"page\",\"page\":2}}"),
                end(1),
                delta("compaction"),
                STOP);

        assertThat(response.finishReason().value()).isEqualTo("compaction");
        assertThat(response.message().blocks())
                .containsExactly(
                        Message.Block.of(ContentPart.opaque(
                                Provenance.ANTHROPIC,
                                "compaction",
                                "{\"type\":\"compaction\",\"content\":\"So far: x\"}")),
                        new Message.Block(
                                ContentPart.text("Hi"),
                                null,
                                "{\"type\":\"text\",\"text\":\"Hi\",\"citations\":[{\"type\":\"page\",\"page\":1},"
                                        + "{\"type\":\"page\",\"page\":2}]}"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "{\"x\":|1}|{\"x\":1}",
                "''|''|{}",
                "''|{\"x\": 1.50 }|{\"x\": 1.50 }",
                "{\"x\":\"\\u00|e9\"}|{\"x\":\"\\u00e9\"}"
            })
    void the_pieces_of_a_tools_input_are_its_arguments(String one, String other, String arguments) {
        ChatResponse response = read(
                START, begin(0, tool("toolu_1", "f", "{}")), input(one), input(other), end(0), delta("tool_use"), STOP);

        assertThat(response.toolCalls()).containsExactly(new ToolCall("toolu_1", "f", arguments));
        assertThat(response.cutToolCalls()).isEmpty();
        assertThat(response.message().blocks())
                .singleElement()
                .satisfies(block -> assertThat(block.raw()).isNull());
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"x\":", "[1]", "{\"x\":1,\"x\":2}", "{} {}", "nothing"})
    void input_that_is_no_object_is_a_cut_call_and_no_failure(String input) {
        ChatResponse response =
                read(START, begin(0, tool("toolu_1", "f", "{}")), input(input), end(0), delta("tool_use"), STOP);

        assertThat(response.toolCalls()).isEmpty();
        assertThat(response.cutToolCalls()).containsExactly(new ChatResponse.CutToolCall("toolu_1", "f", input));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"{\"x\": 1}|{\"x\": 1}|true", "\"{\\\"x\\\":1}\"|{\"x\":1}|true", "[1]|[1]|false", "null|{}|true"})
    void an_input_that_comes_whole_is_the_arguments_or_a_cut_call(String input, String arguments, boolean whole) {
        ChatResponse response =
                read(START, begin(0, tool("toolu_1", "f", input)), end(0), end(0), delta("tool_use"), STOP);

        assertThat(response.toolCalls())
                .isEqualTo(whole ? List.of(new ToolCall("toolu_1", "f", arguments)) : List.of());
        assertThat(response.cutToolCalls())
                .isEqualTo(whole ? List.of() : List.of(new ChatResponse.CutToolCall("toolu_1", "f", arguments)));
        StringBuilder handed = new StringBuilder();
        for (ChatEvent event : events) {
            handed.append(event instanceof ChatEvent.ToolFragment piece ? piece.arguments() : "");
        }
        assertThat(handed).hasToString(arguments.equals("{}") ? "" : arguments);
    }

    @ParameterizedTest
    @CsvSource({"max_tokens, {}", "model_context_window_exceeded, {}", "max_tokens, { }"})
    void a_call_that_was_cut_before_its_arguments_is_no_call_without_arguments(String reason, String placeholder) {
        ChatResponse response = read(
                START,
                begin(0, tool("toolu_1", "all", "{}")),
                end(0),
                begin(1, tool("toolu_2", "delete", placeholder)),
                end(1),
                delta(reason),
                STOP);

        assertThat(response.toolCalls()).containsExactly(new ToolCall("toolu_1", "all", "{}"));
        assertThat(response.cutToolCalls()).containsExactly(new ChatResponse.CutToolCall("toolu_2", "delete", ""));
    }

    @Test
    void half_an_input_of_the_services_own_tool_is_no_failure() {
        ChatResponse response = read(
                START,
                begin(0, "{\"type\":\"server_tool_use\",\"id\":\"srvtoolu_1\",\"name\":\"web_search\",\"input\":{}}"),
                input("{\"query\":\"wea"),
                end(0),
                delta("max_tokens"),
                STOP);

        assertThat(response.finishReason()).isEqualTo(FinishReason.LENGTH);
        assertThat(response.message().parts())
                .containsExactly(ContentPart.opaque(
                        Provenance.ANTHROPIC,
                        "server_tool_use",
                        "{\"type\":\"server_tool_use\",\"id\":\"srvtoolu_1\",\"name\":\"web_search\",\"input\":{}}"));
    }

    @Test
    void a_tool_call_keeps_who_called_it_for_the_way_back() {
        ChatResponse response = read(
                START,
                begin(
                        0,
                        "{\"type\":\"tool_use\",\"id\":\"toolu_1\",\"name\":\"f\",\"input\":{},"
                                + "\"caller\":{\"type\":\"direct\"}}"),
                input("{\"x\":1}"),
                end(0),
                delta("tool_use"),
                STOP);

        assertThat(response.message().blocks())
                .containsExactly(new Message.Block(
                        new ToolCall("toolu_1", "f", "{\"x\":1}"),
                        null,
                        "{\"type\":\"tool_use\",\"id\":\"toolu_1\",\"name\":\"f\",\"input\":{\"x\":1},"
                                + "\"caller\":{\"type\":\"direct\"}}"));
    }

    @Test
    void thinking_keeps_its_signature_and_an_empty_text() {
        ChatResponse response = read(
                START,
                begin(0, "{\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"\"}"),
                deltaOf(0, "{\"type\":\"thinking_delta\",\"thinking\":\"\",\"estimated_tokens\":50}"),
                deltaOf(0, "{\"type\":\"signature_delta\",\"signature\":\"c2\"}"),
                deltaOf(0, "{\"type\":\"signature_delta\",\"signature\":\"ln\"}"),
                end(0),
                begin(1, text("Hi")),
                end(1),
                delta("end_turn"),
                STOP);

        assertThat(response.message().blocks().get(0))
                .isEqualTo(Message.Block.of(new ContentPart.Reasoning("", "c2ln")));
        assertThat(events).noneMatch(ChatEvent.Reasoning.class::isInstance);
    }

    @ParameterizedTest
    @CsvSource({
        "end_turn, stop, -",
        "stop_sequence, stop, stop_sequence",
        "max_tokens, length, -",
        "model_context_window_exceeded, length, model_context_window_exceeded",
        "tool_use, tool_calls, -",
        "refusal, content_filter, refusal",
        "pause_turn, pause_turn, -",
        "brand_new, brand_new, -"
    })
    void reasons_to_stop_are_neutral_where_there_is_such_a_word(String sent, String finish, String kept) {
        ChatResponse response = read(START, begin(0, text("Hi")), end(0), delta(sent), STOP);

        assertThat(response.finishReason().value()).isEqualTo(finish);
        assertThat(response.extra().get("stop_reason")).isEqualTo(kept.equals("-") ? null : kept);
    }

    @Test
    void what_the_service_withheld_says_its_category_and_may_have_no_content() {
        ChatResponse response = read(
                START,
                "{\"usage\":{\"output_tokens\":3},\"context_management\":{\"applied_edits\":[]},\"type\":\"message_delta\","
                        + "\"delta\":{\"stop_reason\":\"refusal\",\"stop_sequence\":null,\"stop_details\":"
                        + "{\"type\":\"refusal\",\"category\":\"cyber\",\"explanation\":null}}}",
                STOP);

        assertThat(response.finishReason()).isEqualTo(FinishReason.CONTENT_FILTER);
        assertThat(response.message().blocks()).isEmpty();
        assertThat(response.extra().get("stop_details"))
                .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.MAP)
                .containsEntry("category", "cyber");
        assertThat(response.extra()).containsKey("context_management");
    }

    @Test
    void halves_of_a_character_in_two_deltas_are_handed_out_as_one() {
        ChatResponse response = read(
                START, begin(0, text("")), say("a\\ud83d"), say("\\ude00b\\ud83d"), end(0), delta("end_turn"), STOP);

        assertThat(response.text()).isEqualTo("a\uD83D\uDE00b\uFFFD");
        assertThat(events)
                .filteredOn(ChatEvent.Text.class::isInstance)
                .extracting(event -> ((ChatEvent.Text) event).value())
                .containsExactly("a", "\uD83D\uDE00b", "\uFFFD");
    }

    @Test
    void a_delta_before_its_block_begins_it_but_for_a_tool() {
        feed(START, say("Hel"), say("lo"), deltaOf(1, "{\"type\":\"thinking_delta\",\"thinking\":\"Hm\"}"));

        KimiException failure =
                failure(() -> feed(deltaOf(2, "{\"type\":\"input_json_delta\",\"partial_json\":\"{\"}")));

        assertThat(decoder.partial().text()).isEqualTo("Hello");
        assertThat(decoder.partial().reasoning()).isEqualTo("Hm");
        assertThat(failure).hasMessageContaining("a piece of its content belongs to no block");
    }

    @Test
    void text_for_a_block_of_another_kind_is_kept_with_it_and_is_no_text() {
        ChatResponse response =
                read(START, begin(0, tool("toolu_1", "f", "{}")), say("Hi"), end(0), delta("tool_use"), STOP);

        assertThat(response.text()).isEmpty();
        assertThat(events).noneMatch(ChatEvent.Text.class::isInstance);
        assertThat(response.message().blocks().get(0).raw()).contains("\"text\":\"Hi\"");
    }

    @Test
    void events_of_unknown_kinds_may_carry_anything_and_those_of_known_ones_may_not() {
        feed(START, begin(0, text("Hi")));
        decoder.feed(
                bytes("event: heartbeat\ndata: alive\n\nevent: news\ndata: {\"message\":{\"id\":1}}\n\n"), events::add);
        assertThat(decoder.partial().text()).isEqualTo("Hi");

        assertThat(failure(() -> decoder.feed(bytes("event: content_block_delta\ndata: alive\n\n"), events::add)))
                .isInstanceOf(TruncatedStreamException.class)
                .hasMessageContaining("it is no JSON");
    }

    @Test
    void members_may_come_in_any_order() {
        ChatResponse response = read(
                "{\"message\":{\"content\":[],\"id\":\"msg_1\",\"usage\":{\"input_tokens\":3}},\"type\":\"message_start\"}",
                "{\"content_block\":{\"text\":\"\",\"type\":\"text\"},\"index\":0,\"type\":\"content_block_start\"}",
                "{\"delta\":{\"text\":\"Hi\",\"type\":\"text_delta\"},\"index\":0,\"type\":\"content_block_delta\"}",
                "{\"context_management\":{\"applied_edits\":[]},\"delta\":{\"stop_reason\":\"end_turn\"},"
                        + "\"type\":\"message_delta\",\"usage\":{\"output_tokens\":2}}",
                STOP);

        assertThat(response.id()).isEqualTo("msg_1");
        assertThat(response.text()).isEqualTo("Hi");
        assertThat(response.usage().totalTokens()).isEqualTo(5);
        assertThat(response.extra()).containsKey("context_management");
    }

    @Test
    void what_follows_the_end_mark_is_nobodys() {
        ChatResponse response = read(START, begin(0, text("Hi")), delta("end_turn"), STOP + STOP, say("no"), "{broken");

        assertThat(response.text()).isEqualTo("Hi");
    }

    @Test
    void the_end_mark_of_the_other_protocol_ends_a_message_that_said_why_it_stops_and_no_other() {
        feed(START, begin(0, text("Hi")), "[DONE]");
        assertThat(decoder.complete()).isFalse();

        feed(delta("end_turn"), "[DONE]");
        assertThat(decoder.complete()).isTrue();
    }

    @Test
    void an_end_mark_without_a_message_is_no_response() {
        assertThat(failure(() -> feed(PING, STOP)))
                .isInstanceOf(ServerException.class)
                .hasMessageContaining("it holds no message");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "event: message_stop\\ndata: {\"type\":\"message_stop\"}|true",
                "data: {\"type\":\"message_stop\" }\\n|true",
                "data: {\"type\":\"message_stop\"|false",
                "data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"}}|false"
            })
    void without_its_last_line_end_the_end_mark_counts_when_it_is_whole(String rest, boolean complete) {
        feed(START, begin(0, text("Hi")), end(0), delta("end_turn"));

        decoder.feed(bytes(rest.replace("\\n", "\n")), events::add);
        decoder.end(events::add);

        assertThat(decoder.complete()).isEqualTo(complete);
    }

    @Test
    void a_whole_message_in_place_of_a_stream_makes_the_same_events() {
        String body = "\uFEFF\n{\"stop_reason\":\"tool_use\",\"id\":\"msg_1\",\"type\":\"message\",\"model\":\"m\","
                + "\"usage\":{\"input_tokens\":3,\"output_tokens\":4},\"content\":[{\"type\":\"text\",\"text\":\"Hi\"},"
                + "{\"type\":\"new\"},{\"type\":\"tool_use\",\"id\":\"t\",\"name\":\"f\",\"input\":{\"x\":1}}]}\ntrailing";
        for (byte b : body.getBytes(StandardCharsets.UTF_8)) {
            decoder.feed(ByteBuffer.wrap(new byte[] {b}), events::add);
        }
        decoder.end(events::add);

        assertThat(decoder.response().toolCalls()).containsExactly(new ToolCall("t", "f", "{\"x\":1}"));
        assertThat(events)
                .containsExactly(
                        new ChatEvent.Text("Hi"),
                        new ChatEvent.Other("new", "{\"type\":\"new\"}"),
                        new ChatEvent.ToolFragment(0, "t", "f", ""),
                        new ChatEvent.ToolFragment(0, "t", "f", "{\"x\":1}"),
                        new ChatEvent.Finished(FinishReason.TOOL_CALLS),
                        new ChatEvent.Tokens(decoder.response().usage()));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "<html><body>Gateway</body></html>|it is neither JSON nor an event stream",
                "upstream connect error|it is neither JSON nor an event stream",
                "{\"type\":\"message\",\"content\":[|it is no JSON"
            })
    void what_is_no_stream_and_no_message_can_be_asked_for_again(String body, String reason) {
        decoder.feed(bytes(body), events::add);

        assertThat(failure(() -> decoder.end(events::add)))
                .isInstanceOf(ServerException.class)
                .hasMessageContaining(reason)
                .hasMessageContaining("Trying again may help");
    }

    @Test
    void an_error_in_place_of_a_stream_is_the_services_own() {
        assertThat(failure(() -> decoder.feed(
                                bytes("{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\"}}"), events::add))
                        .errorType())
                .isEqualTo("overloaded_error");
    }

    @Test
    void json_of_another_protocol_is_no_message_and_no_error_of_the_service() {
        assertThat(failure(() -> decoder.feed(
                        bytes("{\"id\":\"1\",\"choices\":[{\"message\":{\"content\":\"Hi\"}}]}"), events::add)))
                .hasMessageContaining("it holds no message");
    }

    @Test
    void limits_hold_for_events_and_for_json() {
        SseLimits limits = new SseLimits(200, 200, 300, 200);
        MessagesStreamDecoder json = new MessagesStreamDecoder(Headers.empty(), limits);
        assertThat(failure(() -> json.feed(bytes("{\"content\":\"" + "x".repeat(400)), events::add)))
                .hasMessageContaining("over its limit of 300 bytes per stream");

        MessagesStreamDecoder stream = new MessagesStreamDecoder(Headers.empty(), limits);
        assertThat(failure(() -> stream.feed(bytes("data: " + "x".repeat(400)), events::add)))
                .hasMessageContaining("over its limit of");
    }

    @Test
    void many_small_pieces_of_a_signature_do_not_cost_their_square() {
        feed(START, begin(0, "{\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"\"}"));
        String many = frame(deltaOf(0, "{\"type\":\"signature_delta\",\"signature\":\"abcdefgh\"}"))
                .repeat(1_000);
        AtomicInteger handed = new AtomicInteger();
        for (int i = 0; i < 100; i++) {
            decoder.feed(bytes(many), event -> handed.incrementAndGet());
        }
        feed(end(0), begin(1, text("Hi")), delta("end_turn"), STOP);

        ContentPart.Reasoning thought = (ContentPart.Reasoning)
                decoder.response().message().blocks().get(0).content();
        assertThat(thought.signature()).hasSize(800_000);
        assertThat(handed).hasValue(0);
    }

    @Test
    void more_blocks_than_any_response_should_have_are_a_failure() {
        StringBuilder blocks = new StringBuilder(frame(START));
        for (int i = 0; i <= 4096; i++) {
            blocks.append(frame(begin(i, text(""))));
        }

        assertThat(failure(() -> decoder.feed(bytes(blocks.toString()), events::add)))
                .hasMessageContaining("more than 4096 blocks");
    }

    @Test
    void before_its_end_there_is_no_response() {
        feed(START, begin(0, text("Hi")), end(0), delta("end_turn"));
        decoder.end(events::add);

        assertThatThrownBy(decoder::response).isInstanceOf(IllegalStateException.class);
        assertThat(decoder.partial().text()).isEqualTo("Hi");
        assertThat(decoder.partial().promptTokens()).isEqualTo(10);
    }

    private ChatResponse read(String... data) {
        feed(data);
        decoder.end(events::add);
        return decoder.response();
    }

    private void feed(String... data) {
        for (String event : data) {
            decoder.feed(bytes(frame(event)), events::add);
        }
    }

    private static KimiException failure(Runnable reading) {
        try {
            reading.run();
        } catch (StreamFailure e) {
            return e.toException(CONTEXT);
        }
        throw new AssertionError("it did not fail");
    }

    private static String frame(String data) {
        return "data: " + data + "\n\n";
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String begin(int index, String block) {
        return "{\"type\":\"content_block_start\",\"index\":" + index + ",\"content_block\":" + block + "}";
    }

    private static String text(String text) {
        return "{\"type\":\"text\",\"text\":\"" + text + "\"}";
    }

    private static String tool(String id, String name, String input) {
        return "{\"type\":\"tool_use\",\"id\":\"" + id + "\",\"name\":\"" + name + "\",\"input\":" + input + "}";
    }

    private static String deltaOf(int index, String delta) {
        return "{\"type\":\"content_block_delta\",\"index\":" + index + ",\"delta\":" + delta + "}";
    }

    private static String say(String text) {
        return say(0, text);
    }

    private static String say(int index, String text) {
        return deltaOf(index, "{\"type\":\"text_delta\",\"text\":\"" + text + "\"}");
    }

    private static String input(String json) {
        String quoted = json.replace("\\", "\\\\").replace("\"", "\\\"");
        return deltaOf(0, "{\"type\":\"input_json_delta\",\"partial_json\":\"" + quoted + "\"}");
    }

    private static String end(int index) {
        return "{\"type\":\"content_block_stop\",\"index\":" + index + "}";
    }

    private static String delta(String reason) {
        return "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"" + reason
                + "\"},\"usage\":{\"output_tokens\":2}}";
    }
}
