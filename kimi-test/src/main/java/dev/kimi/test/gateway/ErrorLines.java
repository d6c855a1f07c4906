package dev.kimi.test.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kimi.test.Reply;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Section 5 of the contract: errors and retries, lines 45 to 59. */
abstract class ErrorLines extends StreamLines {

    private static final Duration TOO_LONG_TO_WAIT = Duration.ofHours(1);
    private static final String SPACED =
            "{ \"type\":\"error\",\"error\":{\"type\":\"%s\", \"message\":\"%s\"}, \"request_id\":\"req_011CQ\"}";

    @Test
    void line_45_errors_of_claude_are_forwarded_as_they_are() {
        Map<Integer, String> types = Map.of(
                400, "invalid_request_error",
                404, "not_found_error",
                413, "request_too_large",
                500, "api_error",
                529, "overloaded_error");
        types.forEach(
                (status, type) -> assertForwardedError(status, SPACED.formatted(type, "the \\u201cwords\\u201d")));
    }

    private void assertForwardedError(int status, String body) {
        gateway().reset();
        claude().otherwise(Reply.status(status, body).header("x-should-retry", "false"));

        assertForwardedError(status, body, whole(Side.CLAUDE));
        if (status < 500) {
            // one that is tried again may take longer than it takes to the first ping
            assertForwardedError(status, body, beforeAnyPing(() -> stream(Side.CLAUDE)));
        }
    }

    private static void assertForwardedError(int status, String body, GatewayResponse response) {
        assertEquals(status, response.status());
        assertEquals(body, response.rest());
    }

    @Test
    void line_46_errors_of_kimi_get_the_shape_of_anthropic() {
        Map<Integer, Reply> replies = Map.of(
                400, Reply.error(400, "invalid_request_error", "Invalid request: nothing fits"),
                404, Reply.error(404, "resource_not_found_error", "Not found the model"),
                403, Reply.error(403, "permission_denied_error", "You may not"));
        replies.forEach((status, reply) -> {
            kimi().reply(reply);
            // what the service rejects the gateway for is not always the client's to mend
            error(whole(Side.KIMI), status, 500, 502);
        });
    }

    @Test
    void line_46_errors_of_the_gateway_have_the_shape_of_anthropic() {
        assertEquals(
                "invalid_request_error",
                error(post("{\"model\": "), 400).path("type").asString(""));
        assertEquals(
                "invalid_request_error", error(post("[1]"), 400).path("type").asString(""));
        error(call("POST", "/v1/messages/nowhere", headers(), "{}"), 404);
        error(call("DELETE", "/v1/messages", headers(), ""), 404, 405);
        assertNothingUpstream();
    }

    @Test
    void line_47_the_words_that_a_client_mends_by_are_kept_for_claude() {
        for (String words : List.of(
                "messages.1.content.0: Invalid `signature` in `thinking` block",
                "messages.3: role 'system' is not supported for this model",
                "messages.3.content.0.cache_control: Extra inputs are not permitted")) {
            assertForwardedError(400, SPACED.formatted("invalid_request_error", words));
        }
    }

    @Test
    void line_47_the_words_of_kimi_reach_the_client() {
        kimi().reply(Reply.error(400, "invalid_request_error", "invalid thinking: only type=enabled is allowed"));

        JsonNode error = error(whole(Side.KIMI), 400);

        assertTrue(error.path("message").asString("").contains("invalid thinking: only type=enabled"));
    }

    @Test
    void line_48_a_full_window_of_kimi_is_a_prompt_that_is_too_long() {
        for (String words : List.of(
                "Invalid request: Your request exceeded model token limit: 262144 (requested: 270001)",
                "Input token length too long")) {
            kimi().reply(Reply.error(400, "invalid_request_error", words));

            JsonNode error = error(whole(Side.KIMI), 400);

            assertEquals("invalid_request_error", error.path("type").asString(""));
            String message = error.path("message").asString("");
            assertTrue(
                    message.contains("prompt is too long") || message.contains("capability_rejected: prompt_too_long"),
                    message);
        }
    }

    @Test
    void line_48_a_full_window_of_claude_is_forwarded() {
        assertForwardedError(
                400, SPACED.formatted("invalid_request_error", "prompt is too long: 1000007 tokens > 1000000 maximum"));
    }

    @Test
    void line_49_a_beta_and_its_member_travel_together_to_claude() {
        claude().reply(Reply.text("Hello."));

        // the service itself rejects either half
        assertEquals(
                "Hello.",
                streamed(post(
                                body(Side.CLAUDE, true, HELLO, ClaudeCode.CONTEXT_MANAGEMENT),
                                "anthropic-beta",
                                "context-management-2025-06-27"))
                        .text());
    }

    @Test
    void line_49_a_beta_and_its_member_are_both_dropped_for_kimi() {
        JsonNode request = assertTranslated(
                body(Side.KIMI, false, HELLO, ClaudeCode.CONTEXT_MANAGEMENT),
                "anthropic-beta",
                "context-management-2025-06-27");

        assertFalse(request.has("context_management"));
        assertEquals(List.of(), latest(Side.KIMI).headers("anthropic-beta"));
    }

    @Test
    void line_50_a_rate_limit_of_kimi_keeps_its_hint() {
        keepsTheHint(Side.KIMI);
    }

    @Test
    void line_50_a_rate_limit_of_claude_keeps_its_hint() {
        keepsTheHint(Side.CLAUDE);
    }

    private void keepsTheHint(Side side) {
        service(side).otherwise(Reply.rateLimited(TOO_LONG_TO_WAIT));

        GatewayResponse response = whole(side);
        JsonNode error = error(response, 429);

        assertEquals("rate_limit_error", error.path("type").asString(""));
        long seconds = Long.parseLong(response.header("retry-after").orElse("0"));
        assertTrue(seconds > 3_000 && seconds <= 3_600, () -> "retry-after: " + seconds);
    }

    @Test
    void line_51_a_quota_of_kimi_that_is_used_up_is_final() {
        aQuotaIsFinal(Side.KIMI);
    }

    @Test
    void line_51_a_quota_of_claude_that_is_used_up_is_final() {
        aQuotaIsFinal(Side.CLAUDE);
    }

    final void aQuotaIsFinal(Side side) {
        service(side).otherwise(Reply.quotaExceeded());

        GatewayResponse response = whole(side);
        error(response, 429, 402);

        assertEquals(Optional.of("false"), response.header("x-should-retry"));
        assertEquals(Optional.empty(), response.header("retry-after"));
        upstream(side);
    }

    @Test
    void line_51_a_budget_of_the_gateway_that_is_used_up_is_final() {
        Assumptions.assumeTrue(gateway().spentCredential() != null, "there is no credential without money");
        String spent = Objects.requireNonNull(gateway().spentCredential());

        GatewayResponse response = call(
                "POST",
                "/v1/messages",
                List.of(Map.entry("x-api-key", spent), Map.entry("anthropic-version", ClaudeCode.VERSION)),
                body(Side.KIMI, true, HELLO));
        JsonNode error = error(response, 429, 402);

        assertEquals(Optional.of("false"), response.header("x-should-retry"));
        assertEquals(Optional.empty(), response.header("retry-after"));
        assertTrue(error.path("message").asString("").toLowerCase(Locale.ROOT).contains("budget"));
        assertNothingUpstream();
    }

    @Test
    void line_52_an_overload_of_kimi_is_529() {
        kimi().otherwise(Reply.overloaded());

        GatewayResponse response = whole(Side.KIMI);
        JsonNode error = error(response, 529);

        assertEquals("overloaded_error", error.path("type").asString(""));
        assertTrue(response.header("retry-after").isPresent(), "no retry-after");
    }

    @Test
    void line_52_an_overload_of_claude_is_529() {
        claude().otherwise(Reply.overloaded());

        assertEquals(
                "overloaded_error", error(whole(Side.CLAUDE), 529).path("type").asString(""));
    }

    @Test
    void line_53_an_open_circuit_of_kimi_is_said_at_once() {
        anOpenCircuitIsSaidAtOnce(Side.KIMI);
    }

    @Test
    void line_53_an_open_circuit_of_claude_is_said_at_once() {
        anOpenCircuitIsSaidAtOnce(Side.CLAUDE);
    }

    private void anOpenCircuitIsSaidAtOnce(Side side) {
        int failures = gateway().failuresThatOpenTheCircuit();
        Assumptions.assumeTrue(failures > 0, "there is no circuit");
        service(side).otherwise(Reply.unavailable());
        for (int i = 0; i <= failures; i++) {
            int before = inference(side).size();
            GatewayResponse response = whole(side);
            if (inference(side).size() == before) {
                error(response, 529, 503);
                return;
            }
            response.rest();
        }
        throw new AssertionError("after " + failures + " failures the service is still called");
    }

    @Test
    void line_54_nothing_is_sent_to_kimi_again_after_the_first_byte() {
        nothingIsSentAgain(Side.KIMI);
    }

    @Test
    void line_54_nothing_is_sent_to_claude_again_after_the_first_byte() {
        nothingIsSentAgain(Side.CLAUDE);
    }

    private void nothingIsSentAgain(Side side) {
        service(side).reply(Reply.text("one two three four").cutAfterEvents(4), Reply.text("a second time"));

        StreamedMessage message = StreamedMessage.of(stream(side).restOfModel());

        assertFalse(message.text().contains("second"), message.text());
        upstream(side);
    }

    @Test
    void line_55_the_same_request_to_kimi_can_be_sent_again() {
        canBeSentAgain(Side.KIMI);
    }

    @Test
    void line_55_the_same_request_to_claude_can_be_sent_again() {
        canBeSentAgain(Side.CLAUDE);
    }

    private void canBeSentAgain(Side side) {
        service(side).reply(Reply.text("one two three four").cutAfterEvents(3), Reply.text("a second time"));
        String body = body(side, true, HELLO);

        post(body).restOfModel();

        assertEquals("a second time", streamed(post(body)).text());
    }

    @Test
    void line_56_blocks_of_kimi_that_were_whole_before_the_failure_stay() {
        kimi().reply(Reply.stream(chunk("\"role\":\"assistant\",\"reasoning_content\":\"Hm.\"", null)
                        + chunk(call(0, "Read_0", "{\\\"path\\\":\\\"/a\\\"}"), null)
                        + chunk(call(1, "Read_1", "{\\\"pa"), null))
                .errorEventAfter(3, "server_error", "out of memory"));

        assertTheFirstCallIsWhole(stream(Side.KIMI, "\"tools\":" + ClaudeCode.tools(3)));
    }

    private static String call(int index, String id, String arguments) {
        return "\"tool_calls\":[{\"index\":" + index + ",\"id\":\"" + id
                + "\",\"type\":\"function\",\"function\":{\"name\":\"Read\",\"arguments\":\"" + arguments + "\"}}]";
    }

    @Test
    void line_56_blocks_of_claude_that_were_whole_before_the_failure_stay() {
        String start = "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":%d,"
                + "\"content_block\":{\"type\":\"tool_use\",\"id\":\"toolu_%d\",\"name\":\"Read\",\"input\":{}}}\n\n";
        String delta = "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":"
                + "{\"type\":\"input_json_delta\",\"partial_json\":\"{\\\"path\\\":\\\"/a\\\"}\"}}\n\n";
        claude().reply(Reply.stream(
                        "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\","
                                + "\"type\":\"message\",\"role\":\"assistant\",\"model\":\"claude-x\",\"content\":[],"
                                + "\"stop_reason\":null,\"usage\":{\"input_tokens\":3,\"output_tokens\":1}}}\n\n"
                                + start.formatted(0, 0) + delta
                                + "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n"
                                + start.formatted(1, 1))
                .errorEventAfter(5, "api_error", "out of memory"));

        assertTheFirstCallIsWhole(stream(Side.CLAUDE, "\"tools\":" + ClaudeCode.tools(3)));
    }

    private static void assertTheFirstCallIsWhole(GatewayResponse response) {
        StreamedMessage message = StreamedMessage.of(response.restOfModel());

        assertNotAGoodEnd(message);
        assertEquals("/a", message.block("tool_use").path("input").path("path").asString(""));
    }

    @Test
    void line_57_a_redirect_of_kimi_is_not_passed_on() {
        isNoRedirect(Side.KIMI);
    }

    @Test
    void line_57_a_redirect_of_claude_is_not_passed_on() {
        isNoRedirect(Side.CLAUDE);
    }

    private void isNoRedirect(Side side) {
        service(side).otherwise(Reply.redirectTo("https://elsewhere.invalid/v1/messages"));

        GatewayResponse response = whole(side);

        assertFalse(response.status() >= 300 && response.status() < 400, () -> "status " + response.status());
        assertEquals(Optional.empty(), response.header("location"));
    }

    @Test
    void line_58_an_unknown_model_is_not_found() {
        JsonNode error =
                error(post(body(Side.KIMI, true, HELLO).replace(gateway().kimiModel(), "no-such-model-9")), 404);

        assertEquals("not_found_error", error.path("type").asString(""));
        assertTrue(error.path("message").asString("").contains("no-such-model-9"), error.toString());
    }

    @Test
    void line_59_a_wrong_credential_of_the_gateway_at_kimi_is_no_401() {
        isNo401(Side.KIMI);
    }

    @Test
    void line_59_a_wrong_credential_of_the_gateway_at_claude_is_no_401() {
        isNo401(Side.CLAUDE);
    }

    private void isNo401(Side side) {
        service(side).otherwise(Reply.unauthorized());

        JsonNode error = error(whole(side), 502, 529);

        assertFalse(error.path("type").asString("").contains("authentication"), error.toString());
        assertFalse(error.path("message").asString("").contains("sk-"), error.toString());
    }
}
