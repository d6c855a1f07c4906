package dev.kimi.internal.protocol.openai;

import static dev.kimi.internal.protocol.CapturedStreams.delicate;
import static dev.kimi.internal.protocol.CapturedStreams.hash;
import static dev.kimi.internal.protocol.CapturedStreams.isStream;
import static dev.kimi.internal.protocol.CapturedStreams.sse;
import static dev.kimi.internal.protocol.CapturedStreams.stream;
import static dev.kimi.internal.protocol.CapturedStreams.sum;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.ToolCall;
import dev.kimi.error.ServerException;
import dev.kimi.error.TruncatedStreamException;
import dev.kimi.internal.protocol.CapturedStreams;
import dev.kimi.internal.protocol.Captures;
import dev.kimi.internal.protocol.Captures.Recording;
import dev.kimi.internal.protocol.ChatStreamDecoder;
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
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Recorded OpenAI-style responses, against values that another program found in them. */
class CapturedChatsTest {

    private static final ErrorContext CONTEXT =
            new ErrorContext(1, Duration.ZERO, Instant.parse("2026-09-01T00:00:00Z"));
    private static final Protocol PROTOCOL = new OpenAiProtocol();

    /** Other protocols, and what is no chat. */
    private static final List<String> ELSEWHERE = List.of("kimi/anthropic-endpoint-", "kimi/users-me-balance");

    /** A row of the table. */
    private record Expected(
            String outcome, String id, String text, String reasoning, String calls, String finish, String usage) {
        static Expected of(String[] row) {
            return new Expected(row[1], row[2], row[3] + " " + row[4], row[5] + " " + row[6], row[7], row[8], row[9]);
        }
    }

    @Test
    void no_recorded_response_is_left_out() {
        List<String> inTable = rows().map(row -> row[0]).sorted().toList();

        List<String> recorded = Captures.files("kimi", "openai-compatible").stream()
                .filter(file -> ELSEWHERE.stream().noneMatch(file::startsWith))
                .toList();

        assertThat(recorded).isNotEmpty().isEqualTo(inTable);
    }

    @TestFactory
    Stream<DynamicTest> whole() {
        return tests((file, expected) -> {
            Recording recording = Captures.read(file);
            if (isStream(file, recording)) {
                byte[] stream = stream(file, recording);
                check(expected, decode(recording, stream, List.of(stream.length)));
            } else {
                check(expected, PROTOCOL.decode(recording.headers(), ByteBuffer.wrap(recording.body()), CONTEXT));
            }
        });
    }

    @TestFactory
    Stream<DynamicTest> byte_by_byte() {
        return streams((file, expected) -> {
            byte[] stream = stream(file, Captures.read(file));
            check(expected, decode(Captures.read(file), stream, CapturedStreams.ones(stream)));
        });
    }

    @TestFactory
    Stream<DynamicTest> split_near_characters_and_line_ends() {
        return streams((file, expected) -> {
            Recording recording = Captures.read(file);
            byte[] stream = stream(file, recording);
            List<Integer> places = delicate(stream);
            assertThat(places).isNotEmpty();
            // Every place in long files would take minutes, and they repeat themselves.
            int step = 1 + places.size() * (stream.length / 1024) / 20_000;
            for (int i = 0; i < places.size(); i += step) {
                check(expected, decode(recording, stream, List.of(places.get(i), stream.length)));
            }
        });
    }

    @TestFactory
    Stream<DynamicTest> cut_anywhere_a_stream_is_never_whole() {
        return streams((file, expected) -> {
            byte[] stream = stream(file, Captures.read(file));
            int whole = new String(stream, StandardCharsets.ISO_8859_1).indexOf("[DONE]") + "[DONE]".length();
            int end = expected.outcome().equals("complete") ? whole : stream.length;
            int step = 1 + end / 400;
            for (int at = 0; at < end; at += step) {
                ChatStreamDecoder decoder = PROTOCOL.decoder(sse());
                byte[] cut = Arrays.copyOf(stream, at);
                try {
                    decoder.feed(ByteBuffer.wrap(cut), event -> {});
                    decoder.end(event -> {});
                } catch (StreamFailure e) {
                    assertThat(expected.outcome()).isEqualTo("unreadable");
                }
                assertThat(decoder.complete()).as("cut at %d", at).isFalse();
            }
        });
    }

    private interface Check {
        void run(String file, Expected expected);
    }

    private static Stream<String[]> rows() {
        return Captures.table(CapturedChatsTest.class, "captured-chats.tsv").stream();
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

    /** What came out: the response where there is one, else what had arrived, and the events in between. */
    private record Outcome(ChatStreamDecoder decoder, List<ChatEvent> events, boolean unreadable) {}

    private static Outcome decode(Recording recording, byte[] stream, List<Integer> ends) {
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
            assertThat(e.toException(CONTEXT)).isInstanceOf(ServerException.class);
            return new Outcome(decoder, events, true);
        }
        return new Outcome(decoder, events, false);
    }

    private static void check(Expected expected, Outcome outcome) {
        String ended = outcome.unreadable() ? "unreadable" : outcome.decoder().complete() ? "complete" : "truncated";
        assertThat(ended).isEqualTo(expected.outcome());
        checkEvents(expected, outcome.events());
        TruncatedStreamException.Partial partial = outcome.decoder().partial();
        assertThat(sum(partial.text())).isEqualTo(expected.text());
        assertThat(sum(partial.reasoning())).isEqualTo(expected.reasoning());
        assertThat(calls(partial.toolCalls().stream()
                        .map(call -> call(call.id(), call.name(), call.arguments()))
                        .toList()))
                .isEqualTo(expected.calls());
        if (outcome.decoder().complete()) {
            check(expected, outcome.decoder().response());
        } else {
            assertThatThrownBy(outcome.decoder()::response).isInstanceOf(IllegalStateException.class);
        }
    }

    private static void check(Expected expected, ChatResponse response) {
        assertThat(response.id()).isEqualTo(expected.id());
        assertThat(response.model()).isNotEmpty();
        assertThat(sum(response.text())).isEqualTo(expected.text());
        assertThat(sum(response.reasoning())).isEqualTo(expected.reasoning());
        assertThat(calls(response.toolCalls().stream()
                        .map((ToolCall call) -> call(call.id(), call.name(), call.arguments()))
                        .toList()))
                .isEqualTo(expected.calls());
        assertThat(response.finishReason().value()).isEqualTo(expected.finish());
        assertThat(usage(response.usage())).isEqualTo(expected.usage().equals("-") ? "0/0/0/0/0" : expected.usage());
    }

    /** The events alone must make the same response. */
    private static void checkEvents(Expected expected, List<ChatEvent> events) {
        StringBuilder text = new StringBuilder();
        StringBuilder reasoning = new StringBuilder();
        List<String[]> calls = new ArrayList<>();
        String finish = "-";
        String usage = "-";
        for (ChatEvent event : events) {
            if (event instanceof ChatEvent.Text piece) {
                assertThat(piece.value()).isNotEmpty();
                text.append(piece.value());
            } else if (event instanceof ChatEvent.Reasoning piece) {
                assertThat(piece.value()).isNotEmpty();
                reasoning.append(piece.value());
            } else if (event instanceof ChatEvent.ToolFragment piece) {
                if (piece.index() == calls.size()) {
                    calls.add(new String[] {"", "", ""});
                }
                String[] call = calls.get(piece.index());
                call[0] = piece.id();
                call[1] = piece.name();
                call[2] += piece.arguments();
            } else if (event instanceof ChatEvent.Tokens tokens) {
                usage = usage(tokens.usage());
            } else if (event instanceof ChatEvent.Finished finished) {
                finish = finished.reason().value();
            }
        }
        assertThat(sum(text.toString())).isEqualTo(expected.text());
        assertThat(sum(reasoning.toString())).isEqualTo(expected.reasoning());
        assertThat(calls(calls.stream()
                        .map(call -> call(call[0], call[1], call[2]))
                        .toList()))
                .isEqualTo(expected.calls());
        assertThat(finish).isEqualTo(expected.finish());
        assertThat(usage).isEqualTo(expected.usage());
    }

    private static String usage(dev.kimi.chat.Usage usage) {
        return usage.promptTokens() + "/" + usage.completionTokens() + "/" + usage.totalTokens() + "/"
                + usage.cachedTokens() + "/" + usage.reasoningTokens();
    }

    private static String calls(List<String> calls) {
        return calls.isEmpty() ? "-" : calls.stream().collect(Collectors.joining(";"));
    }

    private static String call(String id, String name, String arguments) {
        return (id.isEmpty() ? "-" : id) + "," + name + "," + hash(arguments);
    }
}
