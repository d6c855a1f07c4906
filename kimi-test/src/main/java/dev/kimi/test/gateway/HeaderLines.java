package dev.kimi.test.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kimi.test.ReceivedRequest;
import dev.kimi.test.Reply;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Section 2 of the contract: headers, lines 8 to 13. */
abstract class HeaderLines extends EndpointLines {

    private static final String NEW_BETAS = ClaudeCode.BETAS + ", not-known-yet-2027-01-01";
    private static final String SESSION = "3f0b6c1e-5f1a-4c8e-9a57-0b1d2c3e4f50";
    private static final String[] AGENTS = {
        "x-claude-code-session-id", SESSION,
        "x-claude-code-agent-id", "agent-7f3a",
        "x-claude-code-parent-agent-id", "agent-0001",
        "x-claude-code-not-known-yet", "1"
    };

    @Test
    void line_08_betas_are_dropped_for_kimi() {
        kimi().reply(Reply.text("Hello."));

        message(post(body(Side.KIMI, false, HELLO), "anthropic-beta", NEW_BETAS));

        assertEquals(List.of(), ofAnthropic(upstream(Side.KIMI)));
    }

    @Test
    void line_08_betas_are_forwarded_to_claude_as_they_are() {
        ReceivedRequest request = assertForwarded(body(Side.CLAUDE, false, HELLO), "anthropic-beta", NEW_BETAS);

        assertEquals(List.of(NEW_BETAS), request.headers("anthropic-beta"));
    }

    @Test
    void line_09_other_headers_of_anthropic_are_dropped_for_kimi() {
        kimi().reply(Reply.text("Hello."));

        message(post(body(Side.KIMI, false, HELLO), "anthropic-workspace-id", "w1", "anthropic-not-known-yet", "x"));

        assertEquals(List.of(), ofAnthropic(upstream(Side.KIMI)));
    }

    @Test
    void line_09_other_headers_of_anthropic_are_forwarded_to_claude() {
        ReceivedRequest request = assertForwarded(
                body(Side.CLAUDE, false, HELLO), "anthropic-workspace-id", "w1", "anthropic-not-known-yet", "x, y");

        assertEquals(Optional.of("w1"), request.header("anthropic-workspace-id"));
        assertEquals(Optional.of("x, y"), request.header("anthropic-not-known-yet"));
    }

    private static List<String> ofAnthropic(ReceivedRequest request) {
        return request.headerNames().stream()
                .filter(name -> name.startsWith("anthropic"))
                .toList();
    }

    @Test
    void line_10_agent_ids_are_no_users_for_kimi() {
        kimi().reply(Reply.text("Hello."));

        message(post(body(Side.KIMI, false, HELLO), AGENTS));

        assertFalse(upstream(Side.KIMI).bodyText().contains("agent-"));
    }

    @Test
    void line_10_agent_ids_change_nothing_for_claude() {
        assertForwarded(body(Side.CLAUDE, false, HELLO), AGENTS);
    }

    @Test
    void line_11_custom_headers_do_not_reach_kimi() {
        customHeadersStay(Side.KIMI);
    }

    @Test
    void line_11_custom_headers_do_not_reach_claude() {
        customHeadersStay(Side.CLAUDE);
    }

    private void customHeadersStay(Side side) {
        service(side).reply(Reply.text("Hello."));

        message(post(
                body(side, false, HELLO), "x-team-secret", "s3cr3t", "cookie", "a=b", "x-forwarded-for", "10.0.0.1"));

        List<String> names = upstream(side).headerNames();
        for (String name : List.of("x-team-secret", "cookie", "x-forwarded-for")) {
            assertFalse(names.contains(name), () -> name + " went upstream");
        }
    }

    @Test
    void line_12_the_credential_of_the_client_does_not_reach_kimi() {
        theCredentialStays(Side.KIMI);
    }

    @Test
    void line_12_the_credential_of_the_client_does_not_reach_claude() {
        theCredentialStays(Side.CLAUDE);
    }

    private void theCredentialStays(Side side) {
        service(side).reply(Reply.text("Hello."), Reply.error(400, "invalid_request_error", "No."));
        List<Map.Entry<String, String>> both =
                headers("Authorization", "Bearer " + gateway().credential());

        message(call("POST", "/v1/messages", both, body(side, false, HELLO)));
        String error =
                call("POST", "/v1/messages", both, body(side, false, HELLO)).rest();

        for (ReceivedRequest request : inference(side)) {
            for (String name : request.headerNames()) {
                assertFalse(
                        String.valueOf(request.headers(name)).contains(gateway().credential()),
                        () -> "the credential went upstream in " + name);
            }
            assertFalse(request.bodyText().contains(gateway().credential()));
        }
        assertFalse(error.contains(gateway().credential()), "in the text of an error");
        assertFalse(gateway().log().contains(gateway().credential()), "in the log");
    }

    @Test
    void line_12_a_wrong_credential_is_in_no_text_of_an_error() {
        String wrong = "sk-wrong-8c1f0a77";

        GatewayResponse response = call("GET", MODELS, List.of(Map.entry("x-api-key", wrong)), "");

        assertEquals(401, response.status());
        assertFalse(response.rest().contains(wrong));
        assertFalse(gateway().log().contains(wrong), "in the log");
        assertNothingUpstream();
    }

    @Test
    void line_13_a_stream_of_kimi_is_not_compressed() {
        isNotCompressed(Side.KIMI);
    }

    @Test
    void line_13_a_stream_of_claude_is_not_compressed() {
        isNotCompressed(Side.CLAUDE);
    }

    private void isNotCompressed(Side side) {
        service(side).reply(Reply.text("Hello."));

        GatewayResponse response = post(body(side, true, HELLO), "Accept-Encoding", "gzip, deflate, br, zstd");

        assertTrue(response.header("content-encoding").orElse("identity").equals("identity"), "content-encoding");
        assertEquals("Hello.", streamed(response).text());
    }
}
