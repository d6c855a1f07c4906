package dev.kimi.internal.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.Tool;
import dev.kimi.chat.ToolCall;
import dev.kimi.error.KimiException;
import dev.kimi.error.ServerException;
import dev.kimi.error.TruncatedStreamException;
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

    enum Index {
        RIGHT,
        TEXT,
        DECIMAL,
        ALL_ZERO,
        MISSING
    }

    enum Id {
        FIRST,
        EACH,
        FRESH,
        EMPTY,
        MISSING
    }

    enum Name {
        FIRST,
        EACH,
        PIECES,
        FIRST_THEN_EMPTY
    }

    enum Arguments {
        WHOLE,
        PIECES,
        EMPTY_THEN_WHOLE,
        EMPTY_THEN_PIECES,
        OBJECT
    }

    enum Type {
        FIRST,
        EACH,
        MISSING
    }

    enum Order {
        IN_TURN,
        INTERLEAVED
    }

    /** What is called: a name, and arguments or none. */
    private static final List<List<String>> CALLS = List.of(
            List.of("mcp__fs__read_file|{\"path\":\"/a\"}"),
            List.of("get_time|"),
            List.of("get_time|", "delete_file|{\"path\":\"/a\"}"),
            List.of("delete_file|{\"path\":\"/a\"}", "get_time|"),
            List.of("add|{\"a\":{\"b\":1}}", "add|{\"a\":{\"b\":2}}"),
            List.of("add|", "add|{\"a\":2}"),
            List.of("add|{\"a\":2}"),
            List.of("add|", "add|{\"a\":{\"b\":1}}", "add|", "add|{\"a\":{\"b\":2}}"),
            List.of("add|{\"a\":[1]}", "mul|{\"a\":\"}\\\\\"\"}", "add|{\"a\":3}"));

    /** Whole calls with the same bytes as some of the above in pieces; such names no tool of the request has. */
    private static final List<List<String>> LOOKALIKES = List.of(
            List.of("mcp__fs__|", "read_file|{\"path\":\"/a\"}"),
            List.of("get_|", "time|"),
            List.of("a|", "dd|{\"a\":{\"b\":1}}", "a|", "dd|{\"a\":{\"b\":2}}"),
            List.of("a|", "dd|", "a|", "dd|{\"a\":2}"),
            List.of("get_|", "time|", "delet|", "e_file|{\"path\":\"/a\"}"),
            List.of("delet|", "e_file|{\"path\":\"/a\"}", "get_|", "time|"),
            List.of("a|", "dd|{\"a\":[1]}", "m|", "ul|{\"a\":\"}\\\\\"\"}", "a|", "dd|{\"a\":3}"));

    private static final List<List<String>> NONE = List.of();
    private static final List<String> LOOKALIKE = List.of("get_timedelete_file|{\"path\":\"/a\"}");

    private static final List<Tool> TOOLS = Stream.of("mcp__fs__read_file", "get_time", "delete_file", "add", "mul")
            .map(name -> Tool.function(name, "", "{}"))
            .toList();

    record Style(Index index, Id id, Name name, Arguments arguments, Type type, Order order, List<String> calls) {}

    private record Read(
            List<String> calls,
            List<ChatEvent> events,
            @Nullable KimiException failure) {}

    static Stream<Style> styles(boolean declared) {
        List<Style> all = new ArrayList<>();
        for (Index index : Index.values()) {
            for (Id id : Id.values()) {
                for (Name name : Name.values()) {
                    for (Arguments arguments : Arguments.values()) {
                        for (Type type : Type.values()) {
                            boolean told = index.ordinal() < 3 || id == Id.EACH;
                            for (Order order : told ? Order.values() : new Order[] {Order.IN_TURN}) {
                                CALLS.forEach(
                                        calls -> all.add(new Style(index, id, name, arguments, type, order, calls)));
                                for (List<String> calls : !declared && name == Name.FIRST ? LOOKALIKES : NONE) {
                                    all.add(new Style(index, id, name, arguments, type, order, calls));
                                }
                                if (!declared && name == Name.PIECES) {
                                    all.add(new Style(index, id, name, arguments, type, order, LOOKALIKE));
                                }
                            }
                        }
                    }
                }
            }
        }
        return all.stream();
    }

    /** Every style is read whole. What the same bytes mean in any style is a right meaning of them. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void in_every_style_the_calls_are_right_or_the_response_fails(boolean declared) {
        Map<List<String>, Set<List<String>>> meanings = new HashMap<>();
        styles(declared)
                .forEach(style -> meanings.computeIfAbsent(chunks(style), chunks -> new HashSet<>())
                        .add(expected(style)));
        Map<List<String>, Read> reads = new HashMap<>();
        int[] failed = new int[1];
        styles(declared).forEach(style -> {
            List<String> chunks = chunks(style);
            Read read = reads.computeIfAbsent(chunks, c -> stream(c, "tool_calls", declared ? TOOLS : List.of()));
            if (read.failure() != null) {
                failed[0]++;
                assertThat(read.failure()).isInstanceOf(ServerException.class);
                assertThat(isToldApart(style)).as("%s failed", style).isFalse();
            } else if (!isKnownLookalike(style, declared)) {
                assertThat(meanings.get(chunks)).as("%s", style).contains(read.calls());
                assertThat(shown(read.events())).as("%s", style).isEqualTo(read.calls());
            }
        });
        // What cannot be told apart is a small part, and smaller when the request's tools are known.
        assertThat(failed[0] * 100L / styles(declared).count()).isLessThan(declared ? 6 : 10);
    }

    /** Where a number or an id of its own tells each call from the others, no style may fail. */
    private static boolean isToldApart(Style style) {
        boolean several = style.calls().size() > 1;
        boolean sameTool = style.calls().contains("add|");
        boolean numbered = style.index().ordinal() < 3 && several;
        boolean identified = (style.id() == Id.FIRST || style.id() == Id.EACH)
                && style.name() != Name.PIECES
                && !sameTool
                && style.type() == Type.FIRST;
        boolean repeated = style.id() == Id.EACH && style.name() == Name.EACH && style.type() != Type.MISSING;
        return numbered || identified || repeated && !sameTool;
    }

    /**
     * Two readings are taken for granted. Whole calls, one in each piece and with their type, are no parts of names,
     * unless the tools of the request say so. And a name that comes again before its arguments are whole is repeated.
     */
    private static boolean isKnownLookalike(Style style, boolean declared) {
        boolean whole = !declared && style.name() == Name.PIECES && style.type() == Type.EACH;
        return whole || style.name() == Name.EACH && style.calls().contains("add|");
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
                .hasMessageContaining("cannot be told apart");
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
    void a_cut_stream_shows_each_piece_that_cannot_be_told_apart_by_itself() {
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

    private static List<String> expected(Style style) {
        List<String> all = new ArrayList<>();
        int piece = 0;
        for (int i = 0; i < style.calls().size(); i++) {
            String[] call = style.calls().get(i).split("\\|", -1);
            String arguments = call[1].isEmpty() ? "{}" : call[1].replace("\\\\", "\\");
            String id = switch (style.id()) {
                case FIRST, EACH -> "c" + i;
                case FRESH -> "c" + piece;
                case EMPTY, MISSING -> "";
            };
            piece += pieces(style, i, 0).size();
            all.add(id + "|" + call[0] + "|" + arguments);
        }
        return all;
    }

    private static List<String> chunks(Style style) {
        List<List<String>> all = new ArrayList<>();
        int piece = 0;
        for (int i = 0; i < style.calls().size(); i++) {
            List<String> pieces = pieces(style, i, piece);
            piece += pieces.size();
            all.add(pieces);
        }
        List<String> chunks = new ArrayList<>();
        if (style.order() == Order.IN_TURN) {
            all.forEach(chunks::addAll);
        } else {
            for (int i = 0; i < 10; i++) {
                for (List<String> call : all) {
                    if (i < call.size()) {
                        chunks.add(call.get(i));
                    }
                }
            }
        }
        return chunks;
    }

    private static List<String> pieces(Style style, int number, int from) {
        String[] call = style.calls().get(number).split("\\|", -1);
        String name = call[0];
        String arguments = call[1].replace("\\\\", "\\");
        int third = arguments.length() / 3;
        List<String> cut = arguments.isEmpty()
                ? List.of("")
                : switch (style.arguments()) {
                    case WHOLE, OBJECT -> List.of(arguments);
                    case PIECES ->
                        List.of(
                                arguments.substring(0, third),
                                arguments.substring(third, 2 * third),
                                arguments.substring(2 * third));
                    case EMPTY_THEN_WHOLE -> List.of("", arguments);
                    case EMPTY_THEN_PIECES -> List.of("", arguments.substring(0, third), arguments.substring(third));
                };
        int half = name.startsWith("get_time") && name.length() > 8 ? 8 : name.length() / 2;
        List<String> named =
                style.name() == Name.PIECES ? List.of(name.substring(0, half), name.substring(half)) : List.of(name);
        List<String> pieces = new ArrayList<>();
        int count = Math.max(cut.size(), named.size());
        for (int i = 0; i < count; i++) {
            // Arguments come with the last piece of the name when there are fewer of them.
            int at = i - (count - cut.size());
            String part = at >= 0 ? cut.get(at) : "";
            List<String> members = new ArrayList<>();
            switch (style.index()) {
                case RIGHT -> members.add("\"index\":" + number);
                case TEXT -> members.add("\"index\":\"" + number + "\"");
                case DECIMAL -> members.add("\"index\":" + number + ".0");
                case ALL_ZERO -> members.add("\"index\":0");
                case MISSING -> {}
            }
            switch (style.id()) {
                case FIRST -> members.addAll(i == 0 ? List.of("\"id\":\"c" + number + "\"") : List.of());
                case EACH -> members.add("\"id\":\"c" + number + "\"");
                case FRESH -> members.add("\"id\":\"c" + (from + i) + "\"");
                case EMPTY -> members.add("\"id\":\"\"");
                case MISSING -> {}
            }
            if (style.type() == Type.EACH || style.type() == Type.FIRST && i == 0) {
                members.add("\"type\":\"function\"");
            }
            List<String> function = new ArrayList<>();
            if (i < named.size()) {
                function.add("\"name\":\"" + named.get(i) + "\"");
            } else if (style.name() == Name.EACH) {
                function.add("\"name\":\"" + name + "\"");
            } else if (style.name() == Name.FIRST_THEN_EMPTY) {
                function.add("\"name\":\"\"");
            }
            boolean object = style.arguments() == Arguments.OBJECT && !part.isEmpty();
            function.add("\"arguments\":" + (object ? part : quote(part)));
            members.add("\"function\":{" + String.join(",", function) + "}");
            pieces.add("{" + String.join(",", members) + "}");
        }
        return pieces;
    }

    private static String quote(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
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
