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
import tools.jackson.databind.JsonNode;

/** Section 3 of the contract with Claude behind: bodies, lines 14 to 32. */
abstract class ClaudeBodyLines extends HeaderLines {

    private static final int MANY = 9 << 20;

    @Test
    void line_14_what_is_unknown_is_forwarded_to_claude() {
        assertForwarded(body(
                Side.CLAUDE,
                false,
                "[{\"role\":\"user\",\"content\":[{\"type\":\"hologram_2028\",\"data\":[1.0,1e2,-0,"
                        + "12345678901234567890,"
                        + "0.1000]}, {\"type\":\"text\","
                        + "\"text\":\"caf\\u00e9 \\/ \\ud83d\\ude00\",\"citations\":null}],"
                        + "\"not_known\" : {\"z\":1,\"a\":2}},"
                        + ClaudeCode.assistant("[{\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"AbC=\"}]")
                        + "," + ClaudeCode.user(ClaudeCode.text("Go on.")) + "]",
                "\"not_known_yet\": {\"deep\":[{ }, [ ], null]}",
                "\"stop_sequences\":null",
                "\"numbers\":[1.50,100000000000000000000001]"));
    }

    @Test
    void line_15_the_attribution_block_stays_first_and_alone_for_claude() {
        ReceivedRequest request = assertForwarded(ClaudeCode.body(gateway().claudeModel(), HELLO));

        JsonNode first = json(request.bodyText()).path("system").path(0);
        assertEquals(ClaudeCode.ATTRIBUTION, first.path("text").asString(""));
    }

    @Test
    void line_16_adaptive_thinking_is_forwarded_to_claude() {
        assertForwarded(
                body(Side.CLAUDE, true, HELLO, "\"thinking\": {\"type\":\"adaptive\", \"display\":\"omitted\"}"));
    }

    @Test
    void line_17_output_config_is_forwarded_with_its_betas_to_claude() {
        ReceivedRequest request = assertForwarded(
                body(
                        Side.CLAUDE,
                        false,
                        HELLO,
                        "\"output_config\":{\"effort\":\"xhigh\",\"task_budget\":{\"type\":\"tokens\",\"total\":90000},"
                                + "\"format\":{\"type\":\"json_schema\",\"schema\":{\"type\":\"object\"}}}"),
                "anthropic-beta",
                "effort-2025-11-24,task-budgets-2026-03-13");

        assertEquals(Optional.of("effort-2025-11-24,task-budgets-2026-03-13"), request.header("anthropic-beta"));
    }

    @Test
    void line_18_context_management_is_forwarded_with_its_beta_to_claude() {
        ReceivedRequest request = assertForwarded(
                body(Side.CLAUDE, false, HELLO, ClaudeCode.CONTEXT_MANAGEMENT),
                "anthropic-beta",
                "context-management-2025-06-27");

        assertEquals(Optional.of("context-management-2025-06-27"), request.header("anthropic-beta"));
    }

    @Test
    void line_19_members_of_tools_are_forwarded_to_claude() {
        assertForwarded(body(
                Side.CLAUDE,
                false,
                HELLO,
                "\"tools\":[{\"name\":\"a\",\"description\":\"A\","
                        + "\"input_schema\":{\"type\":\"object\"},\"strict\":true,"
                        + "\"defer_loading\": false,\"eager_input_streaming\":true,\"input_examples\":[{ }],"
                        + "\"allowed_callers\":[\"direct\"],\"cache_control\":{\"type\":\"ephemeral\"}}]"));
    }

    @Test
    void line_20_server_tools_are_forwarded_to_claude() {
        assertForwarded(body(
                Side.CLAUDE,
                false,
                HELLO,
                "\"tools\":[{\"type\":\"web_search_20260209\",\"name\":\"web_search\",\"max_uses\":5}]"));
    }

    @Test
    void line_21_tool_references_are_forwarded_to_claude() {
        assertForwarded(body(
                Side.CLAUDE,
                false,
                toolTurn("[{\"type\":\"tool_reference\",\"tool_name\":\"tool_3\"}]"),
                "\"tools\":" + ClaudeCode.tools(5)));
    }

    @Test
    void line_22_documents_are_forwarded_to_claude() {
        assertForwarded(body(
                Side.CLAUDE, false, "[" + ClaudeCode.user(ClaudeCode.document(), ClaudeCode.text("Sum it up.")) + "]"));
    }

    @Test
    void line_23_system_turns_stay_in_their_place_for_claude() {
        assertForwarded(body(
                Side.CLAUDE,
                false,
                "[" + ClaudeCode.user(ClaudeCode.text("Hello")) + "," + ClaudeCode.reminder("Mind the gap.") + "]"));
    }

    @Test
    void line_24_places_in_the_cache_are_forwarded_to_claude() {
        String body = ClaudeCode.body(
                gateway().claudeModel(),
                "[" + ClaudeCode.user(ClaudeCode.text("Hello")) + "," + ClaudeCode.reminder("Mind the gap.") + "]");

        ReceivedRequest request = assertForwarded(body);

        assertEquals(3, places(body));
        assertEquals(3, places(request.bodyText()), "cache_control upstream");
    }

    private static int places(String body) {
        return body.split("\"cache_control\"", -1).length - 1;
    }

    @Test
    void line_25_signed_thinking_goes_back_to_claude_as_it_came() {
        claude().reply(Reply.reasoning("Where is it?").thenToolCall("Read", "{\"path\":\"/a\"}"), Reply.text("There."));
        String tools = "\"tools\":" + ClaudeCode.tools(3);
        StreamedMessage first = streamed(stream(Side.CLAUDE, tools));
        assertFalse(first.block("thinking").path("signature").asString("").isEmpty(), "no signature");
        String id = first.block("tool_use").path("id").asString("");
        String messages = "[" + HELLO.substring(1, HELLO.length() - 1) + ","
                + ClaudeCode.assistant(first.contentJson()) + ","
                + ClaudeCode.user(ClaudeCode.toolResult(id, "\"found\"")) + "]";
        String body = body(Side.CLAUDE, true, messages, tools);

        // the service itself rejects thinking that was changed, or that follows something else than it did
        assertEquals("There.", streamed(post(body)).text());
        assertUntouched(body, latest(Side.CLAUDE));
    }

    @Test
    void line_27_thinking_of_kimi_does_not_go_to_claude() {
        String tools = "\"tools\":" + ClaudeCode.tools(3);
        kimi().reply(Reply.reasoning("Where is it?").thenToolCall("Read", "{\"path\":\"/a\"}"));
        StreamedMessage first = streamed(stream(Side.KIMI, tools));
        String id = first.block("tool_use").path("id").asString("");
        String messages = "[" + HELLO.substring(1, HELLO.length() - 1) + ","
                + ClaudeCode.assistant(first.contentJson()) + ","
                + ClaudeCode.user(ClaudeCode.toolResult(id, "\"found\"")) + "]";
        claude().reply(Reply.text("There."));

        assertEquals(
                "There.",
                streamed(post(body(Side.CLAUDE, true, messages, tools))).text());
        assertFalse(latest(Side.CLAUDE).bodyText().contains("Where is it?"), "foreign thinking went upstream");
        assertTrue(latest(Side.CLAUDE).bodyText().contains(id), "the call is missing");
    }

    @Test
    void line_28_max_tokens_is_forwarded_to_claude() {
        String body = body(Side.CLAUDE, false, HELLO).replace("4096", "900000");

        JsonNode error = error(post(body), 400);

        assertTrue(error.path("message").asString("").contains("900000"));
        assertUntouched(body, upstream(Side.CLAUDE));
    }

    @Test
    void line_29_sampling_is_rejected_for_claude_when_the_version_has_none() {
        JsonNode error = error(
                call(
                        "POST",
                        "/v1/messages",
                        List.of(
                                Map.entry("x-api-key", gateway().credential()),
                                Map.entry("anthropic-version", "2026-10-21")),
                        body(Side.CLAUDE, false, HELLO, "\"temperature\":0.3")),
                400);

        assertEquals("invalid_request_error", error.path("type").asString(""));
        assertTrue(error.path("message").asString("").contains("temperature"));
    }

    @Test
    void line_30_the_user_id_is_forwarded_to_claude() {
        assertForwarded(body(Side.CLAUDE, false, HELLO, "\"metadata\": {\"user_id\":\"user_5ca1ab1e\"}"));
    }

    @Test
    void line_31_parallel_results_and_their_images_are_forwarded_to_claude() {
        assertForwarded(body(Side.CLAUDE, false, parallelResults(), "\"tools\":" + ClaudeCode.tools(3)));
    }

    @Test
    void line_32_a_body_of_many_megabytes_goes_through_to_claude() {
        assertForwarded(body(Side.CLAUDE, false, "[" + ClaudeCode.user(ClaudeCode.text("x".repeat(MANY))) + "]"));
    }

    @Test
    void line_32_a_longer_body_than_the_limit_is_rejected() {
        GatewayResponse response = client().announce(
                        "POST",
                        "/v1/messages",
                        headers(),
                        new byte[0],
                        gateway().maxBody() + (1 << 20))
                .awaitHead();

        assertEquals("request_too_large", error(response, 413).path("type").asString(""));
        assertNothingUpstream();
    }

    /** A call, and a turn with its result. */
    static String toolTurn(String resultContent) {
        return toolTurn("", resultContent);
    }

    /** The same after thinking, whose block has a comma behind it. */
    static String toolTurn(String thinking, String resultContent) {
        return "[" + ClaudeCode.user(ClaudeCode.text("Look."))
                + ",{\"role\":\"assistant\",\"content\":[" + thinking
                + "{\"type\":\"tool_use\",\"id\":\"toolu_01\",\"name\":\"ToolSearch\",\"input\":{\"path\":\"x\"}}]},"
                + ClaudeCode.user(ClaudeCode.toolResult("toolu_01", resultContent)) + "]";
    }

    /** Two calls, and one turn with both results, of which one has an image. */
    static String parallelResults() {
        return "[" + ClaudeCode.user(ClaudeCode.text("Look."))
                + ",{\"role\":\"assistant\",\"content\":[{\"type\":\"tool_use\",\"id\":\"toolu_01\",\"name\":\"Read\","
                + "\"input\":{\"path\":\"x\"}}, {\"type\":\"tool_use\",\"id\":\"Bash_0\","
                + "\"name\":\"tool_1\",\"input\":{ }}"
                + "]},"
                + ClaudeCode.user(
                        ClaudeCode.toolResult(
                                "toolu_01", "[" + ClaudeCode.text("a picture") + ", " + ClaudeCode.image() + "]"),
                        ClaudeCode.toolResult("Bash_0", "\"plain\"").replace("}", ",\"is_error\":true}"),
                        ClaudeCode.text("Well?"))
                + "]";
    }
}
