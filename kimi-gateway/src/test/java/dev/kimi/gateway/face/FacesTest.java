package dev.kimi.gateway.face;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.gateway.GatewayFixture;
import dev.kimi.gateway.RawClient;
import dev.kimi.gateway.call.GatewayCall.Outcome;
import dev.kimi.test.ReceivedRequest;
import dev.kimi.test.Reply;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What clients get at each path, over HTTP. */
class FacesTest {

    private static final String MESSAGES = "/v1/messages";
    private static final String COUNT = "/v1/messages/count_tokens";
    private static final String COMPLETIONS = "/v1/chat/completions";

    private final GatewayFixture gateway = GatewayFixture.gateway();

    private static String ask(String model) {
        return "{\"model\":\"" + model + "\",\"max_tokens\":100,"
                + "\"messages\":[{\"role\":\"user\",\"content\":\"Why is the sky blue?\"}]}";
    }

    @Test
    void a_client_that_looks_whether_somebody_is_there_gets_200_without_a_key() {
        HttpResponse<String> response = gateway.send(gateway.request("/api/hello")
                .method("HEAD", HttpRequest.BodyPublishers.noBody())
                .build());

        assertThat(response.statusCode()).isEqualTo(200);
    }

    @Test
    void an_unknown_path_is_an_error_in_the_shape_of_messages() {
        HttpResponse<String> response = gateway.get("/v2/messages");

        assertThat(response.statusCode()).isEqualTo(404);
        assertThat(response.body()).startsWith("{\"type\":\"error\",\"error\":{\"type\":\"not_found_error\"");
        assertThat(response.headers().firstValue("request-id").orElseThrow())
                .startsWith("req_")
                .satisfies(id -> assertThat(response.body()).contains(id));
    }

    @Test
    void an_unknown_path_is_an_error_in_the_shape_of_completions_for_their_clients() {
        HttpResponse<String> response = gateway.get("/v1/embeddings");

        assertThat(response.statusCode()).isEqualTo(404);
        assertThat(response.body()).startsWith("{\"error\":{");
        assertThat(response.headers().firstValue("x-request-id").orElseThrow()).startsWith("req_");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/v1/files/../messages",
                "/v1/files/%2e%2e/messages",
                "/v1/files/..%2fmessages",
                "/v1/files//x",
                "/v1/files/.hidden",
                "/v1//files/x",
                "/v1/files/x%00",
                "/v1/files;x=1/y",
                "/v1/messages/",
                "//v1/messages",
                "/v1/%6dessages",
                "/V1/messages",
                "/v1/filesystem",
                "/v1/messages/batches/../../models",
                "/v1/files\\..\\x"
            })
    void a_path_that_could_mean_another_one_reaches_no_service(String path) {
        try (RawClient client = new RawClient(gateway.port())) {
            String response = client.send("POST " + path + " HTTP/1.1\r\nhost: localhost\r\n"
                            + "content-type: application/json\r\ncontent-length: 2\r\n\r\n{}")
                    .readUntil("\r\n\r\n");

            assertThat(response).containsPattern("^HTTP/1.1 40[04] ");
        }
        assertThat(gateway.kimi().requests()).isEmpty();
        assertThat(gateway.claude().requests()).isEmpty();
    }

    @Test
    void a_method_that_a_path_does_not_take_is_405_with_those_that_it_takes() {
        HttpResponse<String> response = gateway.get(COMPLETIONS);

        assertThat(response.statusCode()).isEqualTo(405);
        assertThat(response.headers().firstValue("allow")).hasValue("POST");
        assertThat(response.body()).startsWith("{\"error\":{");
    }

    @Test
    void a_body_that_is_no_chat_is_a_400_in_the_callers_shape() {
        HttpResponse<String> messages = gateway.post(MESSAGES, "{\"model\":");
        HttpResponse<String> completions = gateway.post(COMPLETIONS, "[]");

        assertThat(messages.statusCode()).isEqualTo(400);
        assertThat(messages.body()).contains("\"type\":\"invalid_request_error\"");
        assertThat(completions.statusCode()).isEqualTo(400);
        assertThat(completions.body()).startsWith("{\"error\":{");
        assertThat(gateway.calls().awaitEnded().outcome()).isEqualTo(Outcome.REJECTED);
    }

    @Test
    void a_body_that_is_announced_too_large_is_rejected_before_it_is_sent() {
        try (RawClient client = new RawClient(gateway.port())) {
            String response = client.send("POST /v1/messages HTTP/1.1\r\nhost: localhost\r\n"
                            + "content-type: application/json\r\nexpect: 100-continue\r\n"
                            + "content-length: 50000000\r\n\r\n")
                    .readToEnd();

            assertThat(response)
                    .startsWith("HTTP/1.1 413 ")
                    .contains("request_too_large", "connection: close")
                    .doesNotContain("100 Continue");
        }
    }

    @Test
    void a_body_that_turns_out_too_large_is_not_read_on() {
        String chunk = "10000\r\n" + " ".repeat(0x10000) + "\r\n";
        try (RawClient client = new RawClient(gateway.port())) {
            client.send("POST /v1/messages HTTP/1.1\r\nhost: localhost\r\n"
                    + "content-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n");
            for (int sent = 0; sent <= 2 * 1024 * 1024; sent += 0x10000) {
                client.send(chunk);
            }

            assertThat(client.readUntil("request_too_large")).startsWith("HTTP/1.1 413 ");
        }
        assertThat(gateway.claude().requests()).isEmpty();
    }

    @Test
    void a_model_that_no_service_has_is_404_and_named() {
        HttpResponse<String> response = gateway.post(MESSAGES, ask("gpt-9"));

        assertThat(response.statusCode()).isEqualTo(404);
        assertThat(response.body()).contains("not_found_error", "gpt-9");
        assertThat(gateway.kimi().requests()).isEmpty();
        assertThat(gateway.places().taken()).isZero();
    }

    @Test
    void a_model_of_kimi_has_a_name_that_claude_code_finds() {
        gateway.kimi().reply(Reply.text("Rayleigh scattering."));

        HttpResponse<String> response = gateway.post(COMPLETIONS, ask("claude-kimi-k3"));

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).contains("Rayleigh scattering.");
        assertThat(response.headers().firstValue("kimi-endpoint")).hasValue("default");
        assertThat(response.headers().firstValue("kimi-model")).hasValue("kimi-k3");
        assertThat(response.headers().firstValueAsLong("content-length")).isPresent();
        assertThat(gateway.kimi().requests().get(0).body()).containsEntry("model", "kimi-k3");
    }

    @Test
    void models_come_in_the_shape_of_the_client_that_wants_them() {
        String anthropic = gateway.get("/v1/models?limit=1000", "anthropic-version", "2023-06-01")
                .body();
        String openai = gateway.get("/v1/models", "authorization", "Bearer x").body();

        assertThat(anthropic)
                .contains("\"has_more\":false", "\"first_id\":", "\"last_id\":", "\"display_name\":")
                .contains("\"id\":\"claude-kimi-k3\"", "\"id\":\"claude-sonnet-5-5\"");
        assertThat(openai).contains("\"object\":\"list\"", "\"id\":\"kimi-k3\"").doesNotContain("display_name");
        assertThat(gateway.kimi().requests()).isEmpty();
    }

    @Test
    void pages_of_models_follow_one_another() {
        String first = gateway.get("/v1/models?limit=2", "x-api-key", "x").body();
        String last = first.replaceAll(".*\"last_id\":\"([^\"]+)\".*", "$1");
        String second = gateway.get("/v1/models?limit=2&after_id=" + last, "x-api-key", "x")
                .body();

        assertThat(first).contains("\"has_more\":true");
        assertThat(second).doesNotContain("\"id\":\"" + last + "\"").contains("\"first_id\":\"");
        assertThat(gateway.get("/v1/models/claude-kimi-k3", "x-api-key", "x").body())
                .contains("\"type\":\"model\"");
        assertThat(gateway.get("/v1/models/gpt-9", "x-api-key", "x").statusCode())
                .isEqualTo(404);
    }

    @Test
    void tokens_are_counted_by_claude_and_estimated_when_that_fails() {
        HttpResponse<String> counted = gateway.post(COUNT, ask("claude-sonnet-5-5"));
        HttpResponse<String> byKimi = gateway.post(COUNT, ask("kimi-k3"));
        HttpResponse<String> estimated = gateway.post(COUNT, ask("claude-unknown-9"));

        for (HttpResponse<String> response : List.of(counted, byKimi, estimated)) {
            assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
            assertThat(response.body()).containsPattern("\"input_tokens\": ?[1-9]");
        }
        assertThat(gateway.claude().requests().get(0).path()).isEqualTo(COUNT);
    }

    @Test
    void an_error_of_claude_comes_with_its_status_body_and_headers() {
        String body = "{\"type\":\"error\",\"error\":{\"type\":\"invalid_request_error\","
                + "\"message\":\"thinking: signature is invalid\"},\"request_id\":\"req_theirs\"}";
        gateway.claude()
                .reply(Reply.status(400, body)
                        .header("request-id", "req_theirs")
                        .header("anthropic-ratelimit-requests-remaining", "7")
                        .header("set-cookie", "session=1"));

        HttpResponse<String> response = gateway.post(MESSAGES, ask("claude-sonnet-5-5"));

        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.body()).isEqualTo(body);
        assertThat(response.headers().firstValue("request-id")).hasValue("req_theirs");
        assertThat(response.headers().firstValue("kimi-request-id").orElseThrow())
                .startsWith("req_");
        assertThat(response.headers().firstValue("anthropic-ratelimit-requests-remaining"))
                .hasValue("7");
        assertThat(response.headers().firstValue("set-cookie")).isEmpty();
        assertThat(gateway.calls().awaitEnded().outcome()).isEqualTo(Outcome.FAILED);
        assertThat(gateway.places().settled()).containsExactly("0+0 cost");
    }

    @Test
    void trouble_with_the_gateways_own_credentials_is_not_the_callers() {
        gateway.claude().reply(Reply.unauthorized());

        HttpResponse<String> response = gateway.post(MESSAGES, ask("claude-sonnet-5-5"));

        assertThat(response.statusCode()).isEqualTo(502);
        assertThat(response.body()).contains("\"type\":\"api_error\"", "credentials of the gateway");
    }

    @Test
    void an_overload_of_kimi_is_what_claude_code_knows_as_one() {
        gateway.kimi().reply(Reply.overloaded());

        HttpResponse<String> response = gateway.post(MESSAGES, ask("kimi-k3"));

        assertThat(response.statusCode()).as(response.body()).isEqualTo(529);
        assertThat(response.body()).contains("overloaded_error");
        assertThat(response.headers().firstValue("retry-after")).isPresent();
    }

    @Test
    void a_quota_that_is_used_up_is_final_and_tried_once() {
        gateway.kimi().reply(Reply.quotaExceeded());

        HttpResponse<String> response = gateway.post(MESSAGES, ask("kimi-k3"));

        assertThat(response.statusCode()).as(response.body()).isEqualTo(429);
        assertThat(response.headers().firstValue("x-should-retry")).hasValue("false");
        assertThat(response.headers().firstValue("retry-after")).isEmpty();
        assertThat(gateway.kimi().requests()).hasSize(1);
    }

    @Test
    void a_rate_limit_of_kimi_says_how_long_to_wait() {
        gateway.kimi().reply(Reply.rateLimited(Duration.ofSeconds(7)));

        HttpResponse<String> response = gateway.post(MESSAGES, ask("kimi-k3"));

        assertThat(response.statusCode()).isEqualTo(429);
        assertThat(response.headers().firstValue("retry-after")).hasValue("7");
        assertThat(response.body()).contains("rate_limit_error");
    }

    @Test
    void html_and_timeouts_of_kimi_become_errors_of_messages() {
        gateway.kimi().reply(Reply.gatewayTimeout(), Reply.status(502, "<html>Bad gateway</html>"));

        HttpResponse<String> timeout = gateway.post(MESSAGES, ask("kimi-k3"));
        HttpResponse<String> html = gateway.post(MESSAGES, ask("kimi-k3"));

        assertThat(timeout.statusCode()).isEqualTo(504);
        assertThat(html.statusCode()).isEqualTo(502);
        assertThat(html.body()).startsWith("{\"type\":\"error\"").doesNotContain("html");
    }

    @Test
    void a_conversation_that_is_too_long_for_kimi_says_so_in_the_words_that_clients_look_for() {
        gateway.kimi()
                .reply(Reply.error(
                        400,
                        "invalid_request_error",
                        "Invalid request: Your request exceeded model token limit: 262144 (requested: 300000)"));

        HttpResponse<String> response = gateway.post(MESSAGES, ask("kimi-k3"));

        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.body()).contains("prompt is too long", "262144");
    }

    @Test
    void a_response_that_is_cut_and_was_not_streamed_is_an_error_and_not_half_a_response() {
        gateway.claude().reply(Reply.text("Rayleigh scattering.").cutAfterBytes(40));

        HttpResponse<String> response = gateway.post(MESSAGES, ask("claude-sonnet-5-5"));

        assertThat(response.statusCode()).isEqualTo(502);
        assertThat(response.body()).contains("api_error");
    }

    @Test
    void each_call_is_seen_by_its_listeners_and_settled_once_with_what_it_cost() {
        gateway.claude().reply(Reply.text("Rayleigh scattering.").usage(100, 20, 0));

        gateway.post(MESSAGES, ask("claude-sonnet-5-5"));

        assertThat(gateway.calls().awaitEnded().outcome()).isEqualTo(Outcome.OK);
        assertThat(gateway.calls().events()).containsExactly("started", "admitted", "responded", "firstByte", "ended");
        assertThat(gateway.places().settled()).containsExactly("100+20 cost reached");
    }

    @Test
    void files_go_through_in_both_directions() {
        String form = "--b\r\ncontent-disposition: form-data; name=\"purpose\"\r\n\r\nbatch\r\n"
                + "--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.jsonl\"\r\n\r\n"
                + "{}\n\r\n--b--\r\n";
        HttpResponse<String> uploaded = gateway.send(gateway.request("/v1/files?x=1")
                .header("content-type", "multipart/form-data; boundary=b")
                .header("authorization", "Bearer of-the-client")
                .POST(HttpRequest.BodyPublishers.ofString(form))
                .build());

        ReceivedRequest received = gateway.kimi().requests().get(0);
        assertThat(received.path()).isEqualTo("/v1/files");
        assertThat(received.query()).isEqualTo("x=1");
        assertThat(received.bodyText()).isEqualTo(form);
        assertThat(received.header("authorization")).isNotEqualTo(java.util.Optional.of("Bearer of-the-client"));
        assertThat(uploaded.statusCode()).as(uploaded.body()).isEqualTo(received.status());
    }

    @Test
    void an_error_of_a_service_with_a_file_comes_as_it_is() {
        HttpResponse<String> response = gateway.get("/v1/files/file-none", "authorization", "Bearer x");

        assertThat(response.statusCode()).isEqualTo(404);
        assertThat(response.body()).contains("\"error\"");
        assertThat(gateway.kimi().requests().get(0).status()).isEqualTo(404);
    }

    @Test
    void a_file_that_turns_out_too_large_is_413_and_not_read_on() {
        String chunk = "10000\r\n" + " ".repeat(0x10000) + "\r\n";
        try (RawClient client = new RawClient(gateway.port())) {
            client.send("POST /v1/files HTTP/1.1\r\nhost: localhost\r\n"
                    + "content-type: multipart/form-data; boundary=b\r\ntransfer-encoding: chunked\r\n\r\n");
            for (int sent = 0; sent <= 3 * 1024 * 1024; sent += 0x10000) {
                client.send(chunk);
            }

            assertThat(client.readUntil("\r\n\r\n")).startsWith("HTTP/1.1 413 ");
        }
    }

    @Test
    void a_file_that_breaks_off_does_not_look_whole() {
        gateway.kimi()
                .replyAt(
                        "/v1/files/f/content",
                        Reply.status(200, "x".repeat(100_000)).cutAfterBytes(50_000));

        try (RawClient client = new RawClient(gateway.port())) {
            String received = client.send("GET /v1/files/f/content HTTP/1.1\r\nhost: localhost\r\n\r\n")
                    .readToEnd();

            assertThat(received).startsWith("HTTP/1.1 200 ").contains("xxxx").doesNotContain("\r\n0\r\n\r\n");
        }
        assertThat(gateway.calls().awaitEnded().outcome()).isEqualTo(Outcome.TRUNCATED);
    }

    @Test
    void a_file_service_that_rejects_the_gateways_key_lets_no_client_log_in() {
        gateway.kimi().replyAt("/v1/files/f", Reply.unauthorized());

        assertThat(gateway.get("/v1/files/f").statusCode()).isEqualTo(502);
    }

    @Test
    void batches_of_messages_go_to_claude() {
        HttpResponse<String> response = gateway.post("/v1/messages/batches", "{\"requests\":[]}");

        assertThat(gateway.claude().requests().get(0).path()).isEqualTo("/v1/messages/batches");
        assertThat(response.statusCode())
                .isEqualTo(gateway.claude().requests().get(0).status());
    }
}
