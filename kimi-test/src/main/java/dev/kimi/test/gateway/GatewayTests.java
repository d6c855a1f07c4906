package dev.kimi.test.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kimi.test.KimiSimulator;
import dev.kimi.test.ReceivedRequest;
import dev.kimi.test.Reply;
import dev.kimi.test.internal.Json;
import dev.kimi.test.support.Eventually;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/** What the tests of {@link GatewayContract} stand on. */
@Timeout(90)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class GatewayTests {

    static final String HELLO = "[{\"role\":\"user\",\"content\":\"Hello\"}]";

    private @Nullable Stage stage;

    /** What there is for all tests. */
    private record Stage(KimiSimulator kimi, KimiSimulator claude, GatewayUnderTest gateway, GatewayClient client) {}

    /**
     * Starts the gateway, once for all tests.
     *
     * @param kimi what is behind it as Kimi, to be called with {@link KimiSimulator#apiKey()}
     * @param claude what is behind it as Anthropic's service
     */
    protected abstract GatewayUnderTest start(KimiSimulator kimi, KimiSimulator claude);

    @BeforeAll
    final void start_the_gateway() {
        KimiSimulator kimi = KimiSimulator.builder().keys("sk-upstream-kimi").start();
        KimiSimulator claude =
                KimiSimulator.builder().keys("sk-upstream-claude").start();
        GatewayUnderTest gateway = start(kimi, claude);
        stage = new Stage(kimi, claude, gateway, new GatewayClient(gateway.baseUri(), gateway.patience()));
    }

    @BeforeEach
    final void begin_afresh() {
        kimi().reset();
        claude().reset();
        gateway().reset();
    }

    @AfterEach
    final void nothing_is_left_behind() {
        stage().client().close();
        kimi().awaitIdle(gateway().patience());
        claude().awaitIdle(gateway().patience());
    }

    @AfterAll
    final void stop_the_gateway() {
        if (stage != null) {
            stage.gateway().close();
            stage.kimi().close();
            stage.claude().close();
        }
    }

    private Stage stage() {
        return Objects.requireNonNull(stage, "the gateway has not been started");
    }

    final GatewayUnderTest gateway() {
        return stage().gateway();
    }

    final KimiSimulator kimi() {
        return stage().kimi();
    }

    final KimiSimulator claude() {
        return stage().claude();
    }

    final KimiSimulator service(Side side) {
        return side == Side.KIMI ? kimi() : claude();
    }

    final String model(Side side) {
        return side == Side.KIMI ? gateway().kimiModel() : gateway().claudeModel();
    }

    // ---- requests

    /** A body with what is needed, and further members, each as {@code "name": value}. */
    final String body(Side side, boolean stream, String messages, String... members) {
        StringBuilder body = new StringBuilder("{\"model\":\"" + model(side) + "\",\"max_tokens\":4096,\"stream\":");
        body.append(stream).append(", \"messages\":").append(messages);
        Arrays.asList(members).forEach(member -> body.append(',').append(member));
        return body.append('}').toString();
    }

    /** The headers that every client sends, and further ones as name and value by turns. */
    final List<Map.Entry<String, String>> headers(String... more) {
        List<Map.Entry<String, String>> headers = new ArrayList<>();
        headers.add(Map.entry("x-api-key", gateway().credential()));
        headers.add(Map.entry("anthropic-version", ClaudeCode.VERSION));
        for (int i = 0; i < more.length; i += 2) {
            headers.add(Map.entry(more[i], more[i + 1]));
        }
        return headers;
    }

    final GatewayResponse post(String body, String... moreHeaders) {
        return call("POST", "/v1/messages", headers(moreHeaders), body);
    }

    final GatewayResponse call(String method, String target, List<Map.Entry<String, String>> headers, String body) {
        return stage().client().send(method, target, headers, body);
    }

    final GatewayClient client() {
        return stage().client();
    }

    /** Streams a short talk. */
    final GatewayResponse stream(Side side, String... members) {
        return post(body(side, true, HELLO, members));
    }

    /** Has a short talk that is not streamed. */
    final GatewayResponse whole(Side side, String... members) {
        return post(body(side, false, HELLO, members));
    }

    /** A stream that has not begun with a ping: the head of one that has is out before its status is known. */
    static GatewayResponse beforeAnyPing(Supplier<GatewayResponse> call) {
        GatewayResponse response = call.get();
        for (int tries = 0; response.status() == 200 && tries < 20; tries++) {
            StreamedMessage pinged = StreamedMessage.of(response.restOfModel());
            assertTrue(pinged.error() != null && !pinged.stopped(), "the failure is not in the stream");
            response = call.get();
        }
        return response;
    }

    // ---- what comes back

    /** A good response that is not streamed, as JSON. */
    static JsonNode message(GatewayResponse response) {
        String body = response.rest();
        assertEquals(200, response.status(), body);
        assertTrue(response.header("content-type").orElse("").startsWith("application/json"), "content-type");
        JsonNode json = json(body);
        assertEquals("message", json.path("type").asString(""), body);
        assertEquals("assistant", json.path("role").asString(""), body);
        return json;
    }

    /** A good response that is streamed. */
    static StreamedMessage streamed(GatewayResponse response) {
        if (response.status() != 200) {
            throw new AssertionError("status " + response.status() + ": " + response.rest());
        }
        assertTrue(response.header("content-type").orElse("").startsWith("text/event-stream"), "content-type");
        return StreamedMessage.whole(response);
    }

    /** An error in Anthropic's shape, with the status; returns what is under {@code error}. */
    static JsonNode error(GatewayResponse response, Integer... statuses) {
        String body = response.rest();
        assertTrue(
                List.of(statuses).contains(response.status()),
                () -> "status " + response.status() + " instead of " + List.of(statuses) + ": " + body);
        assertTrue(response.header("content-type").orElse("").startsWith("application/json"), body);
        JsonNode json = json(body);
        assertEquals("error", json.path("type").asString(""), body);
        assertFalse(json.path("error").path("type").asString("").isEmpty(), body);
        assertFalse(json.path("error").path("message").asString("").isEmpty(), body);
        assertFalse(json.path("request_id").asString("").isEmpty(), "no request_id: " + body);
        assertFalse(response.header("request-id").orElse("").isEmpty(), "no request-id");
        return json.path("error");
    }

    static JsonNode json(String text) {
        JsonNode json = Json.parse(text.getBytes(StandardCharsets.UTF_8));
        assertNotNull(json, () -> "no JSON: " + text);
        return Objects.requireNonNull(json);
    }

    // ---- what came to the service

    /** The only request for inference that came to the service, and there must be one. */
    final ReceivedRequest upstream(Side side) {
        List<ReceivedRequest> requests = inference(side);
        assertEquals(1, requests.size(), () -> "requests upstream: " + requests);
        return requests.get(0);
    }

    /** The latest request for inference. */
    final ReceivedRequest latest(Side side) {
        List<ReceivedRequest> requests = inference(side);
        assertFalse(requests.isEmpty(), "nothing came upstream");
        return requests.get(requests.size() - 1);
    }

    final List<ReceivedRequest> inference(Side side) {
        return requests(side, side.path());
    }

    /** The requests to the path that came to the service. */
    final List<ReceivedRequest> requests(Side side, String path) {
        return service(side).requests().stream()
                .filter(request -> request.path().equals(path))
                .toList();
    }

    /** Nothing was sent on; that the gateway reads lists of models is its own affair. */
    final void assertNothingUpstream() {
        for (Side side : Side.values()) {
            List<ReceivedRequest> sent = service(side).requests().stream()
                    .filter(request -> !"GET".equals(request.method()))
                    .toList();
            assertEquals(List.of(), sent, () -> "upstream at " + side);
        }
    }

    /** Everything but the model has come as the client wrote it, in the same order. */
    static void assertUntouched(String sent, ReceivedRequest received) {
        Map<String, String> before = JsonMembers.of(sent);
        Map<String, String> after = JsonMembers.of(received.bodyText());
        for (String name : List.of("system", "tools", "messages")) {
            assertEquals(before.get(name), after.get(name), () -> name + " was changed on its way");
        }
        before.put("model", "");
        after.put("model", "");
        assertEquals(
                before.entrySet().stream().map(Object::toString).toList(),
                after.entrySet().stream().map(Object::toString).toList(),
                "members of the body, in their order");
    }

    /** Sends the body to Claude, whatever the service says to it, and checks that it came there as it was. */
    final ReceivedRequest assertForwarded(String body, String... moreHeaders) {
        claude().replyAt(Side.CLAUDE.path(), Reply.text("fine"));
        GatewayResponse response = post(body, moreHeaders);
        String text = response.rest();
        assertEquals(200, response.status(), text);
        assertUntouched(body, upstream(Side.CLAUDE));
        return upstream(Side.CLAUDE);
    }

    /** Sends the body to Kimi, which must take it, and returns what came there. */
    final JsonNode assertTranslated(String body, String... moreHeaders) {
        GatewayResponse response = post(body, moreHeaders);
        String text = response.rest();
        assertEquals(200, response.status(), text);
        return json(latest(Side.KIMI).bodyText());
    }

    /** Waits for the request to end by the hand of the gateway. */
    final void assertEndedByGateway(ReceivedRequest request) {
        ReceivedRequest.Ending ending =
                Eventually.completes(gateway().patience(), request.ended(), "the end of the request upstream");
        assertTrue(ending.byClient(), () -> "the gateway has not left: " + ending);
    }

    /** The latest request for inference, as soon as there is one. */
    final ReceivedRequest awaitUpstream(Side side) {
        assertTrue(Eventually.holds(gateway().patience(), () -> !inference(side).isEmpty()), "nothing came upstream");
        return latest(side);
    }
}
