package dev.kimi.internal.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.kimi.chat.ChatResponse;
import dev.kimi.error.KimiException;
import dev.kimi.error.ServerException;
import dev.kimi.error.TruncatedStreamException;
import dev.kimi.internal.json.JsonReader;
import dev.kimi.transport.Headers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Responses that are too much: what is reported, and that nothing is lost of one that was whole before. */
@ParameterizedClass
@EnumSource
class ResponseLimitsTest {

    private static final int MIB = 1 << 20;
    private static final ErrorContext CONTEXT =
            new ErrorContext(1, Duration.ZERO, Instant.parse("2026-09-01T00:00:00Z"));
    private static final Headers SSE =
            Headers.builder().add("content-type", "text/event-stream").build();
    private static final Headers JSON =
            Headers.builder().add("content-type", "application/json").build();

    @Parameter
    Dialect dialect = Dialect.OPENAI;

    private ChatStreamDecoder stream;

    @BeforeEach
    void begin() {
        stream = dialect.protocol().decoder(SSE);
    }

    /** A stream of one piece of text, whole. */
    private String whole() {
        return dialect.text("x") + dialect.finished(false) + dialect.endMark();
    }

    @Test
    void a_line_over_its_limit_is_reported_by_its_name() {
        String tooMuch = "x".repeat(MIB);
        for (String line : List.of("data: " + tooMuch, ": " + tooMuch, dialect.text(tooMuch))) {
            begin();
            assertThat(failure(line))
                    .isInstanceOf(ServerException.class)
                    .hasMessageContaining("over its limit of 1048576 bytes per line");
        }
    }

    @Test
    void an_event_over_its_limit_is_reported_by_its_name() {
        String line = "data: " + "x".repeat(1000) + "\n";
        assertThat(failure(line.repeat(9 * 1024))).hasMessageContaining("over its limit of 8388608 bytes per event");
    }

    @Test
    void a_flood_of_comments_is_reported_by_its_name() {
        assertThat(failure(": ping\n\n".repeat(MIB))).hasMessageContaining("over its limit of 4194304 bytes per idle");
    }

    @Test
    void a_flood_of_empty_events_is_reported_by_its_name() {
        String block = "data:\n\n".repeat(MIB);
        KimiException failure = failureOf(() -> {
            for (int i = 0; i < 10; i++) {
                feed(block);
            }
        });
        assertThat(failure)
                .isInstanceOf(ServerException.class)
                .hasMessageContaining("over its limit of 67108864 bytes per stream");
    }

    /** The transport hands over what the socket had, and a response that was whole before is whole. */
    @ParameterizedTest
    @ValueSource(ints = {2 * MIB, 65 * MIB})
    void what_follows_the_end_mark_in_the_same_chunk_is_held_to_no_limit(int bytes) {
        feed(whole() + "x".repeat(bytes));

        assertThat(stream.complete()).isTrue();
        assertThat(stream.response().text()).isEqualTo("x");
    }

    @Test
    void an_end_mark_just_before_the_streams_limit_counts_whatever_follows() {
        String filler = "data: {}\n" + ": " + "x".repeat(1000) + "\n\n";
        long room = 64L * MIB - whole().length();
        byte[] block = filler.repeat(64).getBytes(StandardCharsets.UTF_8);
        while (room > block.length) {
            stream.feed(ByteBuffer.wrap(block), event -> {});
            room -= block.length;
        }

        feed(":" + "x".repeat((int) room - 2) + "\n" + whole() + "data: more\n\n");

        assertThat(stream.complete()).isTrue();
    }

    @Test
    void what_follows_the_end_mark_later_is_not_counted() {
        feed(whole());

        String block = dialect.text("more").repeat(64 * 1024);
        for (int i = 0; i < 32; i++) {
            feed(block);
        }

        assertThat(stream.response().text()).isEqualTo("x");
    }

    /** One byte of JSON can be thirty of objects, so that bytes alone are no bound for what is kept as it came. */
    @Test
    void structures_that_are_kept_are_counted() {
        String many = "{},".repeat(100_000) + "{}";
        for (String event : keptStructures()) {
            begin();
            KimiException failure = failureOf(() -> {
                for (int i = 0; i < 20; i++) {
                    String json = event.replace("%d", String.valueOf(i)).replace("%s", many);
                    feed("data: " + json + "\n\n");
                }
            });

            assertThat(failure)
                    .as(event)
                    .isInstanceOfAny(ServerException.class, TruncatedStreamException.class)
                    .hasMessageContaining("more values");
        }
    }

    private List<String> keptStructures() {
        return dialect == Dialect.OPENAI
                ? List.of(
                        "{\"choices\":[{\"delta\":{\"reasoning_details\":[%s]}}]}",
                        "{\"choices\":[{\"delta\":{\"reasoning_details\":[{\"index\":%d,\"x\":[%s]}]}}]}",
                        "{\"choices\":[{\"delta\":{\"reasoning_details\":[{\"index\":0,\"x%d\":[%s]}]}}]}",
                        "{\"choices\":[{\"delta\":{}}],\"x%d\":[%s]}")
                : List.of(
                        "{\"type\":\"content_block_start\",\"index\":%d,\"content_block\":{\"type\":\"new\",\"x\":[%s]}}",
                        "{\"type\":\"content_block_start\",\"index\":%d,\"content_block\":{\"type\":\"text\"}}\n\n"
                                + "data: {\"type\":\"content_block_delta\",\"index\":%d,\"delta\":{\"type\":\"citations_delta\","
                                + "\"citation\":{\"x\":[%s]}}}",
                        "{\"type\":\"message_delta\",\"delta\":{\"stop_details%d\":[%s]}}",
                        "{\"type\":\"message_delta\",\"delta\":{},\"x%d\":[%s]}");
    }

    @Test
    void a_hundred_thousand_fragments_of_reasoning_are_none_too_many() {
        String event = dialect == Dialect.OPENAI
                ? "data: {\"choices\":[{\"delta\":{\"reasoning_details\":[{\"type\":\"reasoning.text\",\"text\":\"a\"}]}}]}\n\n"
                : dialect.reasoning("a");
        for (int i = 0; i < 100; i++) {
            feed(event.repeat(1000));
        }
        feed(whole());

        assertThat(stream.response().reasoning()).hasSize(100_000);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"to\":\"a\",\"to\":\"b\"}",
                "{\"to\":\"a\",\"\\u0074o\":\"b\"}",
                "{\"in\":{\"to\":\"a\",\"to\":\"b\"}}",
                "{\"in\":[{\"to\":\"a\",\"to\":\"a\"}]}"
            })
    void with_the_same_name_twice_in_its_arguments_a_tool_call_is_none(String arguments) {
        String events = dialect.toolCall("pay", arguments) + dialect.finished(true) + dialect.endMark();
        if (dialect == Dialect.ANTHROPIC) {
            // whose service streams arguments that are no JSON at times, and wants to hear of them
            feed(events);
            assertIsCut(stream.response(), arguments);
            withCall(arguments).forEach(body -> assertIsCut(decode(body), arguments));
            return;
        }
        assertThat(failureOf(() -> feed(events))).isInstanceOf(ServerException.class);
        assertThat(stream.complete()).isFalse();
        for (String body : withCall(arguments)) {
            assertThatThrownBy(() -> decode(body)).as(body).isInstanceOf(ServerException.class);
        }
    }

    private static void assertIsCut(ChatResponse response, String arguments) {
        assertThat(response.toolCalls()).isEmpty();
        assertThat(response.cutToolCalls())
                .singleElement()
                .satisfies(cut -> assertThat(cut.arguments()).isEqualTo(arguments));
    }

    @Test
    void the_same_name_in_different_objects_of_the_arguments_is_none_twice() {
        for (String body : withCall("{\"to\":{\"to\":[{\"to\":1},{\"to\":1}]}}")) {
            assertThat(decode(body).toolCalls()).hasSize(1);
        }
    }

    /** Whole responses with a tool call: its arguments as an object, and as text where a protocol has that too. */
    private List<String> withCall(String arguments) {
        if (dialect == Dialect.ANTHROPIC) {
            return List.of(
                    "{\"type\":\"message\",\"content\":[{\"type\":\"tool_use\",\"id\":\"x\",\"name\":\"pay\",\"input\":"
                            + arguments + "}],\"stop_reason\":\"tool_use\"}");
        }
        String quoted = '"' + arguments.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
        return Stream.of(arguments, quoted)
                .map(sent -> "{\"choices\":[{\"message\":{\"tool_calls\":[{\"index\":0,\"id\":\"x\",\"function\":"
                        + "{\"name\":\"pay\",\"arguments\":" + sent + "}}]},\"finish_reason\":\"tool_calls\"}]}")
                .toList();
    }

    @Test
    void one_body_in_place_of_a_stream_may_be_as_long_as_a_document_and_no_byte_longer() {
        byte[] blanks = " ".repeat(MIB).getBytes(StandardCharsets.US_ASCII);
        String whole = dialect.whole("x");
        String response = whole.substring(0, whole.length() - 1);
        for (int more : new int[] {0, 1}) {
            ChatStreamDecoder body = dialect.protocol().decoder(JSON);
            feed(body, response);
            for (int i = 0; i < 31; i++) {
                body.feed(ByteBuffer.wrap(blanks), event -> {});
            }
            body.feed(ByteBuffer.wrap(blanks, 0, MIB - response.length() - 1), event -> {});
            if (more == 0) {
                feed(body, "}");
                assertThat(body.response().text()).isEqualTo("x");
            } else {
                assertThatThrownBy(() -> feed(body, " }"))
                        .isInstanceOfSatisfying(
                                StreamFailure.class,
                                e -> assertThat(e.toException(CONTEXT))
                                        .isInstanceOf(ServerException.class)
                                        .hasMessageContaining("longer than " + JsonReader.MAX_DOCUMENT + " bytes"));
            }
        }
    }

    @Test
    void blanks_before_one_body_are_not_kept_and_held_to_the_streams_limit() {
        ChatStreamDecoder body = dialect.protocol().decoder(JSON);
        byte[] blanks = " ".repeat(MIB).getBytes(StandardCharsets.US_ASCII);
        for (int i = 0; i < 64; i++) {
            body.feed(ByteBuffer.wrap(blanks), event -> {});
        }

        assertThat(failureOf(() -> feed(body, " "))).hasMessageContaining("67108864 bytes per stream");
    }

    private ChatResponse decode(String body) {
        return dialect.protocol().decode(JSON, ByteBuffer.wrap(body.getBytes(StandardCharsets.UTF_8)), CONTEXT);
    }

    private KimiException failure(String text) {
        return failureOf(() -> feed(text));
    }

    private KimiException failureOf(Runnable reading) {
        StreamFailure failure = catchThrowableOfType(StreamFailure.class, reading::run);
        assertThat(failure).isNotNull();
        return failure.toException(CONTEXT);
    }

    private void feed(String text) {
        feed(stream, text);
    }

    private static void feed(ChatStreamDecoder decoder, String text) {
        decoder.feed(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)), event -> {});
    }
}
