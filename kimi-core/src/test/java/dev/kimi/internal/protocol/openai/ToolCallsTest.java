package dev.kimi.internal.protocol.openai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.Tool;
import dev.kimi.chat.ToolCall;
import dev.kimi.error.KimiException;
import dev.kimi.error.ServerException;
import dev.kimi.error.TruncatedStreamException;
import dev.kimi.internal.protocol.ChatStreamDecoder;
import dev.kimi.internal.protocol.ErrorContext;
import dev.kimi.internal.protocol.StreamFailure;
import dev.kimi.transport.Headers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which call a piece belongs to, in every style in which services number, identify, name and cut their calls. */
class ToolCallsTest {

    private static final OpenAiProtocol PROTOCOL = new OpenAiProtocol();
    private static final ErrorContext CONTEXT =
            new ErrorContext(1, Duration.ZERO, Instant.parse("2026-09-01T00:00:00Z"));
    private static final Headers SSE =
            Headers.builder().add("content-type", "text/event-stream").build();
    private static final Headers JSON =
            Headers.builder().add("content-type", "application/json").build();

    private static final List<Tool> TOOLS = Stream.of("mcp__fs__read_file", "get_time", "delete_file", "add", "mul")
            .map(name -> Tool.function(name, "", "{}"))
            .toList();

    private record Read(
            List<String> calls,
            List<ChatEvent> events,
            @Nullable KimiException failure) {}

    /** Every style is read whole. What the same bytes mean in any style is a right meaning of them. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void in_every_style_the_calls_are_right_or_the_response_fails(boolean declared) {
        Map<List<String>, Set<List<String>>> meanings = new HashMap<>();
        ToolCallStyle.all(declared)
                .forEach(style -> meanings.computeIfAbsent(style.chunks(), chunks -> new HashSet<>())
                        .add(style.expected()));
        Map<List<String>, Read> reads = new HashMap<>();
        int[] failed = new int[1];
        ToolCallStyle.all(declared).forEach(style -> {
            List<String> chunks = style.chunks();
            Read read = reads.computeIfAbsent(chunks, c -> stream(c, "tool_calls", declared ? TOOLS : List.of()));
            if (read.failure() != null) {
                failed[0]++;
                assertThat(read.failure()).isInstanceOf(ServerException.class);
                assertThat(style.isToldApart()).as("%s failed", style).isFalse();
            } else if (!style.isKnownLookalike(declared)) {
                assertThat(meanings.get(chunks)).as("%s", style).contains(read.calls());
                assertThat(shown(read.events())).as("%s", style).isEqualTo(read.calls());
            }
        });
        // What cannot be distinguished is a small part, and smaller when the request's tools are known.
        assertThat(failed[0] * 100L / ToolCallStyle.all(declared).count()).isLessThan(declared ? 6 : 10);
    }

    /** What a consumer puts together of the events. */
    private static List<String> shown(List<ChatEvent> events) {
        List<String[]> calls = new ArrayList<>();
        for (ChatEvent event : events) {
            if (event instanceof ChatEvent.ToolFragment piece) {
                if (piece.index() == calls.size()) {
                    calls.add(new String[] {"", "", ""});
                }
                String[] call = calls.get(piece.index());
                call[0] = piece.id();
                call[1] = piece.name();
                call[2] += piece.arguments();
            }
        }
        return calls.stream()
                .map(call -> call[0] + "|" + call[1] + "|" + (call[2].isEmpty() ? "{}" : call[2]))
                .toList();
    }

    private static String call(String index, String id, String name, String arguments) {
        return "{" + index + id + "\"type\":\"function\",\"function\":{" + name + "\"arguments\":" + arguments + "}}";
    }

    @Test
    void a_name_in_pieces_is_put_together() {
        assertThat(stream(
                                List.of(
                                        "{\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"mcp__fs__read_fi\",\"arguments\":\"\"}}",
                                        "{\"index\":0,\"function\":{\"name\":\"le\",\"arguments\":\"{\\\"path\\\":\"}}",
                                        "{\"index\":0,\"function\":{\"arguments\":\"\\\"/a\\\"}\"}}"),
                                "tool_calls",
                                List.of())
                        .calls())
                .containsExactly("a|mcp__fs__read_file|{\"path\":\"/a\"}");
    }

    @ParameterizedTest
    @CsvSource({
        "get_ get_ x, get_get_x",
        "get_weather_ get, get_weather_get",
        "read read read, read",
        "go go, go",
        "read_fi read_file, ",
        "read_ file read_file, ",
        "a a a b, "
    })
    void a_piece_of_a_name_that_equals_its_beginning_is_read_by_what_else_comes(String pieces, String name) {
        List<String> chunks = new ArrayList<>();
        for (String piece : pieces.split(" ")) {
            chunks.add(call("\"index\":0,", "\"id\":\"a\",", "\"name\":\"" + piece + "\",", "\"\""));
        }
        chunks.add(call("\"index\":0,", "\"id\":\"a\",", "", "\"{}\""));

        Read read = stream(chunks, "tool_calls", List.of());

        if (name == null) {
            assertThat(read.failure()).isInstanceOf(ServerException.class);
        } else {
            assertThat(read.calls()).containsExactly("a|" + name + "|{}");
        }
    }

    @Test
    void a_name_that_is_its_own_half_twice_is_known_by_the_tools_of_the_request() {
        List<String> chunks = List.of(
                call("\"index\":0,", "\"id\":\"a\",", "\"name\":\"go\",", "\"\""),
                call("\"index\":0,", "\"id\":\"a\",", "\"name\":\"go\",", "\"{}\""));

        assertThat(stream(chunks, "tool_calls", List.of(Tool.function("gogo", "", "{}")))
                        .calls())
                .containsExactly("a|gogo|{}");
    }

    @Test
    void the_same_call_once_more_is_no_other_call() {
        String again = call("\"index\":0,", "\"id\":\"a\",", "\"name\":\"pay\",", "\"{\\\"to\\\":1}\"");

        assertThat(stream(List.of(again, again), "tool_calls", List.of()).failure())
                .isInstanceOf(ServerException.class)
                .hasMessageContaining("cannot be distinguished");
    }

    @Test
    void an_id_that_changes_within_the_arguments_changes_nothing() {
        assertThat(stream(
                                List.of(
                                        call("\"index\":0,", "\"id\":\"a\",", "\"name\":\"f\",", "\"{\\\"x\\\":\""),
                                        call("\"index\":0,", "\"id\":\"b\",", "", "\"1\""),
                                        call("\"index\":0,", "\"id\":\"b\",", "", "\"}\"")),
                                "tool_calls",
                                List.of())
                        .calls())
                .containsExactly("a|f|{\"x\":1}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"tool_use", "end_of_world", "stop", "eos", "function_call"})
    void no_reason_but_a_known_cut_excuses_half_a_call_or_drops_a_whole_one(String reason) {
        String none = call("\"index\":0,", "\"id\":\"a\",", "\"name\":\"get_time\",", "\"\"");
        String half = call("\"index\":1,", "\"id\":\"b\",", "\"name\":\"f\",", "\"{\\\"x\\\":\"");

        assertThat(stream(List.of(none), reason, List.of()).calls()).containsExactly("a|get_time|{}");
        assertThat(stream(List.of(none, half), reason, List.of()).failure()).isInstanceOf(ServerException.class);
        assertThat(whole(List.of(none), reason).toolCalls()).hasSize(1);
        assertThatThrownBy(() -> whole(List.of(none, half), reason)).isInstanceOf(ServerException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"length", "content_filter", "max_tokens"})
    void a_call_that_was_cut_is_handed_out_as_cut(String reason) {
        String done = call("\"index\":0,", "\"id\":\"a\",", "\"name\":\"f\",", "\"{\\\"x\\\":1}\"");
        String half = call("\"index\":1,", "\"id\":\"b\",", "\"name\":\"g\",", "\"{\\\"x\\\":\"");
        String none = call("\"index\":2,", "\"id\":\"c\",", "\"name\":\"h\",", "\"\"");

        ChatResponse response = whole(List.of(done, half, none), reason);

        assertThat(response.toolCalls()).extracting(ToolCall::id).containsExactly("a");
        assertThat(response.cutToolCalls())
                .containsExactly(
                        new ChatResponse.CutToolCall("b", "g", "{\"x\":"), new ChatResponse.CutToolCall("c", "h", ""));
        assertThat(response.cutToolCalls().get(0)).hasToString("CutToolCall[g, 5 characters of arguments]");
        assertThat(stream(List.of(done, half, none), reason, List.of()).calls()).containsExactly("a|f|{\"x\":1}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"[1]", "5", "true", "\"[1]\"", "\"5\"", "\"{} x\""})
    void arguments_that_are_no_object_are_not_passed_over(String arguments) {
        String broken = call("\"index\":0,", "\"id\":\"a\",", "\"name\":\"f\",", arguments);

        assertThat(stream(List.of(broken), "tool_calls", List.of()).failure()).isInstanceOf(ServerException.class);
        assertThatThrownBy(() -> whole(List.of(broken), "tool_calls")).isInstanceOf(ServerException.class);
    }

    @Test
    void a_cut_stream_shows_each_piece_that_cannot_be_distinguished_by_itself() {
        ChatStreamDecoder decoder = PROTOCOL.decoder(SSE);
        for (String name : List.of("f", "g")) {
            String piece = call("", "", "\"name\":\"" + name + "\",", "\"{\\\"x\\\":\"");
            feed(decoder, "data: {\"choices\":[{\"delta\":{\"tool_calls\":[" + piece + "]}}]}\n\n", event -> {});
        }

        assertThat(decoder.partial().toolCalls())
                .containsExactly(
                        new TruncatedStreamException.ToolFragment("", "f", "{\"x\":"),
                        new TruncatedStreamException.ToolFragment("", "g", "{\"x\":"));
    }

    @Test
    void once_the_response_is_whole_what_has_arrived_is_what_was_handed_out() {
        ChatStreamDecoder decoder = PROTOCOL.decoder(SSE);
        List<ChatEvent> events = new ArrayList<>();
        for (String piece : List.of(
                "{\"function\":{\"name\":\"weather\",\"arguments\":\"\"}}",
                "{\"index\":0,\"function\":{\"arguments\":\"{\\\"city\\\":\"}}",
                "{\"index\":0,\"function\":{\"arguments\":\" \\\"Ulm\\\"}\"}}")) {
            feed(decoder, "data: {\"choices\":[{\"delta\":{\"tool_calls\":[" + piece + "]}}]}\n\n", events::add);
        }
        feed(
                decoder,
                "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"tool_calls\"}]}\n\ndata: [DONE]\n\n",
                events::add);

        assertThat(decoder.response().toolCalls()).containsExactly(new ToolCall("", "weather", "{\"city\": \"Ulm\"}"));
        assertThat(shown(events)).containsExactly("|weather|{\"city\": \"Ulm\"}");
        assertThat(decoder.partial().toolCalls())
                .containsExactly(new TruncatedStreamException.ToolFragment("", "weather", "{\"city\": \"Ulm\"}"));
    }

    @Test
    void pieces_that_cannot_be_joined_are_counted() {
        ChatStreamDecoder decoder = PROTOCOL.decoder(SSE);
        String piece = call("\"index\":0,", "", "\"name\":\"f\",", "\"{\"") + ",";
        String chunk = "data: {\"choices\":[{\"delta\":{\"tool_calls\":[" + piece.repeat(1_000) + "{}]}}]}\n\n";

        assertThatThrownBy(() -> {
                    for (int i = 0; i < 300; i++) {
                        feed(decoder, chunk, event -> {});
                    }
                })
                .isInstanceOfSatisfying(
                        StreamFailure.class,
                        e -> assertThat(e.toException(CONTEXT)).hasMessageContaining("262144 pieces"));
    }

    @Test
    void neither_many_doubtful_calls_nor_a_name_without_end_are_work_without_bound() {
        List<String> many = new ArrayList<>();
        List<String> endless = new ArrayList<>();
        for (int i = 0; i < 20_000; i++) {
            many.add(call("\"index\":" + i / 2 + ",", "", "\"name\":\"f\",", "\"\""));
            endless.add(call("\"index\":0,", "", "\"name\":\"" + (i % 2 == 0 ? "f" : "g") + "\",", "\"\""));
        }

        assertThat(stream(many, "tool_calls", List.of()).failure()).isInstanceOf(ServerException.class);
        assertThat(stream(endless, "tool_calls", List.of()).failure()).isInstanceOf(ServerException.class);
    }

    private static ChatResponse whole(List<String> calls, String finish) {
        String body = "{\"choices\":[{\"message\":{\"tool_calls\":[" + String.join(",", calls)
                + "]},\"finish_reason\":\"" + finish + "\"}]}";
        return PROTOCOL.decode(JSON, ByteBuffer.wrap(body.getBytes(StandardCharsets.UTF_8)), CONTEXT);
    }

    private static void feed(ChatStreamDecoder decoder, String text, Consumer<ChatEvent> out) {
        decoder.feed(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)), out);
    }

    private static Read stream(List<String> calls, String finish, List<Tool> tools) {
        StringBuilder text = new StringBuilder();
        for (String call : calls) {
            text.append("data: {\"choices\":[{\"delta\":{\"tool_calls\":[")
                    .append(call)
                    .append("]}}]}\n\n");
        }
        text.append("data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"" + finish + "\"}]}\n\ndata: [DONE]\n\n");
        List<ChatEvent> events = new ArrayList<>();
        ChatStreamDecoder decoder = PROTOCOL.decoder(SSE, tools);
        try {
            decoder.feed(ByteBuffer.wrap(text.toString().getBytes(StandardCharsets.UTF_8)), events::add);
        } catch (StreamFailure e) {
            return new Read(List.of(), events, e.toException(CONTEXT));
        }
        List<String> read = decoder.response().toolCalls().stream()
                .map(call -> call.id() + "|" + call.name() + "|" + call.arguments())
                .toList();
        return new Read(read, events, null);
    }
}
