package dev.kimi.internal.protocol.openai;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatResponse;
import dev.kimi.internal.protocol.ChatStreamDecoder;
import dev.kimi.internal.protocol.ErrorContext;
import dev.kimi.internal.protocol.Protocol;
import dev.kimi.transport.Headers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Messages in place of deltas, and counts in other spellings. */
class StreamedTextTest {

    private static final ErrorContext CONTEXT =
            new ErrorContext(1, Duration.ZERO, Instant.parse("2026-09-01T00:00:00Z"));
    private static final Protocol PROTOCOL = new OpenAiProtocol();
    private static final Headers SSE =
            Headers.builder().add("content-type", "text/event-stream").build();
    private static final String END = ",'finish_reason':'stop'";

    private final ChatStreamDecoder decoder = PROTOCOL.decoder(SSE);
    private final List<ChatEvent> events = new ArrayList<>();

    /** Choices, one for each event, without their braces. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "whole                 | 'message':{'content':'ab'}",
                "pieces                | 'message':{'content':'a'} ; 'message':{'content':'b'}",
                "the whole so far      | 'message':{'content':'a'} ; 'message':{'content':'ab'}",
                "repeated at the end   | 'message':{'content':'ab'} ; 'message':{'content':'ab'}",
                "the last one trimmed  | 'message':{'content':'a'} ; 'message':{'content':'ab'} ; 'message':{'content':'a'}",
                "behind each delta     | 'delta':{'content':'a'},'message':{'content':'a'}"
                        + " ; 'delta':{'content':'b'},'message':{'content':'ab'}",
                "before each delta     | 'message':{'content':'a'},'delta':{'content':'a'}"
                        + " ; 'message':{'content':'ab'},'delta':{'content':'b'}",
                "behind the deltas     | 'delta':{'content':'a'} ; 'delta':{'content':'b'} ; 'message':{'content':'ab'}",
                "beside the last delta | 'delta':{'content':'a'} ; 'delta':{'content':'b'}"
                        + " ; 'delta':{},'message':{'content':'ab'}",
                "beside empty deltas   | 'delta':{'content':''},'message':{'content':'a'}"
                        + " ; 'delta':{'content':''},'message':{'content':'ab'}",
                "beside null           | 'delta':null,'message':{'content':'ab'}",
                "an empty one first    | 'message':{'role':'assistant','content':''} ; 'delta':{'content':'ab'}",
            })
    void a_message_counts_for_what_no_delta_gave(String name, String choices) {
        for (String member : List.of("content", "reasoning_content")) {
            ChatStreamDecoder one = PROTOCOL.decoder(SSE);
            List<ChatEvent> out = new ArrayList<>();
            for (String choice : choices.replace("content", member).split(";")) {
                feed(one, "data: {'choices':[{" + choice.trim() + "}]}\n\n", out);
            }
            feed(one, "data: {'choices':[{'index':0" + END + "}]}\n\ndata: [DONE]\n\n", out);

            boolean text = member.equals("content");
            assertThat(text ? one.response().text() : one.response().reasoning())
                    .as(name)
                    .isEqualTo("ab");
            assertThat(text ? textOf(out) : reasoningOf(out)).as(name).isEqualTo("ab");
        }
    }

    @Test
    void a_piece_that_repeats_the_first_is_not_lost_once_it_is_known_to_be_one() {
        for (String piece : List.of("ha", "ha", "!", "!")) {
            feed("data: {'choices':[{'message':{'content':'" + piece + "'}}]}\n\n");
        }
        feed("data: {'choices':[{'message':{}" + END + "}]}\n\ndata: [DONE]\n\n");

        assertThat(decoder.response().text()).isEqualTo("haha!!");
        assertThat(textOf(events)).isEqualTo("haha!!");
    }

    /** What the completions API of old calls it; some gateways still translate from it. */
    @Test
    void text_beside_neither_delta_nor_message_is_content() {
        feed("data: {'choices':[{'text':'a','index':0}]}\n\ndata: {'choices':[{'index':0,'text':'b'" + END + "}]}\n\n");
        feed("data: {'choices':[{'index':0,'delta':{'content':'c'},'text':'c'}]}\n\ndata: [DONE]\n\n");

        assertThat(decoder.response().text()).isEqualTo("abc");
        assertThat(textOf(events)).isEqualTo("abc");
        ByteBuffer whole = ByteBuffer.wrap(
                "{\"choices\":[{\"text\":\"abc\",\"finish_reason\":\"stop\"}]}".getBytes(StandardCharsets.UTF_8));
        assertThat(PROTOCOL.decode(SSE, whole, CONTEXT).text()).isEqualTo("abc");
    }

    @Test
    void tool_calls_of_a_message_come_once() {
        String call = "{'id':'t:%d','type':'function','function':{'name':'f%d','arguments':'{}'}}";
        String first = call.formatted(0, 0);
        String both = first + "," + call.formatted(1, 1);
        for (String calls : List.of(first, both, both)) {
            feed("data: {'choices':[{'message':{'content':'','tool_calls':[" + calls + "]}}]}\n\n");
        }
        feed("data: {'choices':[{'index':0,'finish_reason':'tool_calls'}]}\n\ndata: [DONE]\n\n");

        assertThat(decoder.response().toolCalls())
                .extracting(found -> found.id() + " " + found.name() + " " + found.arguments())
                .containsExactly("t:0 f0 {}", "t:1 f1 {}");
        assertThat(events).filteredOn(ChatEvent.ToolFragment.class::isInstance).hasSize(2);
    }

    @Test
    void tool_calls_that_only_the_last_message_holds_are_not_lost() {
        feed("data: {'choices':[{'delta':{'content':'Let me see.'}}]}\n\n");
        feed("data: {'choices':[{'delta':{},'message':{'content':'Let me see.','tool_calls':[{'id':'t:0','function':"
                + "{'name':'look','arguments':'{}'}}]},'finish_reason':'tool_calls'}]}\n\ndata: [DONE]\n\n");

        assertThat(decoder.response().text()).isEqualTo("Let me see.");
        assertThat(decoder.response().toolCalls()).hasSize(1);
    }

    @Test
    void an_empty_completion_with_a_reason_to_end_is_a_response() {
        feed("data: {'choices':[{'delta':{'role':'assistant','content':''}" + END
                + "}],'usage':{'prompt_tokens':4}}\n\n");
        feed("data: [DONE]\n\n");

        assertThat(decoder.response().text()).isEmpty();
        assertThat(decoder.response().usage().promptTokens()).isEqualTo(4);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "'prompt_tokens':'100','completion_tokens':'9','total_tokens':'109','prompt_tokens_details':"
                        + "{'cached_tokens':'64'},'completion_tokens_details':{'reasoning_tokens':'4'}",
                "'prompt_tokens':100.0,'completion_tokens':9.0,'total_tokens':109.0,'cached_tokens':64.0,"
                        + "'reasoning_tokens':4.0",
                "'input_tokens':100,'output_tokens':9,'input_tokens_details':{'cached_tokens':64},"
                        + "'output_tokens_details':{'reasoning_tokens':4}",
                "'prompt_tokens':0,'completion_tokens':0,'input_tokens':100,'output_tokens':9,'input_token_details':"
                        + "{'cached_tokens':64},'output_token_details':{'reasoning_tokens':4}",
                "'input_tokens':100,'output_tokens':9,'prompt_tokens':0,'completion_tokens':0,'total_tokens':109,"
                        + "'prompt_tokens_details':{'cached_tokens':64},'completion_tokens_details':null,"
                        + "'output_tokens_details':{'reasoning_tokens':4}"
            })
    void counts_are_read_in_every_spelling(String usage) {
        String body = "{'choices':[{'index':'0','message':{'content':'x'}" + END + "}],'usage':{" + usage + "}}";

        ChatResponse whole = PROTOCOL.decode(SSE, ByteBuffer.wrap(bytes(body)), CONTEXT);

        assertThat(whole.usage()).isEqualTo(UsageFixture.usage(100, 9, 109, 64, 4));
    }

    @Test
    void counts_behind_the_end_mark_count_when_they_come_with_it() {
        feed("data: {'choices':[{'delta':{'content':'x'}" + END + "}]}\n\n");
        feed(
                "data: [DONE]\n\ndata: {'choices':[{'delta':{'content':'no'}}],'usage':{'prompt_tokens':3}}\n\ndata: junk\n\n");

        assertThat(decoder.response().text()).isEqualTo("x");
        assertThat(decoder.response().usage().promptTokens()).isEqualTo(3);
        assertThat(events).contains(new ChatEvent.Tokens(UsageFixture.usage(3, 0, 3, 0, 0)));
    }

    private void feed(String text) {
        feed(decoder, text, events);
    }

    private static void feed(ChatStreamDecoder decoder, String text, List<ChatEvent> events) {
        decoder.feed(ByteBuffer.wrap(bytes(text)), events::add);
    }

    private static byte[] bytes(String text) {
        return text.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    }

    private static String textOf(List<ChatEvent> events) {
        return events.stream()
                .map(event -> event instanceof ChatEvent.Text piece ? piece.value() : "")
                .collect(Collectors.joining());
    }

    private static String reasoningOf(List<ChatEvent> events) {
        return events.stream()
                .map(event -> event instanceof ChatEvent.Reasoning piece ? piece.value() : "")
                .collect(Collectors.joining());
    }
}
