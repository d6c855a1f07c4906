package dev.kimi.test;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Compares the simulator with recorded traffic of the Messages API, where that is at hand. */
@EnabledIfSystemProperty(named = "kimi.captures", matches = ".+")
class ClaudeCapturesTest {

    private static final String MODEL = "claude-haiku-4-5-20251001";

    private final Path captures = Path.of(System.getProperty("kimi.captures"));
    private final KimiSimulator kimi =
            KimiSimulator.builder().keys("sk-ant-test").start();
    private final Claude claude = new Claude(kimi);

    @AfterEach
    void stop() {
        kimi.close();
    }

    @Test
    void a_whole_response_has_the_members_of_the_real_one_in_their_order() throws Exception {
        kimi.reply(
                Reply.text("t"),
                Reply.text("t").usage(20, 5, 7),
                Reply.reasoning("r").thenText("t"),
                Reply.toolCall("dice_roll", "").thenToolCall("dice_roll", "").thenToolCall("dice_roll", ""));

        assertThat(whole("")).isEqualTo(members(body("claude/baseline.http")));
        assertThat(whole("")).isEqualTo(members(body("claude/cache-read.json")));
        assertThat(whole("")).isEqualTo(members(body("claude/thinking.json")));
        assertThat(whole("")).isEqualTo(members(body("claude/tool-use-parallel.json")));
    }

    @Test
    void a_stream_has_the_events_of_the_real_one_with_their_members_in_their_order() throws Exception {
        kimi.reply(
                Reply.text("a b"),
                Reply.reasoning("a b").thenText("a b"),
                Reply.toolCall("best_language_to_learn", ""),
                Reply.text("").thenBlock(cited()));

        assertThat(shape(claude.post(streamed()).body())).isEqualTo(shape(body("claude/text.http")));
        assertThat(shape(claude.post(streamed()).body())).isEqualTo(shape(body("claude/thinking-text.sse")));
        assertThat(shape(claude.post(streamed()).body())).isEqualTo(shape(body("claude/tool-use-no-arguments.sse")));
        assertThat(shape(claude.post(streamed()).body())).isEqualTo(shape(body("claude/citations-char-location.sse")));
    }

    @Test
    void kimis_face_has_the_events_of_the_real_one() throws Exception {
        kimi.reply(Reply.reasoning("a b").thenText("a b").usage(20, 5, 7));

        String stream = claude.post("/anthropic/v1/messages", Claude.request("kimi-k2.6", "\"stream\":true"))
                .body();

        assertThat(shape(stream)).isEqualTo(shape(body("kimi/anthropic-endpoint-k2.6-thinking-text.sse")));
    }

    @Test
    void errors_have_the_words_of_the_real_ones() throws Exception {
        HttpResponse<String> noCap = claude.post("{\"model\":\"" + MODEL + "\",\"messages\":[" + Claude.ASK + "]}");
        HttpResponse<String> noKey = claude.key("sk-wrong").post(Claude.request(MODEL, ""));

        assertThat(error(noCap.body())).isEqualTo(error(body("errors/anthropic-400-max-tokens-required.http")));
        assertThat(error(noKey.body())).isEqualTo(error(body("errors/anthropic-401.http")));
        assertThat(members(noKey.body())).isEqualTo(members(body("errors/anthropic-401.http")));
        assertThat(noKey.statusCode()).isEqualTo(401);
        assertThat(noCap.headers().firstValue("x-should-retry")).hasValue("false");
    }

    @Test
    void a_batch_has_the_members_of_the_real_one_in_their_order() throws Exception {
        String items = "{\"requests\":[{\"custom_id\":\"0\",\"params\":" + Claude.request(MODEL, "") + "}]}";
        JsonNode created = Client.json(claude.post("/v1/messages/batches", items));
        String path = "/v1/messages/batches/" + created.path("id").stringValue();

        assertThat(members(claude.get(path).body())).isEqualTo(members(body("claude/batch-ended.json")));
        assertThat(members(claude.get(path + "/results").body().lines().toList().get(0)))
                .isEqualTo(members(
                        body("claude/batch-results.jsonl").lines().toList().get(0)));
    }

    @Test
    void what_the_service_said_is_accepted_when_it_comes_back() throws Exception {
        int checked = 0;
        for (Path file : recorded()) {
            JsonNode content = content(Files.readString(file));
            for (String model : List.of(MODEL, "claude-opus-5-5")) {
                HttpResponse<String> response =
                        claude.post(Claude.request(model, "", Claude.ASK, Claude.assistant(content), next(content)));

                assertThat(response.statusCode())
                        .as(file.getFileName() + ": " + response.body())
                        .isEqualTo(200);
            }
            checked++;
        }
        assertThat(checked).isGreaterThan(15);
    }

    private List<Path> recorded() throws IOException {
        try (Stream<Path> files = Files.list(captures.resolve("claude"))) {
            return files.filter(file -> Stream.of(".sse", ".json", ".http")
                            .anyMatch(file.getFileName().toString()::endsWith))
                    .filter(file -> !Stream.of("batch-", "count-")
                            .anyMatch(file.getFileName().toString()::startsWith))
                    .sorted()
                    .toList();
        }
    }

    /** The content of a recorded response, put together from its events if it was streamed. */
    private static JsonNode content(String recording) {
        int head = recording.indexOf("\r\n\r\n");
        String body = head < 0 ? recording : recording.substring(head + 4);
        if (body.startsWith("{")) {
            return Client.JSON.readTree(body).path("content");
        }
        ArrayNode content = Client.JSON.createArrayNode();
        StringBuilder input = new StringBuilder();
        for (JsonNode event : Client.events(body)) {
            switch (event.path("type").asString("")) {
                case "content_block_start" -> {
                    content.add(event.path("content_block").deepCopy());
                    input.setLength(0);
                }
                case "content_block_delta" -> apply(event.path("delta"), (ObjectNode) last(content), input);
                case "content_block_stop" -> {
                    if (!input.isEmpty()) {
                        ((ObjectNode) last(content)).set("input", Client.JSON.readTree(input.toString()));
                    }
                }
                default -> {
                    // nothing of the content
                }
            }
        }
        return content;
    }

    private static void apply(JsonNode delta, ObjectNode block, StringBuilder input) {
        switch (delta.path("type").asString("")) {
            case "text_delta" -> append(block, "text", delta);
            case "thinking_delta" -> append(block, "thinking", delta);
            case "signature_delta" -> append(block, "signature", delta);
            case "compaction_delta" -> block.set("content", delta.path("content"));
            case "input_json_delta" -> input.append(delta.path("partial_json").asString(""));
            case "citations_delta" -> block.withArray("citations").add(delta.path("citation"));
            default -> throw new AssertionError(delta);
        }
    }

    private static void append(ObjectNode block, String member, JsonNode delta) {
        block.put(member, block.path(member).asString("") + delta.path(member).asString(""));
    }

    private static JsonNode last(ArrayNode content) {
        return content.get(content.size() - 1);
    }

    private static String next(JsonNode content) {
        List<String> blocks = new ArrayList<>();
        for (JsonNode block : content) {
            if ("tool_use".equals(block.path("type").asString(""))) {
                blocks.add("{\"type\":\"tool_result\",\"tool_use_id\":" + block.path("id") + ",\"content\":\"1\"}");
            }
        }
        blocks.add("{\"type\":\"text\",\"text\":\"go on\"}");
        return Claude.user("[" + String.join(",", blocks) + "]");
    }

    private String cited() throws IOException {
        return content(body("claude/citations-char-location.sse")).path(0).toString();
    }

    private List<String> whole(String members) throws Exception {
        return members(claude.post(Claude.request(MODEL, members)).body());
    }

    private static String streamed() {
        return Claude.request(MODEL, "\"stream\":true");
    }

    private static List<String> members(String json) {
        return Claude.members(Client.JSON.readTree(json));
    }

    /** Each event as the paths of its members, with the type of its block or delta; repetitions count once. */
    private static List<String> shape(String stream) {
        List<String> shape = new ArrayList<>();
        for (JsonNode event : Client.events(stream)) {
            String one = event.path("type").asString("") + " "
                    + event.path("content_block").path("type").asString("")
                    + event.path("delta").path("type").asString("") + " " + Claude.members(event);
            if (shape.isEmpty() || !shape.get(shape.size() - 1).equals(one)) {
                shape.add(one);
            }
        }
        return shape;
    }

    private static String error(String body) {
        return Client.JSON.readTree(body).path("error").toString();
    }

    private String body(String file) throws IOException {
        String recording = Files.readString(captures.resolve(file));
        int head = recording.indexOf("\r\n\r\n");
        return head < 0 ? recording : recording.substring(head + 4);
    }
}
