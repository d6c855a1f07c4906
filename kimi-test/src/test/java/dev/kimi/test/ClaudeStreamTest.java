package dev.kimi.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class ClaudeStreamTest {

    private static final String MODEL = "claude-haiku-4-5";

    private static KimiSimulator kimi;
    private static Claude claude;

    @BeforeAll
    static void start() {
        kimi = KimiSimulator.start();
        claude = new Claude(kimi);
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
    void blocks_keep_the_order_of_the_script() throws Exception {
        Reply reply = Reply.reasoning("One.")
                .thenToolCall("f", "{\"a\":1}")
                .thenReasoning("Two.")
                .thenText("Three.")
                .thenBlock("{\"type\":\"redacted_thinking\",\"data\":\"xyz\"}");
        kimi.reply(reply, reply);

        JsonNode whole = Client.json(claude.post(Claude.request(MODEL, "")));
        List<JsonNode> events = stream(MODEL);

        assertThat(types(whole.path("content")))
                .containsExactly("thinking", "tool_use", "thinking", "text", "redacted_thinking");
        assertThat(events.stream()
                        .filter(event -> "content_block_start".equals(type(event)))
                        .map(event -> type(event.path("content_block"))))
                .containsExactly("thinking", "tool_use", "thinking", "text", "redacted_thinking");
        assertThat(whole.path("content").path(4).path("data").stringValue()).isEqualTo("xyz");
    }

    @Test
    void the_text_of_thinking_is_left_out_where_the_model_does_so() throws Exception {
        Reply reply = Reply.reasoning("Hm.").thenText("Ho.");
        kimi.reply(reply, reply, reply);

        JsonNode hidden = Client.json(claude.post(Claude.request("claude-opus-5-5", "")));
        List<JsonNode> events = stream("claude-opus-5-5");
        JsonNode shown = Client.json(claude.post(
                Claude.request("claude-opus-5-5", "\"thinking\":{\"type\":\"adaptive\",\"display\":\"summarized\"}")));

        assertThat(hidden.path("content").path(0).path("thinking").stringValue())
                .isEmpty();
        assertThat(hidden.path("content").path(0).path("signature").stringValue())
                .isNotEmpty();
        assertThat(events.stream()
                        .filter(event -> "content_block_delta".equals(type(event)))
                        .map(event -> type(event.path("delta"))))
                .containsExactly("signature_delta", "text_delta");
        assertThat(shown.path("content").path(0).path("thinking").stringValue()).isEqualTo("Hm.");
    }

    @Test
    void citations_and_the_input_of_a_server_tool_come_in_deltas() throws Exception {
        kimi.reply(Reply.text("See: ")
                .thenBlock("{\"type\":\"server_tool_use\",\"id\":\"srvtoolu_1\",\"name\":\"web_search\","
                        + "\"input\":{\"query\":\"ruby\"}}")
                .thenBlock("{\"type\":\"web_search_tool_result\",\"tool_use_id\":\"srvtoolu_1\",\"content\":[]}")
                .thenBlock("{\"type\":\"text\",\"text\":\"4.0\",\"citations\":[{\"type\":\"char_location\","
                        + "\"cited_text\":\"4.0\"}]}"));

        List<JsonNode> events = stream(MODEL);

        assertThat(events.stream()
                        .filter(event -> "content_block_delta".equals(type(event)))
                        .map(event -> event.path("index").asInt() + " " + type(event.path("delta")))
                        .distinct())
                .containsExactly("0 text_delta", "1 input_json_delta", "3 citations_delta", "3 text_delta");
        assertThat(events.stream()
                        .filter(event -> "input_json_delta".equals(type(event.path("delta"))))
                        .findFirst()
                        .orElseThrow()
                        .path("delta")
                        .path("partial_json")
                        .stringValue())
                .isEmpty();
    }

    @Test
    void a_block_of_a_script_is_a_json_object_with_a_type() {
        Reply text = Reply.text("a");

        for (String json : List.of("[]", "{}", "{\"type\":1}", "type")) {
            assertThatThrownBy(() -> text.thenBlock(json))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("a block must be a JSON object with a type");
        }
    }

    @Test
    void another_model_takes_over_in_the_middle() throws Exception {
        Reply reply = Reply.text("He").thenServedBy("claude-opus-4-8").thenText("llo");
        kimi.reply(reply, reply, reply);

        JsonNode body = Client.json(claude.post(Claude.request("claude-fable-5-1", "")));
        String chat = new Client(kimi).chat("hi").body();
        JsonNode ofKimi = Client.json(claude.post("/anthropic/v1/messages", Claude.request("kimi-k3", "")));

        assertThat(body.path("model").stringValue()).isEqualTo("claude-opus-4-8");
        assertThat(body.path("content").path(1).toString())
                .isEqualTo("{\"type\":\"fallback\",\"from\":{\"model\":\"claude-fable-5-1\"},\"to\":{\"model\":"
                        + "\"claude-opus-4-8\"},\"trigger\":{\"type\":\"refusal\",\"category\":null}}");
        assertThat(types(body.path("usage").path("iterations"))).containsExactly("message", "fallback_message");
        assertThat(chat).contains("\"Hello\"");
        assertThat(types(ofKimi.path("content"))).doesNotContain("fallback");
    }

    @Test
    void a_response_that_was_declined_has_details_and_a_pause_is_a_stop_reason() throws Exception {
        kimi.reply(
                Reply.text("Well").thenRefusal("bio", null),
                Reply.text("").finishReason("pause_turn"),
                Reply.text("Well").thenRefusal("bio", null));

        JsonNode refused = Client.json(claude.post(Claude.request(MODEL, "")));
        JsonNode paused = Client.json(claude.post(Claude.request(MODEL, "")));
        String chat = new Client(kimi).chat("hi").body();

        assertThat(refused.path("stop_reason").stringValue()).isEqualTo("refusal");
        assertThat(refused.path("stop_details").toString())
                .isEqualTo("{\"type\":\"refusal\",\"category\":\"bio\",\"explanation\":null}");
        assertThat(paused.path("stop_reason").stringValue()).isEqualTo("pause_turn");
        assertThat(chat).contains("\"finish_reason\":\"content_filter\"");
    }

    @Test
    void a_stop_sequence_is_named() throws Exception {
        JsonNode body = Client.json(claude.post(Claude.request(MODEL, "\"stop_sequences\":[\" \"]")));

        assertThat(body.path("stop_reason").stringValue()).isEqualTo("stop_sequence");
        assertThat(body.path("stop_sequence").stringValue()).isEqualTo(" ");
    }

    @Test
    void the_end_can_come_in_several_events_and_pings_anywhere() throws Exception {
        kimi.reply(Reply.text("a b c d").messageDeltas(3).pingEvery(2));

        HttpResponse<String> response = claude.post(streamed(MODEL));
        List<JsonNode> events = Client.events(response.body());

        List<JsonNode> ends = events.stream()
                .filter(event -> "message_delta".equals(type(event)))
                .toList();
        assertThat(ends).hasSize(3);
        assertThat(ends.get(0).path("delta").path("stop_reason").isNull()).isTrue();
        assertThat(ends.get(2).path("delta").path("stop_reason").stringValue()).isEqualTo("end_turn");
        assertThat(events.stream().filter(event -> "ping".equals(type(event)))).hasSizeGreaterThan(3);
        assertThat(type(events.get(events.size() - 1))).isEqualTo("message_stop");
    }

    @Test
    void events_are_padded_with_spaces_as_the_service_does() throws Exception {
        String stream = claude.post(streamed(MODEL)).body();

        assertThat(stream.lines().filter(line -> line.matches("data: .*[^ ] +}")))
                .isNotEmpty();
    }

    @Test
    void rate_limits_are_in_the_headers_of_every_response_and_of_a_429() throws Exception {
        kimi.limits(AccountLimits.none().withRequestsPerMinute(1));

        HttpResponse<String> accepted = claude.post(Claude.request(MODEL, ""));
        HttpResponse<String> rejected = claude.post(Claude.request(MODEL, ""));

        assertThat(header(accepted, "anthropic-ratelimit-requests-limit")).isEqualTo("1");
        assertThat(header(accepted, "anthropic-ratelimit-requests-remaining")).isEqualTo("0");
        assertThat(header(accepted, "anthropic-ratelimit-input-tokens-limit")).isEqualTo("10000000");
        assertThat(header(accepted, "anthropic-ratelimit-requests-reset")).matches("20\\d\\d-.*Z|19.*Z");
        assertThat(rejected.statusCode()).isEqualTo(429);
        assertThat(header(rejected, "anthropic-ratelimit-requests-remaining")).isEqualTo("0");
        assertThat(Long.parseLong(header(rejected, "retry-after"))).isBetween(1L, 61L);
        assertThat(header(rejected, "x-should-retry")).isEqualTo("true");
        assertThat(rejected.headers().firstValue("msh-cooldown-seconds")).isEmpty();
        assertThat(Client.json(rejected).path("request_id").stringValue()).isEqualTo(header(rejected, "request-id"));
    }

    @Test
    void what_was_generated_counts_against_a_limit_of_its_own_but_the_cap_does_not() throws Exception {
        kimi.limits(AccountLimits.none().withOutputTokensPerMinute(60));
        kimi.otherwise(Reply.text("Blue.").usage(10, 50, 0));

        HttpResponse<String> first = claude.post(Claude.request(MODEL, ""));
        HttpResponse<String> second = claude.post(Claude.request(MODEL, ""));
        HttpResponse<String> third = claude.post(Claude.request(MODEL, ""));
        HttpResponse<String> ofKimi = claude.post("/anthropic/v1/messages", Claude.request("kimi-k3", ""));

        assertThat(header(first, "anthropic-ratelimit-output-tokens-limit")).isEqualTo("60");
        assertThat(second.statusCode()).isEqualTo(200);
        assertThat(third.statusCode()).isEqualTo(429);
        assertThat(third.body()).contains("of 60 output tokens per minute");
        assertThat(ofKimi.statusCode()).isEqualTo(200);
    }

    @Test
    void a_spend_limit_is_a_429_that_names_no_time() throws Exception {
        kimi.reply(Reply.quotaExceeded(), Reply.quotaExceeded());

        HttpResponse<String> spent = claude.post(Claude.request(MODEL, ""));
        HttpResponse<String> ofKimi = claude.post("/anthropic/v1/messages", Claude.request("kimi-k3", ""));

        assertThat(spent.statusCode()).isEqualTo(429);
        assertThat(spent.headers().firstValue("retry-after")).isEmpty();
        assertThat(header(spent, "x-should-retry")).isEqualTo("false");
        JsonNode error = Client.json(spent).path("error");
        assertThat(error.path("type").stringValue()).isEqualTo("rate_limit_error");
        assertThat(error.path("details").path("error_code").stringValue()).isEqualTo("enforced_spend_limit_reached");
        assertThat(Client.json(ofKimi).path("error").path("type").stringValue())
                .isEqualTo("exceeded_current_quota_error");
    }

    @Test
    void overload_comes_before_or_within_a_stream() throws Exception {
        kimi.reply(
                Reply.overloaded(),
                Reply.text("a b").errorEventAfter(4, "engine_overloaded_error", "Overloaded"),
                Reply.rateLimited(Duration.ofSeconds(3)));

        HttpResponse<String> before = claude.post(streamed(MODEL));
        String within = claude.post(streamed(MODEL)).body();
        HttpResponse<String> limited = claude.post(streamed(MODEL));

        assertThat(before.statusCode()).isEqualTo(529);
        assertThat(Client.json(before).path("error").path("message").stringValue())
                .isEqualTo("Overloaded");
        assertThat(Claude.types(within)).endsWith("content_block_delta", "error");
        assertThat(header(limited, "retry-after")).isEqualTo("3");
    }

    @Test
    void models_are_listed_by_the_service_that_the_headers_ask_for() throws Exception {
        JsonNode ofClaude = Client.json(claude.get("/v1/models?limit=2"));
        JsonNode ofKimi = Client.json(new Client(kimi).get("/v1/models"));
        JsonNode one = Client.json(claude.get("/v1/models/claude-opus-4-8"));

        assertThat(ofClaude.path("data").size()).isEqualTo(2);
        assertThat(ofClaude.path("has_more").asBoolean()).isTrue();
        assertThat(ofClaude.path("data").path(0).path("id").stringValue()).isEqualTo("claude-fable-5-2");
        assertThat(ofKimi.path("object").stringValue()).isEqualTo("list");
        assertThat(one.path("display_name").stringValue()).isEqualTo("Claude Opus 4.8");
        assertThat(one.path("max_input_tokens").asInt()).isEqualTo(1_000_000);
        assertThat(claude.get("/v1/models/claude-3-opus").statusCode()).isEqualTo(404);
    }

    private static String streamed(String model) {
        return Claude.request(model, "\"stream\":true");
    }

    private static List<JsonNode> stream(String model) throws Exception {
        return Client.events(claude.post(streamed(model)).body());
    }

    private static String type(JsonNode node) {
        return node.path("type").asString("");
    }

    private static List<String> types(JsonNode nodes) {
        return nodes.valueStream().map(ClaudeStreamTest::type).toList();
    }

    private static String header(HttpResponse<String> response, String name) {
        return response.headers().firstValue(name).orElse("");
    }
}
