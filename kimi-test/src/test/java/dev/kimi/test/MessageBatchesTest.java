package dev.kimi.test;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.time.VirtualTime;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class MessageBatchesTest {

    private static final String PATH = "/v1/messages/batches";
    private static final String MODEL = "claude-haiku-4-5";

    private final VirtualTime time = new VirtualTime();
    private final KimiSimulator kimi = KimiSimulator.builder().time(time).start();
    private final Claude claude = new Claude(kimi);

    @AfterEach
    void stop() {
        kimi.close();
    }

    @Test
    void a_batch_is_in_progress_when_created_and_its_results_come_in_another_order() throws Exception {
        kimi.reply(Reply.text("one"), Reply.overloaded(), Reply.text("three"));

        JsonNode created = Client.json(create(item("a", ""), item("b", ""), item("c", "")));
        JsonNode ended = Client.json(claude.get(PATH + "/" + id(created)));
        HttpResponse<String> results = claude.get(
                ended.path("results_url").stringValue().substring(kimi.baseUrl().length()));

        assertThat(created.path("processing_status").stringValue()).isEqualTo("in_progress");
        assertThat(created.path("request_counts").path("processing").asInt()).isEqualTo(3);
        assertThat(created.path("results_url").isNull()).isTrue();
        assertThat(ended.path("processing_status").stringValue()).isEqualTo("ended");
        assertThat(ended.path("request_counts").toString())
                .isEqualTo("{\"processing\":0,\"succeeded\":2,\"errored\":1,\"canceled\":0,\"expired\":0}");
        List<JsonNode> lines = lines(results);
        assertThat(lines)
                .extracting(line -> line.path("custom_id").stringValue())
                .containsExactly("c", "b", "a");
        assertThat(text(lines.get(0))).isEqualTo("three");
        assertThat(lines.get(0)
                        .path("result")
                        .path("message")
                        .path("usage")
                        .path("service_tier")
                        .stringValue())
                .isEqualTo("batch");
        JsonNode failed = lines.get(1).path("result");
        assertThat(failed.path("type").stringValue()).isEqualTo("errored");
        assertThat(failed.path("error").path("error").path("type").stringValue())
                .isEqualTo("overloaded_error");
    }

    @Test
    void an_item_is_checked_like_a_request_and_fails_alone() throws Exception {
        JsonNode created = Client.json(create(item("good", ""), item("bad", ",\"temperature\":1")));

        List<JsonNode> lines = lines(claude.get(PATH + "/" + id(created) + "/results"));

        assertThat(lines.get(0)
                        .path("result")
                        .path("error")
                        .path("error")
                        .path("message")
                        .stringValue())
                .isEqualTo("temperature: Extra inputs are not permitted");
        assertThat(lines.get(1).path("result").path("type").stringValue()).isEqualTo("succeeded");
    }

    @Test
    void items_take_the_time_of_their_replies_and_results_wait_for_the_last() throws Exception {
        kimi.reply(Reply.text("one"), Reply.text("two").after(Duration.ofMinutes(10)));

        String id = id(Client.json(create(item("a", ""), item("b", ""))));
        JsonNode running = Client.json(claude.get(PATH + "/" + id));
        HttpResponse<String> tooEarly = claude.get(PATH + "/" + id + "/results");
        time.advance(Duration.ofMinutes(10));

        assertThat(running.path("processing_status").stringValue()).isEqualTo("in_progress");
        assertThat(tooEarly.statusCode()).isEqualTo(400);
        assertThat(awaitEnd(id).path("request_counts").path("succeeded").asInt())
                .isEqualTo(2);
    }

    @Test
    void a_cancelled_batch_keeps_what_was_done() throws Exception {
        kimi.reply(Reply.text("one"), Reply.text("two").stallBeforeHeaders());
        String id = id(Client.json(create(item("a", ""), item("b", ""))));

        JsonNode cancelling = Client.json(claude.send(PATH + "/" + id + "/cancel", "POST", ""));
        JsonNode ended = Client.json(claude.get(PATH + "/" + id));

        assertThat(cancelling.path("processing_status").stringValue()).isEqualTo("canceling");
        assertThat(cancelling.path("cancel_initiated_at").isString()).isTrue();
        assertThat(ended.path("request_counts").path("succeeded").asInt()).isEqualTo(1);
        assertThat(ended.path("request_counts").path("canceled").asInt()).isEqualTo(1);
    }

    @Test
    void a_batch_expires_after_a_day_and_its_results_are_kept_for_29() throws Exception {
        kimi.reply(Reply.text("one").stallBeforeHeaders());
        String id = id(Client.json(create(item("a", ""))));

        time.advance(Duration.ofHours(24));
        JsonNode expired = awaitEnd(id);
        time.advance(Duration.ofDays(28));
        JsonNode archived = Client.json(claude.get(PATH + "/" + id));

        assertThat(expired.path("request_counts").path("expired").asInt()).isEqualTo(1);
        assertThat(archived.path("archived_at").isString()).isTrue();
        assertThat(archived.path("results_url").isNull()).isTrue();
        assertThat(claude.get(PATH + "/" + id + "/results").statusCode()).isEqualTo(404);
    }

    @Test
    void batches_are_listed_page_by_page_deleted_and_seen_by_their_account_alone() throws Exception {
        String one = id(Client.json(create(item("a", ""))));
        String two = id(Client.json(create(item("a", ""))));

        JsonNode first = Client.json(claude.get(PATH + "?limit=1"));
        JsonNode second = Client.json(claude.get(PATH + "?limit=1&after_id=" + two));
        JsonNode deleted = Client.json(claude.send(PATH + "/" + one, "DELETE", ""));

        assertThat(first.path("data").path(0).path("id").stringValue()).isEqualTo(two);
        assertThat(first.path("has_more").asBoolean()).isTrue();
        assertThat(second.path("data").path(0).path("id").stringValue()).isEqualTo(one);
        assertThat(second.path("has_more").asBoolean()).isFalse();
        assertThat(deleted.path("type").stringValue()).isEqualTo("message_batch_deleted");
        assertThat(claude.get(PATH + "/" + one).statusCode()).isEqualTo(404);
        assertThat(claude.key("sk-other").get(PATH + "/" + two).statusCode()).isEqualTo(404);
    }

    @Test
    void what_a_batch_cannot_be_is_rejected_at_once() throws Exception {
        assertThat(message(create())).contains("from 1 to 100000 requests");
        assertThat(message(create(item("a", ""), item("a", "")))).contains("must be unique");
        assertThat(message(create(item("a b", "")))).contains("requests.0.custom_id");
        assertThat(message(create(item("a", ",\"stream\":true")))).contains("requests.0.params.stream");
        List<String> many = new ArrayList<>();
        for (int i = 0; i <= 100_000; i++) {
            many.add("{\"custom_id\":\"i" + i + "\",\"params\":{}}");
        }
        assertThat(message(create(many.toArray(String[]::new)))).contains("not 100001");
    }

    @Test
    void a_bound_block_is_dropped_in_a_batch_unless_the_item_says_otherwise() throws Exception {
        kimi.reply(Reply.reasoning("Hm.").thenText("Ho."));
        String model = "claude-opus-5-5";
        JsonNode content = Client.json(claude.post(Claude.request(model, "\"system\":\"a\"")))
                .path("content");
        String edited = Claude.request(model, "\"system\":\"b\"", Claude.ASK, Claude.assistant(content), Claude.ASK);

        JsonNode created =
                Client.json(claude.post(PATH, "{\"requests\":[{\"custom_id\":\"a\",\"params\":" + edited + "}]}"));
        List<JsonNode> lines = lines(claude.get(PATH + "/" + id(created) + "/results"));

        assertThat(lines.get(0).path("result").path("type").stringValue()).isEqualTo("succeeded");
    }

    /** The clock's tasks reach the event loop a moment later. */
    private JsonNode awaitEnd(String id) throws Exception {
        JsonNode batch = Client.json(claude.get(PATH + "/" + id));
        for (int i = 0;
                i < 1_000 && !"ended".equals(batch.path("processing_status").asString(""));
                i++) {
            batch = Client.json(claude.get(PATH + "/" + id));
        }
        return batch;
    }

    private HttpResponse<String> create(String... items) throws Exception {
        return claude.post(PATH, "{\"requests\":[" + String.join(",", items) + "]}");
    }

    private static String item(String customId, String members) {
        return "{\"custom_id\":\"" + customId + "\",\"params\":{\"model\":\"" + MODEL
                + "\",\"max_tokens\":50,\"messages\":[" + Claude.ASK + "]" + members + "}}";
    }

    private static String id(JsonNode batch) {
        return batch.path("id").stringValue();
    }

    private static String text(JsonNode line) {
        return line.path("result")
                .path("message")
                .path("content")
                .path(0)
                .path("text")
                .stringValue();
    }

    private static String message(HttpResponse<String> response) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(400);
        return Client.json(response).path("error").path("message").stringValue();
    }

    private static List<JsonNode> lines(HttpResponse<String> results) {
        assertThat(results.headers().firstValue("content-type")).hasValue("application/x-jsonl");
        return results.body().lines().map(Client.JSON::readTree).toList();
    }
}
