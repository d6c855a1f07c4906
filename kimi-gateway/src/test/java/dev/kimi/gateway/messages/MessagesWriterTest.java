package dev.kimi.gateway.messages;

import static dev.kimi.gateway.messages.MessagesFixture.DIALECT;
import static dev.kimi.gateway.messages.MessagesFixture.json;
import static dev.kimi.gateway.messages.MessagesFixture.q;
import static dev.kimi.gateway.messages.MessagesFixture.read;
import static dev.kimi.gateway.messages.MessagesFixture.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.FinishReason;
import dev.kimi.chat.Message;
import dev.kimi.chat.ToolCall;
import dev.kimi.chat.Usage;
import dev.kimi.gateway.dialect.InboundChat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

class MessagesWriterTest {

    private static final InboundChat CHAT =
            read(q("{'model':'claude-kimi-k3','max_tokens':9,'messages':[{'role':'user','content':'Hi'}]}"));
    private static final Usage USAGE = Usage.builder()
            .promptTokens(100)
            .cachedTokens(60)
            .cacheWriteTokens(10)
            .completionTokens(20)
            .reasoningTokens(5)
            .build();

    private static MessagesWriter writer() {
        return (MessagesWriter) DIALECT.writer(CHAT, "req_0123");
    }

    private static ChatResponse response(FinishReason reason, ToolCall... calls) {
        return ChatResponse.builder(Message.assistant("", null, List.of(calls)))
                .finishReason(reason)
                .usage(USAGE)
                .build();
    }

    private static StreamReader stream(FinishReason reason, ChatEvent... events) {
        return StreamReader.of(writer(), List.of(events), response(reason));
    }

    private static ChatEvent.ToolFragment piece(int index, String id, String name, String arguments) {
        return new ChatEvent.ToolFragment(index, id, name, arguments);
    }

    @Test
    void line_37_blocks_come_one_after_the_other_between_start_and_stop() {
        StreamReader stream = stream(
                FinishReason.STOP,
                new ChatEvent.Reasoning("hm"),
                new ChatEvent.Reasoning(" yes"),
                new ChatEvent.Text("a\"b\n"),
                new ChatEvent.Text("ü🙂"),
                new ChatEvent.Tokens(USAGE),
                new ChatEvent.Finished(FinishReason.STOP));

        assertThat(stream.blocks()).isEqualTo(2);
        assertThat(stream.block(0).path("thinking").asString()).isEqualTo("hm yes");
        assertThat(stream.block(1).path("text").asString()).isEqualTo("a\"b\nü🙂");
        assertThat(stream.last().at("/delta/stop_reason").asString()).isEqualTo("end_turn");
    }

    @Test
    void line_33_each_event_is_written_when_it_comes() {
        MessagesWriter writer = writer();
        writer.start();

        assertThat(text(writer.event(new ChatEvent.Text("a")))).contains("content_block_start", "\"text\":\"a\"");
        assertThat(text(writer.event(new ChatEvent.Text("b"))))
                .isEqualTo("event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,"
                        + "\"delta\":{\"type\":\"text_delta\",\"text\":\"b\"}}\n\n");
        assertThat(text(writer.event(piece(0, "call_1", "t", "")))).contains("content_block_stop", "tool_use");
        assertThat(text(writer.event(piece(0, "", "", "{\"a\"")))).contains("\"partial_json\":\"{\\\"a\\\"\"");
    }

    @Test
    void line_26_thinking_ends_with_a_signature_of_the_gateway() {
        StreamReader stream = stream(FinishReason.STOP, new ChatEvent.Reasoning("h"), new ChatEvent.Reasoning("m"));

        String signature = stream.block(0).path("signature").asString();

        assertThat(signature).isEqualTo(GatewaySignature.of("hm")).startsWith("kimi:");
        assertThat(stream.events.get(4).at("/delta/type").asString()).isEqualTo("signature_delta");
    }

    @Test
    void line_38_complete_arguments_still_come_as_a_delta() {
        StreamReader stream = stream(FinishReason.TOOL_CALLS, piece(0, "call_1", "weather", "{\"city\":\"Rome\"}"));

        assertThat(stream.events.get(1).path("content_block").toString())
                .isEqualTo(q("{'type':'tool_use','id':'call_1','name':'weather','input':{}}"));
        assertThat(stream.block(0).path("json").asString()).isEqualTo("{\"city\":\"Rome\"}");
    }

    @Test
    void line_38_arguments_that_never_came_are_an_empty_object() {
        assertThat(stream(FinishReason.TOOL_CALLS, piece(0, "call_1", "now", ""))
                        .block(0)
                        .path("json")
                        .asString())
                .isEqualTo("{}");
    }

    @Test
    void line_37_interleaved_pieces_of_calls_become_blocks_one_after_the_other() {
        StreamReader stream = stream(
                FinishReason.TOOL_CALLS,
                piece(0, "call_a", "x", "{\"p\":"),
                piece(1, "call_b", "y", "{\"q\":[\"}\""),
                piece(0, "", "", "1}"),
                new ChatEvent.Text("between"),
                piece(1, "", "", "]}"),
                piece(2, "", "z", ""),
                piece(2, "call_c", "", "{}"));

        assertThat(stream.blocks()).isEqualTo(4);
        assertThat(stream.block(0).path("json").asString()).isEqualTo("{\"p\":1}");
        assertThat(stream.block(1).path("json").asString()).isEqualTo("{\"q\":[\"}\"]}");
        assertThat(stream.block(2).path("text").asString()).isEqualTo("between");
        assertThat(stream.block(3).path("id").asString()).isEqualTo("call_c");
    }

    @Test
    void a_call_is_written_while_the_next_has_begun_only_when_nothing_can_be_appended_to_it() {
        MessagesWriter writer = writer();
        writer.start();
        writer.event(piece(0, "call_a", "x", "{\"p\":"));

        assertThat(writer.event(piece(1, "call_b", "y", "{}"))).isEmpty();
        assertThat(text(writer.event(piece(0, "", "", "1}")))).contains("1}", "call_b", "{}");
    }

    @Test
    void a_call_without_an_id_gets_one() {
        JsonNode block =
                stream(FinishReason.TOOL_CALLS, piece(3, "", "x", "{}")).block(0);

        assertThat(block.path("id").asString()).matches("toolu_[0-9a-f]{8}_3");
    }

    @Test
    void a_call_that_was_cut_before_its_arguments_is_left_out_where_it_is_not_written() {
        ChatResponse cut = response(FinishReason.LENGTH).toBuilder()
                .cutToolCall(new ChatResponse.CutToolCall("call_b", "y", ""))
                .build();

        StreamReader stream =
                StreamReader.of(writer(), List.of(piece(0, "call_a", "x", "{\"a\""), piece(1, "call_b", "y", "")), cut);

        assertThat(stream.blocks()).isEqualTo(1);
        assertThat(stream.block(0).path("json").asString()).isEqualTo("{\"a\"");
        assertThat(stream.last().at("/delta/stop_reason").asString()).isEqualTo("max_tokens");
    }

    @Test
    void line_39_the_first_usage_is_an_estimate_and_never_0() {
        JsonNode message = stream(FinishReason.STOP).events.get(0).path("message");

        assertThat(message.at("/usage/input_tokens").asLong()).isEqualTo(CHAT.inputTokens());
        assertThat(CHAT.inputTokens()).isPositive();
        assertThat(message.path("model").asString()).isEqualTo("claude-kimi-k3");
        assertThat(message.path("id").asString()).isEqualTo("msg_0123");
    }

    @Test
    void line_40_the_last_usage_is_exact() {
        assertThat(stream(FinishReason.STOP).last().path("usage").toString())
                .isEqualTo(q("{'input_tokens':30,'cache_creation_input_tokens':10,'cache_read_input_tokens':60,"
                        + "'output_tokens':20,'output_tokens_details':{'thinking_tokens':5}}"));
    }

    @Test
    void line_39_a_service_that_counts_nothing_leaves_the_estimates() {
        ChatResponse uncounted =
                ChatResponse.builder(Message.assistant("123456789")).build();

        StreamReader stream = StreamReader.of(writer(), List.of(new ChatEvent.Text("123456789")), uncounted);

        assertThat(stream.last().at("/usage/input_tokens").asLong()).isEqualTo(CHAT.inputTokens());
        assertThat(stream.last().at("/usage/output_tokens").asLong()).isEqualTo(3);
    }

    @ParameterizedTest
    @CsvSource({
        "stop,end_turn",
        "length,max_tokens",
        "tool_calls,tool_use",
        "content_filter,refusal",
        "unknown,end_turn",
        "new_reason,end_turn"
    })
    void line_44_reasons_to_stop_are_anthropics(String reason, String expected) {
        assertThat(stream(FinishReason.of(reason))
                        .last()
                        .at("/delta/stop_reason")
                        .asString())
                .isEqualTo(expected);
    }

    @Test
    void line_44_a_response_with_calls_that_says_stop_wants_tools_run() {
        StreamReader stream = StreamReader.of(
                writer(),
                List.of(piece(0, "call_1", "x", "{}")),
                response(FinishReason.STOP, new ToolCall("call_1", "x", "{}")));

        assertThat(stream.last().at("/delta/stop_reason").asString()).isEqualTo("tool_use");
    }

    @Test
    void line_43_a_whole_response_is_one_message() {
        ChatResponse response = ChatResponse.builder(
                        Message.assistant("Hi", "hm", List.of(new ToolCall("call_1", "x", "{\"a\":1.0}"))))
                .finishReason(FinishReason.TOOL_CALLS)
                .usage(USAGE)
                .build();

        assertThat(json(writer().whole(response)).toString())
                .isEqualTo(q("{'id':'msg_0123','type':'message','role':'assistant','model':'claude-kimi-k3','content':["
                        + "{'type':'thinking','thinking':'hm','signature':'" + GatewaySignature.of("hm") + "'},"
                        + "{'type':'text','text':'Hi'},"
                        + "{'type':'tool_use','id':'call_1','name':'x','input':{'a':1.0}}],"
                        + "'stop_reason':'tool_use','stop_sequence':null,'usage':{'input_tokens':30,"
                        + "'cache_creation_input_tokens':10,'cache_read_input_tokens':60,'output_tokens':20,"
                        + "'output_tokens_details':{'thinking_tokens':5}}}"));
    }

    @Test
    void content_that_the_protocol_has_no_place_for_is_left_out() {
        assertThat(writer().event(new ChatEvent.Other("audio", "{}"))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"Bash_0", "functions.get_weather:0", "0", "web search/ü:1", "kimi-00000000-x"})
    void line_27_an_id_that_returns_in_each_response_is_made_unique_and_turned_back(String id) {
        String one = new CallIds("req_1").outward(id, 0);
        String other = new CallIds("req_2").outward(id, 0);

        assertThat(one).matches("[A-Za-z0-9_-]+").isNotEqualTo(other);
        assertThat(CallIds.inward(one)).isEqualTo(id);
        assertThat(CallIds.inward(other)).isEqualTo(id);
    }

    @ParameterizedTest
    @CsvSource({"call_1", "toolu_01A", "call_00_aBc", "chatcmpl-tool-9f8e7d", "kimi-x"})
    void line_31_other_ids_are_unchanged(String id) {
        assertThat(new CallIds("req_1").outward(id, 0)).isEqualTo(id);
        assertThat(CallIds.inward(id)).isEqualTo(id);
    }
}
