package dev.kimi.test.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kimi.test.Reply;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Section 1 of the contract: endpoints, lines 1 to 7. */
abstract class EndpointLines extends GatewayTests {

    static final String COUNT_TOKENS = "/v1/messages/count_tokens";
    static final String MODELS = "/v1/models?limit=1000";

    @Test
    void line_01_the_query_does_not_matter_for_kimi() {
        theQueryDoesNotMatter(Side.KIMI);
    }

    @Test
    void line_01_the_query_does_not_matter_for_claude() {
        theQueryDoesNotMatter(Side.CLAUDE);
    }

    private void theQueryDoesNotMatter(Side side) {
        for (String query : List.of("", "?beta=true", "?beta=false&new-thing=1")) {
            service(side).reply(Reply.text("Hello."));
            message(call("POST", "/v1/messages" + query, headers(), body(side, false, HELLO)));
        }
        assertEquals(3, inference(side).size());
    }

    @Test
    void line_02_tokens_are_counted_for_kimi() {
        String body = "{\"model\":\"" + gateway().kimiModel() + "\",\"messages\":" + HELLO + "}";
        String withTools = body.replace("\"messages\"", "\"tools\":" + ClaudeCode.tools(30) + ",\"messages\"");

        int few = counted(body);
        int many = counted(withTools);

        assertTrue(few > 0 && many > few + 100, () -> "counted " + few + ", with 30 tools " + many);
        assertEquals(List.of(), inference(Side.KIMI), "counting is no inference");
    }

    @Test
    void line_02_tokens_are_counted_by_claude() {
        String body = "{\"model\": \"" + gateway().claudeModel() + "\",\n\"messages\": " + HELLO + "}";
        claude().replyAt(COUNT_TOKENS, Reply.status(200, "{\"input_tokens\":4711}"));

        assertEquals(4711, counted(body));
        assertUntouched(body, requests(Side.CLAUDE, COUNT_TOKENS).get(0));
    }

    final int counted(String body) {
        GatewayResponse response = call("POST", COUNT_TOKENS, headers(), body);
        String text = response.rest();
        assertEquals(200, response.status(), text);
        JsonNode tokens = json(text).path("input_tokens");
        assertTrue(tokens.isInt(), () -> "input_tokens: " + text);
        return tokens.asInt();
    }

    @Test
    void line_03_the_hello_of_the_start_gets_its_response_at_once() {
        GatewayResponse response = call("HEAD", "/api/hello", List.of(), "");

        assertTrue(response.status() == 200 || response.status() >= 400 && response.status() < 500);
        assertEquals("", response.rest());
        assertNothingUpstream();
    }

    @Test
    void line_04_models_are_listed_under_names_that_the_client_shows() {
        GatewayResponse response = call("GET", MODELS, headers(), "");

        String text = response.rest();
        assertEquals(200, response.status(), text);
        List<String> ids = json(text)
                .path("data")
                .valueStream()
                .map(entry -> entry.path("id").asString(""))
                .toList();
        assertTrue(ids.contains(gateway().kimiModel()), () -> "models: " + ids);
        assertTrue(ids.contains(gateway().claudeModel()), () -> "models: " + ids);
        for (Side side : Side.values()) {
            String name = model(side).toLowerCase(Locale.ROOT);
            assertTrue(name.contains("claude") || name.contains("anthropic"), () -> name + " is not shown");
        }
    }

    @Test
    void line_04_the_name_of_a_model_of_kimi_is_mapped_back() {
        kimi().reply(Reply.text("Hello."));

        message(whole(Side.KIMI));

        String model = json(upstream(Side.KIMI).bodyText()).path("model").asString("");
        assertTrue(model.startsWith("kimi"), () -> "the model upstream: " + model);
    }

    @Test
    void line_05_either_credential_header_will_do() {
        Map.Entry<String, String> key = Map.entry("x-api-key", gateway().credential());
        Map.Entry<String, String> bearer =
                Map.entry("Authorization", "Bearer " + gateway().credential());

        for (List<Map.Entry<String, String>> headers : List.of(List.of(key), List.of(bearer), List.of(key, bearer))) {
            assertEquals(200, call("GET", MODELS, headers, "").status(), () -> "with " + headers.size());
        }
    }

    @Test
    void line_05_two_credentials_that_differ_are_rejected() {
        Map.Entry<String, String> version = Map.entry("anthropic-version", ClaudeCode.VERSION);
        Map.Entry<String, String> good = Map.entry("x-api-key", gateway().credential());
        Map.Entry<String, String> bad = Map.entry("Authorization", "Bearer sk-nobody-has-this");

        error(call("GET", MODELS, List.of(version, good, bad), ""), 401);
        error(call("GET", MODELS, List.of(version, bad), ""), 401);
        error(call("GET", MODELS, List.of(version), ""), 401);
        assertNothingUpstream();
    }

    @Test
    void line_05_two_credentials_of_two_tenants_are_rejected() {
        Assumptions.assumeTrue(gateway().otherCredential() != null, "there is no second credential");
        String other = Objects.requireNonNull(gateway().otherCredential());
        Map.Entry<String, String> version = Map.entry("anthropic-version", ClaudeCode.VERSION);
        Map.Entry<String, String> one = Map.entry("x-api-key", gateway().credential());
        Map.Entry<String, String> two = Map.entry("Authorization", "Bearer " + other);

        assertEquals(200, call("GET", MODELS, List.of(two), "").status());
        error(call("GET", MODELS, List.of(version, one, two), ""), 401);
    }

    @Test
    void line_06_every_version_is_accepted_for_kimi() {
        for (List<Map.Entry<String, String>> headers : versions()) {
            kimi().reply(Reply.text("Hello."));
            message(call("POST", "/v1/messages", headers, body(Side.KIMI, false, HELLO)));
        }
    }

    @Test
    void line_06_the_version_is_forwarded_to_claude() {
        for (List<Map.Entry<String, String>> headers : versions()) {
            call("POST", "/v1/messages", headers, body(Side.CLAUDE, false, HELLO))
                    .rest();
            List<String> sent = headers.stream()
                    .filter(header -> header.getKey().equals("anthropic-version"))
                    .map(Map.Entry::getValue)
                    .toList();
            List<String> came = latest(Side.CLAUDE).headers("anthropic-version");
            // a gateway may add the version that is missing: the service wants one
            assertTrue(came.equals(sent) || sent.isEmpty() && came.size() == 1, () -> sent + " became " + came);
        }
        assertEquals(3, inference(Side.CLAUDE).size());
    }

    /** No version, the usual one, and the new one, with which SDKs put the key into another header. */
    private List<List<Map.Entry<String, String>>> versions() {
        Map.Entry<String, String> key = Map.entry("x-api-key", gateway().credential());
        Map.Entry<String, String> bearer =
                Map.entry("Authorization", "Bearer " + gateway().credential());
        return List.of(
                List.of(key),
                List.of(key, Map.entry("anthropic-version", ClaudeCode.VERSION)),
                List.of(bearer, Map.entry("anthropic-version", "2026-10-21")));
    }

    @Test
    void line_07_a_gateway_that_nobody_said_hello_to_works_all_the_same() {
        kimi().reply(Reply.text("Hello."));

        assertFalse(streamed(stream(Side.KIMI)).text().isEmpty());
    }
}
