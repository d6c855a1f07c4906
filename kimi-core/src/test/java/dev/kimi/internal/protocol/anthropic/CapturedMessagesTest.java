package dev.kimi.internal.protocol.anthropic;

import static dev.kimi.internal.protocol.CapturedStreams.delicate;
import static dev.kimi.internal.protocol.CapturedStreams.hash;
import static dev.kimi.internal.protocol.CapturedStreams.isStream;
import static dev.kimi.internal.protocol.CapturedStreams.sse;
import static dev.kimi.internal.protocol.CapturedStreams.stream;
import static dev.kimi.internal.protocol.CapturedStreams.sum;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.ContentPart;
import dev.kimi.chat.Message;
import dev.kimi.chat.Provenance;
import dev.kimi.chat.ToolCall;
import dev.kimi.chat.Usage;
import dev.kimi.error.KimiException;
import dev.kimi.error.TruncatedStreamException;
import dev.kimi.internal.json.JsonReader;
import dev.kimi.internal.json.JsonWriter;
import dev.kimi.internal.model.ModelCards;
import dev.kimi.internal.protocol.CapturedStreams;
import dev.kimi.internal.protocol.Captures;
import dev.kimi.internal.protocol.Captures.Recording;
import dev.kimi.internal.protocol.ChatStreamDecoder;
import dev.kimi.internal.protocol.EncodeTarget;
import dev.kimi.internal.protocol.ErrorContext;
import dev.kimi.internal.protocol.Protocol;
import dev.kimi.internal.protocol.StreamFailure;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Recorded responses of the Messages protocol, against values that another program found in them. */
class CapturedMessagesTest {

    private static final ErrorContext CONTEXT =
            new ErrorContext(1, Duration.ZERO, Instant.parse("2026-11-01T00:00:00Z"));
    private static final Protocol PROTOCOL = new MessagesProtocol(MessagesProtocol.LATEST_VERSION);

    /** What is no message. */
    private static final List<String> ELSEWHERE =
            List.of("claude/batch-ended.json", "claude/batch-results.jsonl", "claude/count-tokens.http");

    /** A row of the table. */
    private record Expected(
            String outcome,
            String id,
            String text,
            String reasoning,
            String calls,
            String finish,
            String usage,
            String kinds,
            String content) {
        static Expected of(String[] row) {
            return new Expected(
                    row[1],
                    row[2],
                    row[3] + " " + row[4],
                    row[5] + " " + row[6],
                    row[7],
                    row[8],
                    row[9],
                    row[10],
                    row[11]);
        }
    }

    @Test
    void no_recorded_response_is_left_out() {
        List<String> inTable = rows().map(row -> row[0]).sorted().toList();

        List<String> recorded = Captures.files("claude", "kimi").stream()
                .filter(file -> file.startsWith("claude/") || file.startsWith("kimi/anthropic-endpoint-"))
                .filter(file -> !ELSEWHERE.contains(file))
                .toList();

        assertThat(recorded).isNotEmpty().isEqualTo(inTable);
    }

    @TestFactory
    Stream<DynamicTest> whole() {
        return tests((file, expected) -> {
            Recording recording = Captures.read(file);
            if (isStream(file, recording)) {
                byte[] stream = stream(file, recording);
                check(expected, decode(stream, List.of(stream.length)));
            } else {
                check(expected, PROTOCOL.decode(recording.headers(), ByteBuffer.wrap(recording.body()), CONTEXT));
            }
        });
    }

    @TestFactory
    Stream<DynamicTest> byte_by_byte() {
        return streams((file, expected) -> {
            byte[] stream = stream(file, Captures.read(file));
            check(expected, decode(stream, CapturedStreams.ones(stream)));
        });
    }

    @TestFactory
    Stream<DynamicTest> split_near_characters_and_line_ends() {
        return streams((file, expected) -> {
            byte[] stream = stream(file, Captures.read(file));
            List<Integer> places = delicate(stream);
            assertThat(places).isNotEmpty();
            for (int place : places) {
                check(expected, decode(stream, List.of(place, stream.length)));
            }
        });
    }

    @TestFactory
    Stream<DynamicTest> cut_anywhere_a_stream_is_never_whole() {
        return streams((file, expected) -> {
            byte[] stream = stream(file, Captures.read(file));
            String text = new String(stream, StandardCharsets.ISO_8859_1);
            int mark = text.lastIndexOf("\"message_stop\"");
            int end = expected.outcome().equals("complete") ? text.indexOf('}', mark) : stream.length - 1;
            for (int at = 0; at <= end; at++) {
                ChatStreamDecoder decoder = PROTOCOL.decoder(sse());
                try {
                    decoder.feed(ByteBuffer.wrap(Arrays.copyOf(stream, at)), event -> {});
                    decoder.end(event -> {});
                } catch (StreamFailure e) {
                    assertThat(expected.outcome()).isNotIn("complete", "truncated");
                }
                assertThat(decoder.complete()).as("cut at %d", at).isFalse();
            }
        });
    }

    @TestFactory
    Stream<DynamicTest> what_came_goes_back() {
        return tests((file, expected) -> {
            if (expected.outcome().equals("complete")) {
                Recording recording = Captures.read(file);
                ChatResponse response = isStream(file, recording)
                        ? decode(stream(file, recording), List.of(stream(file, recording).length))
                                .decoder()
                                .response()
                        : PROTOCOL.decode(recording.headers(), ByteBuffer.wrap(recording.body()), CONTEXT);
                assertThat(hash(sorted(written(response)))).isEqualTo(expected.content());
            }
        });
    }

    @TestFactory
    Stream<DynamicTest> a_whole_body_goes_back_byte_for_byte() {
        return tests((file, expected) -> {
            Recording recording = Captures.read(file);
            if (!isStream(file, recording)) {
                ChatResponse response =
                        PROTOCOL.decode(recording.headers(), ByteBuffer.wrap(recording.body()), CONTEXT);
                assertThat(new String(recording.body(), StandardCharsets.UTF_8))
                        .contains("\"content\":" + written(response));
            }
        });
    }

    /** The content of the response's turn, as it goes back to the one who said it. */
    private static String written(ChatResponse response) {
        Provenance origin = new Provenance(Provenance.ANTHROPIC, "api.test", response.model());
        ChatResponse known = response.toBuilder().origin(origin).build();
        ChatRequest next =
                ChatRequest.builder().message(known.message()).user("Go on.").build();
        byte[] body = PROTOCOL.encode(
                        next,
                        new EncodeTarget(
                                origin,
                                true,
                                false,
                                new ModelCards.Settings().cards().of(origin.model())))
                .body();
        String text = new String(body, StandardCharsets.UTF_8);
        int begin = text.indexOf("\"content\":") + "\"content\":".length();
        return text.substring(begin, text.indexOf("},{\"role\":\"user\"", begin));
    }

    private static String sorted(String json) {
        try (JsonReader in = new JsonReader(json.getBytes(StandardCharsets.UTF_8))) {
            in.next();
            return new String(new JsonWriter().any(sortedValue(in.any())).toByteArray(), StandardCharsets.UTF_8);
        }
    }

    private static @Nullable Object sortedValue(@Nullable Object value) {
        if (value instanceof Map<?, ?> map) {
            Map<String, @Nullable Object> sorted = new TreeMap<>();
            map.forEach((name, member) -> sorted.put((String) name, sortedValue(member)));
            return sorted;
        }
        return value instanceof List<?> list
                ? list.stream().map(CapturedMessagesTest::sortedValue).collect(Collectors.toList())
                : value;
    }

    private interface Check {
        void run(String file, Expected expected);
    }

    private static Stream<String[]> rows() {
        return Captures.table(CapturedMessagesTest.class, "captured-messages.tsv").stream();
    }

    private static Stream<DynamicTest> tests(Check check) {
        Captures.required();
        return rows().map(row -> DynamicTest.dynamicTest(row[0], () -> check.run(row[0], Expected.of(row))));
    }

    private static Stream<DynamicTest> streams(Check check) {
        Captures.required();
        return rows().filter(row -> isStream(row[0], Captures.read(row[0])))
                .map(row -> DynamicTest.dynamicTest(row[0], () -> check.run(row[0], Expected.of(row))));
    }

    /** What came out, and the failure that it ended with, if any. */
    private record Outcome(
            ChatStreamDecoder decoder,
            List<ChatEvent> events,
            @Nullable KimiException failure) {}

    private static Outcome decode(byte[] stream, List<Integer> ends) {
        ChatStreamDecoder decoder = PROTOCOL.decoder(sse());
        List<ChatEvent> events = new ArrayList<>();
        try {
            int from = 0;
            for (int end : ends) {
                byte[] piece = Arrays.copyOfRange(stream, from, end);
                decoder.feed(ByteBuffer.wrap(piece), events::add);
                Arrays.fill(piece, (byte) '#');
                from = end;
            }
            decoder.end(events::add);
        } catch (StreamFailure e) {
            return new Outcome(decoder, events, e.toException(CONTEXT));
        }
        return new Outcome(decoder, events, null);
    }

    private static void check(Expected expected, Outcome outcome) {
        assertThat(ended(outcome)).isEqualTo(expected.outcome());
        checkEvents(expected, outcome);
        TruncatedStreamException.Partial partial = outcome.decoder().partial();
        assertThat(sum(partial.text())).isEqualTo(expected.text());
        assertThat(sum(partial.reasoning())).isEqualTo(expected.reasoning());
        assertThat(calls(partial.toolCalls().stream().map(call -> call(call.id(), call.name(), call.arguments()))))
                .isEqualTo(expected.calls());
        if (outcome.decoder().complete()) {
            check(expected, outcome.decoder().response());
        } else {
            assertThatThrownBy(outcome.decoder()::response).isInstanceOf(IllegalStateException.class);
        }
    }

    private static String ended(Outcome outcome) {
        KimiException failure = outcome.failure();
        if (failure != null) {
            return failure instanceof TruncatedStreamException ? "unreadable" : "error " + failure.errorType();
        }
        return outcome.decoder().complete() ? "complete" : "truncated";
    }

    private static void check(Expected expected, ChatResponse response) {
        assertThat(response.id()).isEqualTo(expected.id());
        assertThat(response.model()).isNotEmpty();
        assertThat(sum(response.text())).isEqualTo(expected.text());
        assertThat(sum(response.reasoning() == null ? "" : response.reasoning()))
                .isEqualTo(expected.reasoning());
        assertThat(calls(response.toolCalls().stream().map(call -> call(call.id(), call.name(), call.arguments()))))
                .isEqualTo(expected.calls());
        assertThat(response.finishReason().value()).isEqualTo(expected.finish());
        assertThat(usage(response.usage())).isEqualTo(expected.usage());
        assertThat(response.message().blocks().stream()
                        .map(CapturedMessagesTest::kind)
                        .collect(Collectors.joining(",")))
                .isEqualTo(expected.kinds());
    }

    private static String kind(Message.Block block) {
        ContentPart content = block.content();
        if (content instanceof ContentPart.Opaque opaque) {
            return opaque.type();
        }
        return content instanceof ContentPart.Text
                ? "text"
                : content instanceof ContentPart.Reasoning
                        ? "thinking"
                        : content instanceof ToolCall ? "tool_use" : content.toString();
    }

    /** The events alone must make the same response. */
    private static void checkEvents(Expected expected, Outcome outcome) {
        StringBuilder text = new StringBuilder();
        StringBuilder reasoning = new StringBuilder();
        List<String[]> calls = new ArrayList<>();
        List<String> others = new ArrayList<>();
        String finish = "-";
        String usage = "-";
        for (ChatEvent event : outcome.events()) {
            if (event instanceof ChatEvent.Text piece) {
                assertThat(piece.value()).isNotEmpty();
                text.append(piece.value());
            } else if (event instanceof ChatEvent.Reasoning piece) {
                assertThat(piece.value()).isNotEmpty();
                reasoning.append(piece.value());
            } else if (event instanceof ChatEvent.ToolFragment piece) {
                if (piece.index() == calls.size()) {
                    calls.add(new String[] {piece.id(), piece.name(), ""});
                }
                calls.get(piece.index())[2] += piece.arguments();
            } else if (event instanceof ChatEvent.Tokens tokens) {
                usage = usage(tokens.usage());
            } else if (event instanceof ChatEvent.Finished finished) {
                finish = finished.reason().value();
            } else if (event instanceof ChatEvent.Other other) {
                others.add(other.type());
            }
        }
        assertThat(sum(text.toString())).isEqualTo(expected.text());
        assertThat(sum(reasoning.toString())).isEqualTo(expected.reasoning());
        assertThat(calls(calls.stream().map(call -> call(call[0], call[1], call[2].isEmpty() ? "{}" : call[2]))))
                .isEqualTo(expected.calls());
        assertThat(finish).isEqualTo(expected.finish());
        if (outcome.decoder().complete()) {
            assertThat(usage).isEqualTo(expected.usage());
            assertThat(others)
                    .isEqualTo(Arrays.stream(expected.kinds().split(","))
                            .filter(kind ->
                                    !List.of("text", "thinking", "tool_use").contains(kind))
                            .toList());
        }
    }

    private static String usage(Usage usage) {
        return usage.promptTokens() + "/" + usage.completionTokens() + "/" + usage.totalTokens() + "/"
                + usage.cachedTokens() + "/" + usage.cacheWriteTokens() + "/" + usage.reasoningTokens();
    }

    private static String calls(Stream<String> calls) {
        String all = calls.collect(Collectors.joining(";"));
        return all.isEmpty() ? "-" : all;
    }

    private static String call(String id, String name, String arguments) {
        return id + "," + name + "," + hash(arguments);
    }
}
