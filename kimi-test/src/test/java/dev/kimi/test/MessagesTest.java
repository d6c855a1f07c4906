package dev.kimi.test;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class MessagesTest {

    private static final String KIMI = "/anthropic/v1/messages";
    private static final String CLAUDE = "/v1/messages";
    private static final String ASK = "\"max_tokens\":500,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]";

    private static KimiSimulator kimi;
    private static Client client;

    @BeforeAll
    static void start() {
        kimi = KimiSimulator.start();
        client = new Client(kimi);
    }

    @AfterAll
    static void stop() {
        kimi.close();
    }

    @BeforeEach
    void reset() {
        kimi.reset();
    }

    @Test
    void claude_responds_in_blocks() throws Exception {
        kimi.reply(Reply.reasoning("Hm.")
                .thenText("Blue.")
                .thenToolCall("look", "{\"at\":\"sky\"}")
                .usage(20, 9, 5));

        JsonNode body = Client.json(post(CLAUDE, "{\"model\":\"claude-x\"," + ASK + "}"));

        assertThat(body.path("type").stringValue()).isEqualTo("message");
        assertThat(body.path("stop_reason").stringValue()).isEqualTo("tool_use");
        JsonNode blocks = body.path("content");
        assertThat(blocks.path(0).path("thinking").stringValue()).isEqualTo("Hm.");
        assertThat(blocks.path(0).path("signature").stringValue()).isNotEmpty();
        assertThat(blocks.path(1).path("text").stringValue()).isEqualTo("Blue.");
        assertThat(blocks.path(2).path("input").path("at").stringValue()).isEqualTo("sky");
        assertThat(body.path("usage").path("input_tokens").asInt()).isEqualTo(15);
        assertThat(body.path("usage").path("cache_read_input_tokens").asInt()).isEqualTo(5);
        assertThat(body.path("usage").path("output_tokens").asInt()).isEqualTo(9);
    }

    @Test
    void claude_streams_blocks_between_start_and_stop() throws Exception {
        kimi.reply(Reply.reasoning("Hm.").thenText("Deep blue.").thenToolCall("look", "{}"));

        String stream = post(CLAUDE, "{\"model\":\"claude-x\",\"stream\":true," + ASK + "}")
                .body();

        assertThat(types(stream))
                .containsExactly(
                        "message_start",
                        "content_block_start",
                        "ping",
                        "content_block_delta",
                        "content_block_delta",
                        "content_block_stop",
                        "content_block_start",
                        "content_block_delta",
                        "content_block_delta",
                        "content_block_stop",
                        "content_block_start",
                        "content_block_delta",
                        "content_block_delta",
                        "content_block_stop",
                        "message_delta",
                        "message_stop");
        assertThat(stream)
                .contains("signature_delta")
                .contains("\"partial_json\":\"\"")
                .contains("\"tool_use\"");
        Client.events(stream)
                .forEach(event -> assertThat(event.path("type").isString()).isTrue());
    }

    @Test
    void kimi_streams_reasoning_without_a_signature_and_without_ping() throws Exception {
        String stream = post(KIMI, "{\"model\":\"kimi-k3\",\"stream\":true," + ASK + "}")
                .body();

        assertThat(stream)
                .contains("thinking_delta")
                .doesNotContain("signature_delta")
                .doesNotContain("event: ping")
                .endsWith("event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n");
    }

    @Test
    void kimi_thinks_before_a_scripted_call_and_takes_the_call_back_with_it() throws Exception {
        kimi.reply(Reply.toolCall("look", "{}").usage(20, 5, 0), Reply.text("Blue."));

        JsonNode body = Client.json(post(KIMI, "{\"model\":\"kimi-k3\"," + ASK + "}"));
        String turns =
                "[{\"role\":\"user\",\"content\":\"hi\"},{\"role\":\"assistant\",\"content\":" + body.path("content")
                        + "},{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\",\"tool_use_id\":"
                        + body.path("content").path(1).path("id") + ",\"content\":\"sky\"}]}]";
        HttpResponse<String> next = post(KIMI, "{\"model\":\"kimi-k3\",\"max_tokens\":500,\"messages\":" + turns + "}");

        assertThat(body.path("content").path(0).path("thinking").asString("")).isNotBlank();
        assertThat(body.path("usage").path("output_tokens").asInt()).isEqualTo(5);
        assertThat(next.statusCode()).as(next.body()).isEqualTo(200);
    }

    @Test
    void claude_does_not_think_before_a_scripted_call_unless_the_request_enables_it() throws Exception {
        kimi.reply(Reply.toolCall("look", "{}"));

        JsonNode body = Client.json(post(CLAUDE, "{\"model\":\"claude-x\"," + ASK + "}"));

        assertThat(body.path("content").path(0).path("type").asString("")).isEqualTo("tool_use");
    }

    @Test
    void a_cut_off_stream_lacks_its_stop() throws Exception {
        kimi.reply(
                Reply.text("a b").withoutDone(),
                Reply.text("a b").errorEventAfter(2, "engine_overloaded_error", "Busy"));
        String request = "{\"model\":\"claude-x\",\"stream\":true," + ASK + "}";

        assertThat(types(post(CLAUDE, request).body())).endsWith("message_delta");
        assertThat(post(CLAUDE, request).body())
                .endsWith("event: error\ndata: {\"type\":\"error\",\"error\":{\"details\":null,"
                        + "\"type\":\"overloaded_error\",\"message\":\"Busy\"}}\n\n");
    }

    @Test
    void errors_have_the_shape_of_their_face() throws Exception {
        kimi.otherwise(Reply.overloaded());

        HttpResponse<String> claude = post(CLAUDE, "{\"model\":\"claude-x\"," + ASK + "}");
        HttpResponse<String> ofKimi = post(KIMI, "{\"model\":\"kimi-k3\"," + ASK + "}");
        kimi.otherwise(Reply.rateLimited(Duration.ofSeconds(2)));
        HttpResponse<String> limited = post(CLAUDE, "{\"model\":\"claude-x\"," + ASK + "}");

        assertThat(claude.statusCode()).isEqualTo(529);
        assertThat(Client.json(claude).path("error").path("type").stringValue()).isEqualTo("overloaded_error");
        assertThat(claude.headers().firstValue("request-id")).isPresent();
        assertThat(ofKimi.statusCode()).isEqualTo(429);
        assertThat(Client.json(ofKimi).has("type")).isFalse();
        assertThat(Client.json(limited).path("error").path("type").stringValue())
                .isEqualTo("rate_limit_error");
        assertThat(limited.headers().firstValue("retry-after")).hasValue("2");
    }

    @Test
    void kimi_wants_its_reasoning_back_and_claude_its_signature() throws Exception {
        String unsigned = "{\"role\":\"assistant\",\"content\":[{\"type\":\"thinking\",\"thinking\":\"x\"},"
                + "{\"type\":\"text\",\"text\":\"y\"}]}";
        String call =
                "{\"role\":\"assistant\",\"content\":[{\"type\":\"tool_use\",\"id\":\"t\",\"name\":\"f\",\"input\":{}}]}";
        String result =
                "{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\",\"tool_use_id\":\"t\",\"content\":\"1\"}]}";

        HttpResponse<String> noReasoning = post(KIMI, conversation("kimi-k3", call, result));
        HttpResponse<String> noSignature =
                post(CLAUDE, conversation("claude-x", unsigned, "{\"role\":\"user\",\"content\":\"go on\"}"));
        HttpResponse<String> noResult = post(CLAUDE, conversation("claude-x", call));
        HttpResponse<String> paired = post(CLAUDE, conversation("claude-x", call, result));

        assertThat(Client.json(noReasoning).path("error").path("message").stringValue())
                .isEqualTo(
                        "thinking is enabled but reasoning_content is missing in assistant tool call message at index 1");
        assertThat(Client.json(noReasoning).path("request_id").isString()).isTrue();
        assertThat(noSignature.body()).contains("messages.1.content.0: Invalid `signature` in `thinking` block");
        assertThat(noResult.body()).contains("without `tool_result` blocks immediately after: t");
        assertThat(paired.statusCode()).isEqualTo(200);
    }

    @Test
    void claude_wants_a_cap_and_a_version_and_takes_its_own_key_header() throws Exception {
        HttpRequest noVersion = request(CLAUDE, "{\"model\":\"claude-x\"," + ASK + "}", false);

        HttpResponse<String> noCap = post(CLAUDE, "{\"model\":\"claude-x\",\"messages\":[]}");
        HttpResponse<String> unversioned = client.http().send(noVersion, BodyHandlers.ofString());
        HttpResponse<String> counted = post(CLAUDE + "/count_tokens", "{\"model\":\"claude-x\"," + ASK + "}");

        assertThat(noCap.body()).contains("max_tokens: Field required");
        assertThat(unversioned.statusCode()).isEqualTo(400);
        assertThat(Client.json(counted).path("input_tokens").asInt()).isEqualTo(6);
    }

    @Test
    void a_forced_tool_is_called() throws Exception {
        String tool = "\"tools\":[{\"name\":\"f\",\"input_schema\":{\"type\":\"object\",\"properties\":"
                + "{\"q\":{\"type\":\"string\"}}}}],\"tool_choice\":{\"type\":\"any\"},";

        JsonNode body = Client.json(post(CLAUDE, "{\"model\":\"claude-x\"," + tool + ASK + "}"));

        assertThat(body.path("stop_reason").stringValue()).isEqualTo("tool_use");
        assertThat(body.path("content").path(0).path("input").path("q").isString())
                .isTrue();
    }

    private static List<String> types(String stream) {
        return Pattern.compile("event: (\\w+)")
                .matcher(stream)
                .results()
                .map(MatchResult::group)
                .map(line -> line.substring("event: ".length()))
                .toList();
    }

    private static String conversation(String model, String... messages) {
        return "{\"model\":\"" + model + "\",\"max_tokens\":500,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
                + String.join(",", messages) + "]}";
    }

    private static HttpResponse<String> post(String path, String body) throws Exception {
        return client.http().send(request(path, body, true), BodyHandlers.ofString());
    }

    private static HttpRequest request(String path, String body, boolean version) {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        client.request(path).build().uri())
                .header("x-api-key", "sk-ant-test")
                .POST(HttpRequest.BodyPublishers.ofString(body));
        if (version) {
            request.header("anthropic-version", "2023-06-01");
        }
        return request.build();
    }
}
