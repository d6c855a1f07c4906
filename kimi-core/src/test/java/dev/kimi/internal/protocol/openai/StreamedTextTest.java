package dev.kimi.internal.protocol.openai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatResponse;
import dev.kimi.error.KimiException;
import dev.kimi.error.ServerException;
import dev.kimi.error.TruncatedStreamException;
import dev.kimi.internal.protocol.ChatStreamDecoder;
import dev.kimi.internal.protocol.ErrorContext;
import dev.kimi.internal.protocol.Protocol;
import dev.kimi.internal.protocol.StreamFailure;
import dev.kimi.transport.Headers;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Messages in place of deltas, half characters, counts in other spellings, and streams that turn unreadable. */
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
    @CsvSource({
        "E69C,  \uFFFD",
        "FF,    \uFFFD",
        "C0AF,  \uFFFD\uFFFD",
        "EDA080, \uFFFD",
        "F09F98, \uFFFD",
        "E69C88, \u6708",
    })
    void what_is_no_utf8_is_replaced_wherever_the_stream_is_split(String hex, String shown) {
        byte[] stream = concat(
                bytes("data: {'id':'r','choices':[{'delta':{'content':'Hm "),
                java.util.HexFormat.of().parseHex(hex),
                bytes(", yes'" + "}" + END + "}]}\n\ndata: [DONE]\n\n"));
        for (int at = 0; at <= stream.length; at++) {
            ChatStreamDecoder one = PROTOCOL.decoder(SSE);
            one.feed(ByteBuffer.wrap(Arrays.copyOf(stream, at)), events::add);
            one.feed(ByteBuffer.wrap(Arrays.copyOfRange(stream, at, stream.length)), events::add);

            assertThat(one.response().text()).isEqualTo("Hm " + shown + ", yes");
        }
        assertThat(PROTOCOL.decode(SSE, ByteBuffer.wrap(stream), CONTEXT).text())
                .isEqualTo("Hm " + shown + ", yes");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\\ud83d; x   | \uFFFD x",
                "\\ude00; x   | \uFFFD x",
                "\\ud83d;\\ude00 x | \uD83D\uDE00 x",
                "\\ud83d\\ude00; x | \uD83D\uDE00 x",
                "a\\ud83d;\\ud83d;\\ude00 x | a\uFFFD\uD83D\uDE00 x",
                "x;\\ud83d    | x\uFFFD",
            })
    void halves_of_a_character_are_put_together_or_replaced(String pieces, String text) {
        for (String piece : pieces.split(";")) {
            feed("data: {'choices':[{'delta':{'content':'" + piece + "','reasoning_content':'" + piece + "'}}]}\n\n");
        }
        feed("data: [DONE]\n\n");

        assertThat(decoder.response().text()).isEqualTo(text);
        assertThat(textOf(events)).isEqualTo(text);
        assertThat(decoder.response().reasoning()).isEqualTo(text);
        assertThat(reasoningOf(events)).isEqualTo(text);
        assertThat(events.toString()).doesNotContain("Text[0");
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

    @ParameterizedTest
    @ValueSource(
            strings = {
                "data: {'choices':[{'delta':{'content':\n\n",
                "data: secret words\n\n",
                "{'choices':[{'delta':{'content':'secret\ndata: {}\n\n",
                "data: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\n\n"
            })
    void a_stream_that_turns_unreadable_keeps_what_had_arrived(String garbled) {
        feed(
                "data: {'choices':[{'delta':{'content':'so far','reasoning_content':'why'}}],'usage':{'prompt_tokens':3}}\n\n");

        KimiException failure = failureOf(() -> feed(garbled + garbled));

        assertThat(failure).isInstanceOfSatisfying(TruncatedStreamException.class, cut -> {
            assertThat(cut.partial().text()).isEqualTo("so far");
            assertThat(cut.partial().reasoning()).isEqualTo("why");
            assertThat(cut.partial().promptTokens()).isEqualTo(3);
            assertThat(cut.status()).isEqualTo(200);
        });
        assertThat(failure).hasMessageContaining("cannot be read: it is");
        assertThat(failure + " " + failure.getCause()).doesNotContain("secret").doesNotContain("[[");
    }

    @Test
    void a_stream_over_a_limit_keeps_what_had_arrived() {
        feed("data: {'choices':[{'delta':{'content':'so far'}}]}\n\n");

        KimiException failure = failureOf(() -> feed(": " + "x".repeat(2 << 20)));

        assertThat(failure).isInstanceOf(TruncatedStreamException.class).hasMessageContaining("1048576 bytes per line");
    }

    @Test
    void a_stream_to_a_call_that_wanted_none_must_be_whole() {
        byte[] cut = bytes("data: {'choices':[{'delta':{'content':'so far'}}]}\n\n");

        TruncatedStreamException failure = catchThrowableOfType(
                TruncatedStreamException.class, () -> PROTOCOL.decode(SSE, ByteBuffer.wrap(cut), CONTEXT));

        assertThat(failure.partial().text()).isEqualTo("so far");
    }

    @ParameterizedTest
    @ValueSource(ints = {202, 204})
    void another_good_status_is_reported(int status) {
        ErrorContext context = new ErrorContext(1, Duration.ZERO, CONTEXT.now(), status, SSE);
        for (String body : List.of("", " ", "{'status':'queued'}", "{}", "data: [DONE]\n\n", "Accepted")) {
            KimiException failure = catchThrowableOfType(
                    KimiException.class, () -> PROTOCOL.decode(SSE, ByteBuffer.wrap(bytes(body)), context));
            assertThat(failure).as(body).isInstanceOf(ServerException.class).hasMessageContaining("HTTP " + status);
            assertThat(failure.status()).isEqualTo(status);

            ChatStreamDecoder one = PROTOCOL.decoder(SSE);
            try {
                feed(one, body, events);
                one.end(events::add);
                assertThat(one.complete()).isFalse();
            } catch (StreamFailure e) {
                assertThat(e.toException(context).status()).isEqualTo(status);
            }
        }
    }

    @Test
    void an_error_that_comes_framed_is_read_like_one_that_does_not() {
        byte[] body = bytes("event: error\ndata: {'error':{'message':'no model of that name'}}\n\n");

        assertThat(PROTOCOL.error(404, SSE, ByteBuffer.wrap(body), CONTEXT))
                .hasMessageContaining("no model of that name");
    }

    private KimiException failureOf(Runnable reading) {
        StreamFailure failure = catchThrowableOfType(StreamFailure.class, reading::run);
        assertThat(failure).isNotNull();
        return failure.toException(CONTEXT);
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

    private static byte[] concat(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
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
