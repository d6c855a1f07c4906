package dev.kimi.internal.protocol;

import dev.kimi.internal.protocol.openai.OpenAiDecoders;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** Where mutation begins: made up here, in the shapes that services use. */
final class Corpus {

    private Corpus() {}

    /** What a fuzzer would have to guess letter by letter; of one byte per character. */
    static Stream<String> words() {
        return Stream.of(TOKENS, HINTS, HINT_HEADERS, MEMBERS)
                .flatMap(List::stream)
                .filter(word -> !word.isEmpty() && word.length() <= 64)
                .filter(word -> word.chars().allMatch(c -> c < 0x80))
                .distinct();
    }

    /** Names that readers look for. */
    private static final List<String> MEMBERS = Stream.of(
                    "choices",
                    "delta",
                    "message",
                    "content",
                    "reasoning_content",
                    "reasoning",
                    "reasoning_details",
                    "tool_calls",
                    "index",
                    "id",
                    "function",
                    "name",
                    "arguments",
                    "finish_reason",
                    "stop",
                    "length",
                    "usage",
                    "prompt_tokens",
                    "completion_tokens",
                    "total_tokens",
                    "cached_tokens",
                    "reasoning_tokens",
                    "completion_tokens_details",
                    "error",
                    "type",
                    "code",
                    "param",
                    "metadata",
                    "raw",
                    "detail",
                    "msg",
                    "request_id",
                    "x_groq",
                    "data",
                    "text",
                    "thinking",
                    "summary",
                    "refusal",
                    "content_block",
                    "partial_json",
                    "signature",
                    "citation",
                    "citations",
                    "input",
                    "input_tokens",
                    "output_tokens",
                    "stop_reason",
                    "cards",
                    "models")
            .map(name -> '"' + name + "\":")
            .toList();

    static final List<String> STREAMS = List.of(
            """
            data: {"id":"c1","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}

            data: {"id":"c1","choices":[{"index":0,"delta":{"reasoning_content":"short waves é 波"}}]}

            data: {"id":"c1","choices":[{"index":0,"delta":{"content":"blue"}}]}

            data: {"id":"c1","choices":[{"index":0,"delta":{},"finish_reason":"stop","usage":{"prompt_tokens":5,"completion_tokens":7,"total_tokens":12}}]}

            data: [DONE]

            """,
            """
            : hello
            event: message
            id: 7
            retry: 100
            data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"t:0","type":"function",
            data: "function":{"name":"weather","arguments":""}}]}}]}

            data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\\"city\\":"}}]}}]}

            data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":" \\"Ulm\\"}"}}]}}]}

            data: {"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}

            data: {"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":7,"total_tokens":12}}

            data: [DONE]

            """,
            "data: {\"error\":{\"message\":\"The engine is overloaded\",\"type\":\"engine_overloaded_error\"}}\n\n",
            "event: error\r\ndata: {\"message\":\"no\",\"type\":\"server_error\"}\r\n\r\n",
            "\uFEFFdata:{\"choices\":[{\"delta\":{\"content\":\"\\ud83d\\ude00\"}}]}\r\rdata:[DONE]\r\r");

    /** With those that the decoder's own test reads. */
    static List<String> allStreams() {
        return Stream.concat(
                        STREAMS.stream(),
                        Captures.table(OpenAiDecoders.class, "streams.tsv").stream()
                                .map(row -> "streams/" + row[0] + ".sse")
                                .map(Corpus::file))
                .toList();
    }

    private static String file(String name) {
        try (InputStream in = OpenAiDecoders.class.getResourceAsStream(name)) {
            return new String(Objects.requireNonNull(in, name).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static final String MESSAGE_START = "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{"
            + "\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"content\":[],\"model\":\"m\",\"stop_reason\":null,"
            + "\"usage\":{\"input_tokens\":10,\"cache_read_input_tokens\":null,\"output_tokens\":1}}}\n\n";

    private static final String MESSAGE_END =
            "data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"tool_use\","
                    + "\"stop_details\":null},\"usage\":{\"input_tokens\":0,\"output_tokens\":9,\"service_tier\":\"standard\"}}\n\n"
                    + "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";

    /** Streams of the Messages protocol. */
    static final List<String> MESSAGE_STREAMS = List.of(
            MESSAGE_START
                    + "data: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"thinking\","
                    + "\"thinking\":\"\",\"signature\":\"\"}}\n\n"
                    + "data: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"thinking_delta\","
                    + "\"thinking\":\"Hm \\ud83d\"}}\n\nevent: ping\ndata: {\"type\": \"ping\"}\n\n"
                    + "data: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"signature_delta\","
                    + "\"signature\":\"c2ln\"}}\n\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n"
                    + "data: {\"type\":\"content_block_start\",\"index\":1,\"content_block\":{\"type\":\"tool_use\","
                    + "\"id\":\"t\",\"name\":\"f\",\"input\":{}}}\n\n"
                    + "data: {\"type\":\"content_block_delta\",\"index\":1,\"delta\":{\"type\":\"input_json_delta\","
                    + "\"partial_json\":\"{\\\"x\\\":\"}}\n\n"
                    + "data: {\"type\":\"content_block_delta\",\"index\":1,\"delta\":{\"type\":\"input_json_delta\","
                    + "\"partial_json\":\"1}\"}}\n\ndata: {\"type\":\"content_block_stop\",\"index\":1}\n\n"
                    + MESSAGE_END,
            MESSAGE_START
                    + "data: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"a\"}}\n\n"
                    + "data: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"citations_delta\","
                    + "\"citation\":{\"n\":1}}}\n\n"
                    + "data: {\"type\":\"content_block_start\",\"index\":1,\"content_block\":{\"type\":\"compaction\"}}\n\n"
                    + "data: {\"type\":\"content_block_delta\",\"index\":1,\"delta\":{\"type\":\"compaction_delta\","
                    + "\"content\":\"c\"}}\n\n"
                    + "data: {\"type\":\"content_block_start\",\"index\":2,\"content_block\":{\"type\":\"fallback\"}}\n\n"
                    + MESSAGE_END,
            MESSAGE_START + MESSAGE_START + MESSAGE_END,
            MESSAGE_START + "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\"}}\n\n",
            MESSAGE_START + "data: [DONE]\n\n",
            "<html>\n");

    /** Whole responses of the Messages protocol. */
    static final List<String> MESSAGE_BODIES = List.of(
            "{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"m\",\"content\":["
                    + "{\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"s\"},{\"type\":\"text\",\"text\":\"Hi\","
                    + "\"citations\":[{\"n\":1.50}]},{\"type\":\"new\"},"
                    + "{\"type\":\"tool_use\",\"id\":\"t\",\"name\":\"f\",\"input\":{\"x\":1}}],"
                    + "\"stop_reason\":\"tool_use\",\"usage\":{\"input_tokens\":3,\"output_tokens\":4}}",
            "{\"type\":\"error\",\"error\":{\"type\":\"api_error\",\"message\":\"no\"},\"request_id\":\"r\"}",
            MESSAGE_START + MESSAGE_END);

    static final List<String> JSON = List.of(
            "{\"a\":[1,-0,1.50e3,12345678901234567890,true,false,null],\"id\":\"\\u00e9\\ud83d\\ude00 é\",\"a\":{}}",
            "[[],{},[{\"data\":[{\"content\":\"\\n\"}]}]] 12 \"text\"\n{}",
            "1e400",
            " ");

    static final List<String> ANSWERS = List.of(
            """
            {"id":"c1","object":"chat.completion","created":1,"model":"kimi-k3","choices":[{"index":0,
            "message":{"role":"assistant","content":"blue é","reasoning_content":"short waves"},
            "finish_reason":"stop"}],"usage":{"prompt_tokens":5,"completion_tokens":7,"total_tokens":12,
            "cached_tokens":3,"completion_tokens_details":{"reasoning_tokens":2}}}""",
            """
            {"choices":[{"index":0,"message":{"role":"assistant","content":null,"tool_calls":[{"id":"t:0",
            "type":"function","function":{"name":"weather","arguments":"{\\"city\\":\\"Ulm\\"}"}}]},
            "finish_reason":"tool_calls"}]}""",
            "{\"choices\":[{\"message\":{\"content\":[{\"type\":\"text\",\"text\":\"x\"}]}}],"
                    + "\"usage\":{\"input_tokens\":9223372036854775806,\"output_tokens\":7}}",
            "{\"error\":{\"message\":\"no\",\"type\":\"engine_overloaded_error\",\"code\":429}}",
            "");

    static final List<String> MODELS = List.of(
            "{\"object\":\"list\",\"data\":[{\"id\":\"kimi-k3\",\"object\":\"model\",\"context_length\":262144,"
                    + "\"supports_reasoning\":true},{\"id\":\"other\"}]}",
            "{\"data\":[{\"id\":\"claude-opus-5-5\",\"type\":\"model\",\"max_input_tokens\":1000000,\"max_tokens\":128000,"
                    + "\"retires_at\":\"2027-01-01T00:00:00Z\",\"capabilities\":{\"effort\":{\"supported\":true,"
                    + "\"low\":{\"supported\":true}},\"thinking\":{\"supported\":true,\"types\":{\"adaptive\":true}},"
                    + "\"image_input\":{\"supported\":true}}},{\"id\":\"k\",\"think_efforts\":{\"support\":true,"
                    + "\"valid_efforts\":[\"low\"],\"default_effort\":\"low\"}}],\"has_more\":false}",
            "{\"data\":[]}");

    static final List<String> CARDS = List.of(
            "{\"cards\":[{\"models\":[\"kimi-k3\",\"m\"],\"context\":\"1M\",\"output-max\":131072,\"retired\":null,"
                    + "\"efforts\":[\"low\",\"max\"]},{\"models\":[\"claude-opus-5-5\"],\"successor\":\"x\","
                    + "\"price-input\":0.5,\"sampling\":false,\"retired\":\"2026-11-01\"}]}",
            "{\"cards\":[],\"families\":[{\"prefix\":\"\"}]}",
            "{\"cards\":[{\"models\":[],\"news\":1}]}",
            "1M",
            "2026-02-30",
            "unknown");

    static final List<String> ERRORS = List.of(
            "{\"type\":\"error\",\"error\":{\"type\":\"rate_limit_error\",\"message\":\"This request would exceed your limit\","
                    + "\"details\":{\"error_code\":\"enforced_spend_limit_reached\"}},\"request_id\":\"req_1\"}",
            "{\"type\":\"error\",\"error\":{\"type\":\"invalid_request_error\",\"message\":"
                    + "\"messages.1.content.0: Invalid `signature` in `thinking` block\"}}",
            "{\"error\":{\"message\":\"request reached organization max RPM: 3, please try again after 1 seconds\","
                    + "\"type\":\"rate_limit_reached_error\"}}",
            "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"},\"request_id\":\"r\"}",
            "{\"code\":5,\"error\":\"url.not_found\",\"message\":\"no such path\",\"method\":\"POST\"}",
            "{\"detail\":[{\"loc\":[\"body\"],\"msg\":\"field required\",\"type\":\"missing\"}]}",
            "{\"error\":{\"code\":502,\"message\":\"Provider\",\"metadata\":{\"raw\":\"{\\\"error\\\":1}\"}}}",
            "<html><head><title>502 Bad Gateway</title></head></html>",
            "");

    static final List<String> HINTS = List.of(
            "1",
            "0.5",
            "-1",
            "NaN",
            "Infinity",
            "1e9",
            "9223372036854775807",
            "0x10",
            "Thu, 01 Jan 2026 00:00:09 GMT",
            "Thursday, 01-Jan-26 00:00:08 GMT",
            "Thu Jan  1 00:00:07 2026",
            "2026-01-01T00:00:05Z",
            "please try again after 3 seconds",
            "Please retry in 6m0s",
            "try again in 28.9ms",
            "");

    static final List<String> HINT_HEADERS = List.of(
            "retry-after",
            "retry-after-ms",
            "x-retry-after",
            "msh-cooldown-seconds",
            "date",
            "anthropic-ratelimit-requests-remaining",
            "anthropic-ratelimit-requests-reset");

    static final List<String> TOKENS = List.of(
            "\n\n",
            "\r\n",
            "\r",
            "data: ",
            "data: [DONE]\n\n",
            "event: error\n",
            ":\n",
            "\uFEFF",
            "{",
            "}",
            "[",
            "]",
            "\"",
            "\\u0000",
            "\\ud800",
            "null",
            "-0",
            "1e999",
            "999999999999999999999999",
            "9223372036854775807",
            "true",
            "{\"a\":".repeat(70),
            "[".repeat(70),
            "\0");
}
