package dev.kimi.test;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

class BoundThinkingTest {

    private static final String MODEL = "claude-opus-5-5";
    private static final String SYSTEM = "\"system\":\"Be brief.\"";
    private static final String BINDING = "thinking-binding-controls-2026-08-01";
    private static final String BOUND = "The block is bound to a different conversation.";

    private final KimiSimulator kimi = KimiSimulator.start();
    private final Claude claude = new Claude(kimi);

    @AfterEach
    void stop() {
        kimi.close();
    }

    @Test
    void a_conversation_that_only_grows_is_accepted_over_many_turns() throws Exception {
        StringBuilder turns = new StringBuilder(Claude.ASK);
        for (int i = 0; i < 30; i++) {
            kimi.reply(Reply.reasoning("Step " + i + ".").thenToolCall("look", "{\"at\":" + i + ",\"a\":1}"));
            HttpResponse<String> response = claude.post(request(SYSTEM, turns.toString()));
            assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
            JsonNode content = Client.json(response).path("content");
            String id = content.path(1).path("id").stringValue();
            turns.append(',').append(Claude.assistant(content));
            turns.append(',')
                    .append(Claude.user("[{\"type\":\"tool_result\",\"tool_use_id\":\"" + id + "\",\"content\":[{"
                            + "\"type\":\"image\",\"source\":{\"type\":\"base64\",\"media_type\":\"image/png\","
                            + "\"data\":\"iVBORw0K\"}}]}]"));
        }
    }

    @Test
    void an_edit_before_the_block_is_rejected_and_so_is_the_same_request_again() throws Exception {
        JsonNode content = first();
        String edited = request("\"system\":\"Be  brief.\"", next(content));

        assertThat(claude.rejection(edited))
                .startsWith("messages.1.content.0: Invalid `signature` in `thinking` block. " + BOUND);
        assertThat(claude.rejection(edited)).contains(BOUND);
        assertThat(claude.rejection(request(SYSTEM, next(content).replace("\"hi\"", "\"ho\""))))
                .contains(BOUND);
        assertThat(claude.rejection(
                        request(SYSTEM + ",\"tools\":[{\"name\":\"f\",\"input_schema\":{}}]", next(content))))
                .contains(BOUND);
        assertThat(claude.post("/v1/messages/count_tokens", edited).body()).contains(BOUND);
    }

    @Test
    void what_the_model_does_not_read_may_change() throws Exception {
        JsonNode content = first();
        String cached = "\"system\":[{\"type\":\"text\",\"text\":\"Be brief.\",\"cache_control\":"
                + "{\"type\":\"ephemeral\"}}],\"output_config\":{\"effort\":\"low\"}";
        String deferred = "\"tools\":[{\"name\":\"g\",\"input_schema\":{}},{\"name\":\"f\",\"input_schema\":{},"
                + "\"defer_loading\":true}]";

        assertAccepted(claude.post(request(cached, next(content))));
        assertThat(claude.rejection(request(SYSTEM + "," + deferred, next(content))))
                .contains(BOUND);
        kimi.reply(Reply.reasoning("Hm.").thenText("Ho."));
        String tool = "\"tools\":[{\"name\":\"g\",\"input_schema\":{}}]";
        JsonNode withTool = Client.json(claude.post(request(SYSTEM + "," + tool, Claude.ASK)))
                .path("content");
        assertAccepted(claude.post(request(SYSTEM + "," + deferred, next(withTool))));
    }

    @Test
    void blocks_may_be_removed_from_the_start_but_not_from_the_middle() throws Exception {
        JsonNode one = first();
        kimi.reply(Reply.reasoning("Two.").thenText("b"));
        JsonNode two = Client.json(claude.post(request(SYSTEM, next(one)))).path("content");
        String third = next(one) + "," + Claude.assistant(two) + "," + Claude.ASK;
        kimi.reply(Reply.reasoning("Three.").thenText("c"));
        JsonNode three = Client.json(claude.post(request(SYSTEM, third))).path("content");
        String tail = "," + Claude.assistant(three) + "," + Claude.ASK;

        assertAccepted(claude.post(request(SYSTEM, third + tail)));
        assertAccepted(claude.post(
                request(SYSTEM, next(without(one)) + "," + Claude.assistant(two) + "," + Claude.ASK + tail)));
        assertThat(claude.rejection(
                        request(SYSTEM, next(one) + "," + Claude.assistant(without(two)) + "," + Claude.ASK + tail)))
                .startsWith("messages.5.content.0")
                .contains(BOUND);
    }

    @Test
    void a_removed_block_that_comes_back_is_rejected_with_what_follows_it() throws Exception {
        JsonNode one = first();
        kimi.reply(Reply.reasoning("Two.").thenText("b"));
        JsonNode two =
                Client.json(claude.post(request(SYSTEM, next(without(one))))).path("content");
        String tail = "," + Claude.assistant(two) + "," + Claude.ASK;

        assertAccepted(claude.post(request(SYSTEM, next(without(one)) + tail)));
        assertThat(claude.rejection(request(SYSTEM, next(one) + tail)))
                .startsWith("messages.3.content.0")
                .contains(BOUND);
    }

    @Test
    void drop_block_lets_the_request_pass_without_the_block_and_says_so() throws Exception {
        String drop = SYSTEM.replace("brief", "long") + ",\"thinking\":{\"type\":\"adaptive\",\"block_binding\":"
                + "{\"prefix_mismatch_behavior\":\"drop_block\"}}";
        String body = request(drop, next(first()));

        JsonNode dropped = Client.json(claude.beta(BINDING).post(body));
        String stream = claude.beta(BINDING)
                .post(body.replace("\"max_tokens\"", "\"stream\":true,\"max_tokens\""))
                .body();

        assertThat(claude.rejection(body)).contains("block_binding: Extra inputs are not permitted");
        assertThat(dropped.path("input_transformations").toString())
                .isEqualTo("[{\"type\":\"thinking_dropped\",\"path\":\"messages.1.content.0\","
                        + "\"reason\":\"prefix_binding_mismatch\"}]");
        assertThat(Client.events(stream)
                        .get(0)
                        .path("message")
                        .path("input_transformations")
                        .size())
                .isEqualTo(1);
    }

    @Test
    void a_block_that_the_model_cannot_read_or_of_another_account_is_dropped_in_silence() throws Exception {
        String turns = next(first());
        String sonnet =
                turns("claude-sonnet-5-5", Client.json(ask("claude-sonnet-5-5")).path("content"));

        HttpResponse<String> unreadable = claude.beta(BINDING).post(Claude.request("claude-sonnet-5", SYSTEM, turns));
        HttpResponse<String> foreign =
                claude.key("sk-other").beta(BINDING).post(Claude.request("claude-sonnet-5-5", SYSTEM, sonnet));

        assertAccepted(claude.post(Claude.request("claude-sonnet-5", SYSTEM, turns)));
        assertThat(unreadable.body()).contains("model_binding_mismatch");
        assertThat(foreign.body()).contains("organization_binding_mismatch");
        assertAccepted(claude.post(Claude.request("claude-sonnet-5-5", SYSTEM, sonnet)));
    }

    @Test
    void a_signature_that_was_cut_or_a_text_that_was_changed_is_another_failure() throws Exception {
        JsonNode content = first();
        String signature = content.path(0).path("signature").stringValue();
        String plain = "messages.1.content.0: Invalid `signature` in `thinking` block";
        ArrayNode reworded = (ArrayNode) content.deepCopy();
        ((ObjectNode) reworded.get(0)).put("thinking", "Something else.");

        assertThat(claude.rejection(request(SYSTEM, next(content).replace(signature, signature.substring(0, 40)))))
                .isEqualTo(plain);
        assertThat(claude.rejection(request(SYSTEM, next(content).replace(signature, ""))))
                .isEqualTo(plain);
        assertThat(claude.rejection(request(SYSTEM, next(reworded)))).contains("cannot be modified");
    }

    @Test
    void an_older_model_minds_the_signature_alone() throws Exception {
        JsonNode content = Client.json(ask("claude-opus-5")).path("content");
        String edited = turns("claude-opus-5", content).replace("\"hi\"", "\"ho\"");

        assertAccepted(claude.post(Claude.request("claude-opus-5", SYSTEM, edited)));
    }

    private JsonNode first() throws Exception {
        return Client.json(ask(MODEL)).path("content");
    }

    private HttpResponse<String> ask(String model) throws Exception {
        kimi.reply(Reply.reasoning("Hm.").thenText("Ho."));
        return claude.post(Claude.request(model, SYSTEM, Claude.ASK));
    }

    private static String request(String members, String messages) {
        return Claude.request(MODEL, members, messages);
    }

    private static String next(JsonNode content) {
        return turns(MODEL, content);
    }

    private static String turns(String model, JsonNode content) {
        assertThat(content.path(0).path("type").asString("")).as(model).isNotEmpty();
        return Claude.ASK + "," + Claude.assistant(content) + "," + Claude.ASK;
    }

    private static ArrayNode without(JsonNode content) {
        ArrayNode rest = (ArrayNode) content.deepCopy();
        rest.remove(0);
        return rest;
    }

    private static void assertAccepted(HttpResponse<String> response) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    }
}
