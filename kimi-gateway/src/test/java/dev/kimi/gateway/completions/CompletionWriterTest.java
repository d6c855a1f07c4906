package dev.kimi.gateway.completions;

import static dev.kimi.gateway.completions.Targets.MAPPER;
import static dev.kimi.gateway.completions.Targets.request;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.FinishReason;
import dev.kimi.chat.Message;
import dev.kimi.chat.ToolCall;
import dev.kimi.chat.Usage;
import dev.kimi.gateway.dialect.ResponseWriter;
import dev.kimi.internal.protocol.ChatStreamDecoder;
import dev.kimi.internal.protocol.ErrorContext;
import dev.kimi.internal.protocol.openai.OpenAiProtocol;
import dev.kimi.transport.Headers;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

class CompletionWriterTest {

    private static final Usage USAGE = Usage.builder()
            .promptTokens(100)
            .completionTokens(20)
            .cachedTokens(60)
            .reasoningTokens(5)
            .build();
    private static final String STREAMED = request(",\"stream\":true");
    private static final String WITH_USAGE = request(",\"stream\":true,\"stream_options\":{\"include_usage\":true}");

    @Test
    void a_stream_is_chunks_with_a_role_first_a_reason_last_and_an_end_mark() {
        List<String> lines = stream(
                STREAMED,
                List.of(new ChatEvent.Reasoning("hm"), new ChatEvent.Text("a\"\n"), new ChatEvent.Tokens(USAGE)),
                response("a\"\n", "hm", List.of(), FinishReason.STOP));

        String head = "data: {\"id\":\"chatcmpl-r1\",\"object\":\"chat.completion.chunk\",\"created\":1795000000,"
                + "\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":";
        assertThat(lines)
                .containsExactly(
                        head + "{\"role\":\"assistant\",\"content\":\"\"},\"finish_reason\":null}]}",
                        head + "{\"reasoning_content\":\"hm\"},\"finish_reason\":null}]}",
                        head + "{\"content\":\"a\\\"\\n\"},\"finish_reason\":null}]}",
                        head + "{},\"finish_reason\":\"stop\"}]}",
                        "data: [DONE]");
    }

    @Test
    void the_usage_comes_in_a_chunk_of_its_own_when_it_was_asked_for() {
        List<String> lines =
                stream(WITH_USAGE, List.of(new ChatEvent.Text("a")), response("a", null, List.of(), FinishReason.STOP));

        JsonNode chunk = json(lines.get(lines.size() - 2));
        assertThat(chunk.path("choices").isEmpty()).isTrue();
        assertThat(chunk.path("usage")).isEqualTo(MAPPER.readTree("""
                {"prompt_tokens":100,"completion_tokens":20,"total_tokens":120,\
                "prompt_tokens_details":{"cached_tokens":60},"completion_tokens_details":{"reasoning_tokens":5}}"""));
    }

    @Test
    void a_call_has_its_id_and_name_once_and_its_arguments_in_pieces() {
        List<String> lines = stream(
                STREAMED,
                List.of(
                        new ChatEvent.ToolFragment(0, "c0", "f", ""),
                        new ChatEvent.ToolFragment(0, "c0", "f", "{\"a\":"),
                        new ChatEvent.ToolFragment(1, "", "", "{}"),
                        new ChatEvent.ToolFragment(0, "c0", "f", "1}"),
                        new ChatEvent.ToolFragment(1, "c1", "g", "")),
                response("", null, List.of(), FinishReason.TOOL_CALLS));

        List<String> calls = lines.stream()
                .filter(line -> line.contains("tool_calls\":["))
                .map(line -> json(line).path("choices").path(0).path("delta").toString())
                .toList();
        assertThat(calls)
                .containsExactly(
                        call("\"index\":0,\"id\":\"c0\",\"type\":\"function\"", "\"name\":\"f\",\"arguments\":\"\""),
                        call("\"index\":0", "\"arguments\":\"{\\\"a\\\":\""),
                        call("\"index\":1,\"type\":\"function\"", "\"arguments\":\"{}\""),
                        call("\"index\":0", "\"arguments\":\"1}\""),
                        call("\"index\":1,\"id\":\"c1\"", "\"name\":\"g\",\"arguments\":\"\""));
    }

    private static String call(String members, String function) {
        return "{\"tool_calls\":[{" + members + ",\"function\":{" + function + "}}]}";
    }

    @Test
    void a_call_without_an_id_gets_one() {
        List<ChatEvent> events = List.of(new ChatEvent.ToolFragment(0, "", "f", "{}"));
        ChatResponse response = response("", null, List.of(new ToolCall("", "f", "{}")), FinishReason.TOOL_CALLS);

        assertThat(stream(STREAMED, events, response).get(2)).contains("\"id\":\"call_r1_0\"");
        assertThat(new String(writer(STREAMED).whole(response), UTF_8)).contains("\"id\":\"call_r1_0\"");
    }

    @Test
    void a_whole_response_is_one_completion() {
        JsonNode whole = MAPPER.readTree(writer(request(""))
                .whole(response("hello", "hm", List.of(new ToolCall("c", "f", "{\"a\":1}")), FinishReason.TOOL_CALLS)));

        assertThat(whole).isEqualTo(MAPPER.readTree("""
                {"id":"chatcmpl-r1","object":"chat.completion","created":1795000000,"model":"m","choices":[{"index":0,\
                "message":{"role":"assistant","content":"hello","refusal":null,"reasoning_content":"hm",\
                "tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{\\"a\\":1}"}}]},\
                "logprobs":null,"finish_reason":"tool_calls"}],"usage":{"prompt_tokens":100,"completion_tokens":20,\
                "total_tokens":120,"prompt_tokens_details":{"cached_tokens":60},\
                "completion_tokens_details":{"reasoning_tokens":5}}}"""));
    }

    @Test
    void a_turn_of_calls_alone_has_no_content() {
        JsonNode whole = MAPPER.readTree(writer(request(""))
                .whole(response("", null, List.of(new ToolCall("c", "f", "{}")), FinishReason.TOOL_CALLS)));
        JsonNode silent =
                MAPPER.readTree(writer(request("")).whole(response("", null, List.of(), FinishReason.LENGTH)));

        assertThat(whole.path("choices").path(0).path("message").path("content").isNull())
                .isTrue();
        assertThat(silent.path("choices")
                        .path(0)
                        .path("message")
                        .path("content")
                        .asString())
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "stop, false, stop",
        "length, true, length",
        "content_filter, false, content_filter",
        "tool_calls, true, tool_calls",
        "pause_turn, false, stop",
        "unknown, true, tool_calls"
    })
    void reasons_are_those_that_sdks_know(String reason, boolean calls, String written) {
        List<ToolCall> tools = calls ? List.of(new ToolCall("c", "f", "{}")) : List.of();
        ChatResponse response = response("x", null, tools, FinishReason.of(reason));

        assertThat(MAPPER.readTree(writer(STREAMED).whole(response))
                        .path("choices")
                        .path(0)
                        .path("finish_reason")
                        .asString())
                .isEqualTo(written);
        assertThat(stream(STREAMED, List.of(), response).get(1)).contains("\"finish_reason\":\"" + written + "\"");
    }

    @Test
    void half_a_surrogate_pair_does_not_break_the_json() {
        List<String> lines = stream(
                STREAMED,
                List.of(new ChatEvent.Text("a\ud83d"), new ChatEvent.Text("\ud83d\ude00")),
                response("", null, List.of(), FinishReason.STOP));

        assertThat(json(lines.get(1))
                        .path("choices")
                        .path(0)
                        .path("delta")
                        .path("content")
                        .asString())
                .isEqualTo("a?");
        assertThat(json(lines.get(2))
                        .path("choices")
                        .path(0)
                        .path("delta")
                        .path("content")
                        .asString())
                .isEqualTo("\ud83d\ude00");
    }

    @Test
    void whatever_the_events_the_engine_reads_them_back() {
        Random random = new Random(11);
        for (int round = 0; round < 200; round++) {
            Events events = new Events(random);
            ChatResponse response =
                    response(events.text.toString(), events.reasoning.toString(), events.calls(), FinishReason.STOP);
            ResponseWriter writer = writer(WITH_USAGE);
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            bytes.writeBytes(writer.start());
            for (ChatEvent event : events.all) {
                bytes.writeBytes(writer.event(event));
                if (random.nextInt(10) == 0) {
                    bytes.writeBytes(Targets.DIALECT.ping());
                }
            }
            bytes.writeBytes(writer.end(response));

            ChatStreamDecoder decoder = new OpenAiProtocol().decoder(Headers.empty());
            decoder.feed(ByteBuffer.wrap(bytes.toByteArray()), event -> {});
            decoder.end(event -> {});

            assertThat(decoder.complete()).isTrue();
            same(decoder.response(), response);
            same(whole(response), response);
        }
    }

    private static ChatResponse whole(ChatResponse response) {
        return new OpenAiProtocol()
                .decode(
                        Headers.empty(),
                        ByteBuffer.wrap(writer(request("")).whole(response)),
                        new ErrorContext(1, Duration.ZERO, Instant.EPOCH));
    }

    private static void same(ChatResponse read, ChatResponse written) {
        assertThat(read.text()).isEqualTo(written.text());
        assertThat(read.reasoning()).isEqualTo(written.reasoning());
        assertThat(read.toolCalls()).isEqualTo(written.toolCalls());
        assertThat(read.usage()).isEqualTo(written.usage());
    }

    /** Random pieces of a response, and what they amount to. */
    private static final class Events {
        final List<ChatEvent> all = new ArrayList<>();
        final StringBuilder text = new StringBuilder();
        final StringBuilder reasoning = new StringBuilder();
        private final List<StringBuilder> arguments = new ArrayList<>();

        Events(Random random) {
            for (int i = 1 + random.nextInt(8); i > 0; i--) {
                String piece = piece(random);
                switch (random.nextInt(4)) {
                    case 0 -> {
                        reasoning.append(piece);
                        all.add(new ChatEvent.Reasoning(piece));
                    }
                    case 1 -> call(random, piece);
                    default -> {
                        text.append(piece);
                        all.add(new ChatEvent.Text(piece));
                    }
                }
                all.add(new ChatEvent.Tokens(USAGE));
            }
        }

        private void call(Random random, String value) {
            int index = arguments.size();
            arguments.add(new StringBuilder());
            all.add(new ChatEvent.ToolFragment(index, "id-" + index, "tool", ""));
            String json = MAPPER.createObjectNode().put("a", value).toString();
            int cut = json.offsetByCodePoints(0, random.nextInt(json.codePointCount(0, json.length())));
            for (String piece : List.of(json.substring(0, cut), json.substring(cut))) {
                arguments.get(index).append(piece);
                all.add(new ChatEvent.ToolFragment(index, "id-" + index, "tool", piece));
            }
        }

        List<ToolCall> calls() {
            List<ToolCall> calls = new ArrayList<>();
            for (int i = 0; i < arguments.size(); i++) {
                calls.add(new ToolCall("id-" + i, "tool", arguments.get(i).toString()));
            }
            return calls;
        }

        private static String piece(Random random) {
            String[] pieces = {"a", " ", "\"", "\\", "\n\n", "data: x", "漢", "😀", "\u2028", "}"};
            StringBuilder piece = new StringBuilder("p");
            for (int i = random.nextInt(6); i > 0; i--) {
                piece.append(pieces[random.nextInt(pieces.length)]);
            }
            return piece.toString();
        }
    }

    private static ResponseWriter writer(String request) {
        return Targets.DIALECT.writer(Targets.read(request), "r1");
    }

    private static ChatResponse response(String text, String reasoning, List<ToolCall> calls, FinishReason reason) {
        return ChatResponse.builder(Message.assistant(text, reasoning, calls))
                .finishReason(reason)
                .usage(USAGE)
                .build();
    }

    /** The events of a stream, without the blank lines between them. */
    private static List<String> stream(String request, List<ChatEvent> events, ChatResponse response) {
        ResponseWriter writer = writer(request);
        StringBuilder all = new StringBuilder(new String(writer.start(), UTF_8));
        events.forEach(event -> all.append(new String(writer.event(event), UTF_8)));
        all.append(new String(writer.end(response), UTF_8));
        assertThat(all.toString()).endsWith("\n\n");
        return List.of(all.toString().split("\n\n"));
    }

    private static JsonNode json(String line) {
        return MAPPER.readTree(line.substring("data: ".length()));
    }
}
