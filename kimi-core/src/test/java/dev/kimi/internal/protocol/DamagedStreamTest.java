package dev.kimi.internal.protocol;

import static dev.kimi.internal.protocol.Dialect.event;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.kimi.chat.ChatEvent;
import dev.kimi.error.InvalidRequestException;
import dev.kimi.error.KimiException;
import dev.kimi.error.OverloadedException;
import dev.kimi.error.ServerException;
import dev.kimi.error.TruncatedStreamException;
import dev.kimi.transport.Headers;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Half characters, streams that turn unreadable or into an error, and good statuses that are no response. */
@ParameterizedClass
@EnumSource
class DamagedStreamTest {

    private static final ErrorContext CONTEXT =
            new ErrorContext(1, Duration.ZERO, Instant.parse("2026-09-01T00:00:00Z"));
    private static final Headers SSE =
            Headers.builder().add("content-type", "text/event-stream").build();

    @Parameter
    Dialect dialect = Dialect.OPENAI;

    private final List<ChatEvent> events = new ArrayList<>();

    private ChatStreamDecoder decoder() {
        return dialect.protocol().decoder(SSE);
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
        String whole = dialect.text("Hm |, yes") + dialect.finished(false) + dialect.endMark();
        int place = whole.indexOf('|');
        byte[] stream = concat(
                bytes(whole.substring(0, place)), HexFormat.of().parseHex(hex), bytes(whole.substring(place + 1)));
        for (int at = 0; at <= stream.length; at++) {
            ChatStreamDecoder one = decoder();
            one.feed(ByteBuffer.wrap(Arrays.copyOf(stream, at)), events::add);
            one.feed(ByteBuffer.wrap(Arrays.copyOfRange(stream, at, stream.length)), events::add);

            assertThat(one.response().text()).isEqualTo("Hm " + shown + ", yes");
        }
        assertThat(dialect.protocol()
                        .decode(SSE, ByteBuffer.wrap(stream), CONTEXT)
                        .text())
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
        ChatStreamDecoder decoder = decoder();
        for (String piece : pieces.split(";")) {
            feed(decoder, dialect.text(piece) + dialect.reasoning(piece));
        }
        feed(decoder, dialect.finished(false) + dialect.endMark());

        assertThat(decoder.response().text()).isEqualTo(text);
        assertThat(textOf(events)).isEqualTo(text);
        assertThat(decoder.response().reasoning()).isEqualTo(text);
        assertThat(reasoningOf(events)).isEqualTo(text);
        assertThat(events.toString()).doesNotContain("Text[0");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "data: {'choices':[{'delta':{'content':\n\n",
                "data: {'type':'content_block_delta','delta':{'text':\n\n",
                "data: secret words\n\n",
                "{'choices':[{'delta':{'content':'secret\ndata: {}\n\n",
                "data: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\n\n"
            })
    void a_stream_that_turns_unreadable_keeps_what_had_arrived(String garbled) {
        ChatStreamDecoder decoder = decoder();
        feed(decoder, counts() + dialect.text("so far") + dialect.reasoning("why"));

        KimiException failure = failureOf(() -> feed(decoder, (garbled + garbled).replace('\'', '"')));

        assertThat(failure).isInstanceOfSatisfying(TruncatedStreamException.class, cut -> {
            assertThat(cut.partial().text()).isEqualTo("so far");
            assertThat(cut.partial().reasoning()).isEqualTo("why");
            assertThat(cut.partial().promptTokens()).isEqualTo(3);
            assertThat(cut.status()).isEqualTo(200);
        });
        assertThat(failure).hasMessageContaining("cannot be read: it is");
        assertThat(failure + " " + failure.getCause()).doesNotContain("secret").doesNotContain("[[");
    }

    /** An event that says how many tokens were read. */
    private String counts() {
        return event(
                dialect == Dialect.OPENAI
                        ? "{\"choices\":[],\"usage\":{\"prompt_tokens\":3}}"
                        : "{\"type\":\"message_start\",\"message\":{\"type\":\"message\",\"usage\":{\"input_tokens\":3}}}");
    }

    @Test
    void a_stream_over_a_limit_keeps_what_had_arrived() {
        ChatStreamDecoder decoder = decoder();
        feed(decoder, dialect.text("so far"));

        KimiException failure = failureOf(() -> feed(decoder, ": " + "x".repeat(2 << 20)));

        assertThat(failure).isInstanceOf(TruncatedStreamException.class).hasMessageContaining("1048576 bytes per line");
    }

    @Test
    void an_error_after_content_is_what_it_says_and_what_had_arrived_is_kept() {
        for (String name : List.of("", "event: error\n")) {
            ChatStreamDecoder decoder = decoder();
            feed(decoder, dialect.text("so far"));

            KimiException failure =
                    failureOf(() -> feed(decoder, name + event(dialect.error("overloaded_error", "Overloaded"))));

            assertThat(failure).isInstanceOf(OverloadedException.class);
            assertThat(decoder.complete()).isFalse();
            assertThat(decoder.partial().text()).isEqualTo("so far");
        }
    }

    @Test
    void a_stream_to_a_call_that_wanted_none_must_be_whole() {
        byte[] cut = bytes(dialect.text("so far"));

        TruncatedStreamException failure = catchThrowableOfType(
                TruncatedStreamException.class, () -> dialect.protocol().decode(SSE, ByteBuffer.wrap(cut), CONTEXT));

        assertThat(failure.partial().text()).isEqualTo("so far");
    }

    @ParameterizedTest
    @ValueSource(ints = {202, 204})
    void another_good_status_is_reported(int status) {
        ErrorContext context = new ErrorContext(1, Duration.ZERO, CONTEXT.now(), status, SSE);
        for (String body : List.of("", " ", "{\"status\":\"queued\"}", "{}", dialect.endMark(), "Accepted")) {
            KimiException failure = catchThrowableOfType(
                    KimiException.class, () -> dialect.protocol().decode(SSE, ByteBuffer.wrap(bytes(body)), context));
            assertThat(failure).as(body).isInstanceOf(ServerException.class).hasMessageContaining("HTTP " + status);
            assertThat(failure.status()).isEqualTo(status);

            ChatStreamDecoder one = decoder();
            try {
                feed(one, body);
                one.end(events::add);
                assertThat(one.complete()).isFalse();
            } catch (StreamFailure e) {
                assertThat(e.toException(context).status()).isEqualTo(status);
            }
        }
    }

    @Test
    void an_error_that_comes_framed_is_read_like_one_that_does_not() {
        byte[] body = bytes("event: error\n" + event(dialect.error("not_found_error", "no model of that name")));

        assertThat(dialect.protocol().error(404, SSE, ByteBuffer.wrap(body), CONTEXT))
                .isInstanceOf(InvalidRequestException.class)
                .hasMessageContaining("no model of that name");
    }

    private KimiException failureOf(Runnable reading) {
        StreamFailure failure = catchThrowableOfType(StreamFailure.class, reading::run);
        assertThat(failure).isNotNull();
        return failure.toException(CONTEXT);
    }

    private void feed(ChatStreamDecoder decoder, String text) {
        decoder.feed(ByteBuffer.wrap(bytes(text)), events::add);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
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
