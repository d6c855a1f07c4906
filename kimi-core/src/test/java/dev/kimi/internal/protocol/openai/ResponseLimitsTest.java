package dev.kimi.internal.protocol.openai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.kimi.chat.ChatResponse;
import dev.kimi.error.KimiException;
import dev.kimi.error.ServerException;
import dev.kimi.internal.json.JsonReader;
import dev.kimi.internal.protocol.ChatStreamDecoder;
import dev.kimi.internal.protocol.ErrorContext;
import dev.kimi.internal.protocol.StreamFailure;
import dev.kimi.transport.Headers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Responses that are too much: what is reported, and that nothing is lost of one that was whole before. */
class ResponseLimitsTest {

    private static final int MIB = 1 << 20;
    private static final OpenAiProtocol PROTOCOL = new OpenAiProtocol();
    private static final ErrorContext CONTEXT =
            new ErrorContext(1, Duration.ZERO, Instant.parse("2026-09-01T00:00:00Z"));
    private static final Headers SSE =
            Headers.builder().add("content-type", "text/event-stream").build();
    private static final Headers JSON =
            Headers.builder().add("content-type", "application/json").build();
    private static final String TEXT =
            "data: {\"choices\":[{\"delta\":{\"content\":\"x\"},\"finish_reason\":\"stop\"}]}\n\n";
    private static final String DONE = "data: [DONE]\n\n";

    private final ChatStreamDecoder stream = PROTOCOL.decoder(SSE);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "data: %s",
                ": %s",
                "data: {\"choices\":[{\"delta\":{\"content\":\"%s\"}}]}\n\n",
            })
    void a_line_over_its_limit_is_reported_by_its_name(String line) {
        assertThat(failure(line.formatted("x".repeat(MIB))))
                .isInstanceOf(ServerException.class)
                .hasMessageContaining("over its limit of 1048576 bytes per line");
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
        feed(TEXT + DONE + "x".repeat(bytes));

        assertThat(stream.complete()).isTrue();
        assertThat(stream.response().text()).isEqualTo("x");
    }

    @Test
    void an_end_mark_just_before_the_streams_limit_counts_whatever_follows() {
        String filler = "data: {}\n" + ": " + "x".repeat(1000) + "\n\n";
        long room = 64L * MIB - TEXT.length() - DONE.length();
        byte[] block = filler.repeat(64).getBytes(StandardCharsets.UTF_8);
        while (room > block.length) {
            stream.feed(ByteBuffer.wrap(block), event -> {});
            room -= block.length;
        }

        feed(":" + "x".repeat((int) room - 2) + "\n" + TEXT + DONE + "data: more\n\n");

        assertThat(stream.complete()).isTrue();
    }

    @Test
    void what_follows_the_end_mark_later_is_not_counted() {
        feed(TEXT + DONE);

        String block = "data: {\"choices\":[{\"delta\":{\"content\":\"more\"}}]}\n\n".repeat(64 * 1024);
        for (int i = 0; i < 32; i++) {
            feed(block);
        }

        assertThat(stream.response().text()).isEqualTo("x");
    }

    /** One byte of JSON can be thirty of objects, so that bytes alone are no bound for what is kept as it came. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"choices\":[{\"delta\":{\"reasoning_details\":[%s]}}]}",
                "{\"choices\":[{\"delta\":{\"reasoning_details\":[{\"index\":%d,\"x\":[%s]}]}}]}",
                "{\"choices\":[{\"delta\":{\"reasoning_details\":[{\"index\":0,\"x%d\":[%s]}]}}]}",
                "{\"choices\":[{\"delta\":{}}],\"x%d\":[%s]}"
            })
    void structures_that_are_kept_are_counted(String event) {
        String many = "{},".repeat(100_000) + "{}";

        KimiException failure = failureOf(() -> {
            for (int i = 0; i < 20; i++) {
                String json = event.replace("%d", String.valueOf(i)).replace("%s", many);
                feed("data: " + json + "\n\n");
            }
        });

        assertThat(failure).isInstanceOf(ServerException.class).hasMessageContaining("more values");
    }

    @Test
    void a_hundred_thousand_fragments_of_reasoning_are_none_too_many() {
        String event =
                "data: {\"choices\":[{\"delta\":{\"reasoning_details\":[{\"type\":\"reasoning.text\",\"text\":\"a\"}]}}]}\n\n";
        for (int i = 0; i < 100; i++) {
            feed(event.repeat(1000));
        }
        feed(TEXT + DONE);

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
    void the_same_name_twice_in_the_arguments_of_a_tool_is_rejected(String arguments) {
        String quoted = arguments.replace("\\", "\\\\").replace("\"", "\\\"");
        for (String sent : new String[] {arguments, '"' + quoted + '"'}) {
            String calls = "{\"tool_calls\":[{\"index\":0,\"id\":\"x\",\"function\":{\"name\":\"pay\",\"arguments\":"
                    + sent + "}}]}";

            ChatStreamDecoder decoder = PROTOCOL.decoder(SSE);
            StreamFailure streamed = catchThrowableOfType(
                    StreamFailure.class,
                    () -> feed(
                            decoder,
                            "data: {\"choices\":[{\"delta\":" + calls + ",\"finish_reason\":\"tool_calls\"}]}\n\n"
                                    + DONE));
            assertThat(streamed.toException(CONTEXT)).as(sent).isInstanceOf(ServerException.class);
            assertThat(decoder.complete()).isFalse();
            assertThatThrownBy(() ->
                            decode("{\"choices\":[{\"message\":" + calls + ",\"finish_reason\":\"tool_calls\"}]}"))
                    .as(sent)
                    .isInstanceOf(ServerException.class);
        }
    }

    @Test
    void the_same_name_in_different_objects_of_the_arguments_is_none_twice() {
        String calls = "{\"tool_calls\":[{\"index\":0,\"id\":\"x\",\"function\":{\"name\":\"pay\",\"arguments\":"
                + "{\"to\":{\"to\":[{\"to\":1},{\"to\":1}]}}}}]}";

        assertThat(decode("{\"choices\":[{\"message\":" + calls + ",\"finish_reason\":\"tool_calls\"}]}")
                        .toolCalls())
                .hasSize(1);
    }

    @Test
    void one_body_in_place_of_a_stream_may_be_as_long_as_a_document_and_no_byte_longer() {
        byte[] blanks = " ".repeat(MIB).getBytes(StandardCharsets.US_ASCII);
        String response = "{\"choices\":[{\"message\":{\"content\":\"x\"},\"finish_reason\":\"stop\"}]";
        for (int more : new int[] {0, 1}) {
            ChatStreamDecoder body = PROTOCOL.decoder(JSON);
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
        ChatStreamDecoder body = PROTOCOL.decoder(JSON);
        byte[] blanks = " ".repeat(MIB).getBytes(StandardCharsets.US_ASCII);
        for (int i = 0; i < 64; i++) {
            body.feed(ByteBuffer.wrap(blanks), event -> {});
        }

        assertThat(failureOf(() -> feed(body, " "))).hasMessageContaining("67108864 bytes per stream");
    }

    private static ChatResponse decode(String body) {
        return PROTOCOL.decode(JSON, ByteBuffer.wrap(body.getBytes(StandardCharsets.UTF_8)), CONTEXT);
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
