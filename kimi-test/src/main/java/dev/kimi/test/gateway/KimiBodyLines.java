package dev.kimi.test.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kimi.test.Reply;
import dev.kimi.test.support.Eventually;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Section 3 of the contract with Kimi behind: bodies, lines 14 to 32. The service checks what reaches it. */
abstract class KimiBodyLines extends ClaudeBodyLines {

    @Test
    void line_14_what_is_unknown_is_dropped_for_kimi_and_counted() {
        OptionalLong before = gateway().dropped();

        JsonNode request = assertTranslated(body(
                Side.KIMI,
                false,
                "[{\"role\":\"user\",\"content\":[{\"type\":\"hologram_2028\",\"data\":[1.0]},"
                        + "{\"type\":\"text\",\"text\":\"Hello\",\"citations\":null}],\"not_known\":1},"
                        + ClaudeCode.assistant("[{\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"AbC=\"},"
                                + ClaudeCode.text("Yes?") + "]")
                        + "," + ClaudeCode.user(ClaudeCode.text("Go on.")) + "]",
                "\"not_known_yet\":{\"deep\":[1]}",
                "\"stop_sequences\":null"));

        assertFalse(request.toString().contains("hologram"), "an unknown block went upstream");
        assertFalse(request.has("not_known_yet"), "an unknown member went upstream");
        assertTrue(request.toString().contains("Go on."));
        if (before.isPresent()) {
            // a gateway may count once the call is over, which is after the client has its response
            assertTrue(
                    Eventually.holds(
                            gateway().patience(), () -> gateway().dropped().orElse(0) > before.getAsLong()),
                    "nothing was counted");
        }
    }

    @Test
    void line_15_the_attribution_block_does_not_reach_kimi() {
        JsonNode request = assertTranslated(ClaudeCode.body(gateway().kimiModel(), HELLO));

        assertFalse(request.toString().contains("x-anthropic-billing-header"));
        assertTrue(request.toString().contains("You are Claude Code"));
    }

    @Test
    void line_15_an_attribution_that_is_not_first_is_text_for_kimi() {
        String system =
                "\"system\":[" + ClaudeCode.text("Be brief.") + "," + ClaudeCode.text(ClaudeCode.ATTRIBUTION) + "]";

        JsonNode request = assertTranslated(body(Side.KIMI, false, HELLO, system));

        assertTrue(request.toString().contains("x-anthropic-billing-header"));
    }

    @Test
    void line_16_adaptive_thinking_becomes_the_control_of_kimi() {
        JsonNode request = assertTranslated(body(Side.KIMI, false, HELLO, "\"thinking\":{\"type\":\"adaptive\"}"));

        String type = request.path("thinking").path("type").asString("enabled");
        assertEquals("enabled", type, "thinking upstream");
    }

    @Test
    void line_17_effort_becomes_one_that_kimi_has_and_the_budget_is_dropped() {
        for (String effort : List.of("low", "medium", "high", "xhigh", "max")) {
            JsonNode request = assertTranslated(body(
                    Side.KIMI,
                    false,
                    HELLO,
                    "\"output_config\":{\"effort\":\"" + effort
                            + "\",\"task_budget\":{\"type\":\"tokens\",\"total\":9}}"));

            String given = request.path("reasoning_effort")
                    .asString(request.path("output_config").path("effort").asString(""));
            assertTrue(Set.of("", "low", "high", "max").contains(given), () -> effort + " became " + given);
            assertTrue(
                    !Set.of("low", "high", "max").contains(effort) || given.equals(effort),
                    () -> effort + " became " + given);
            assertFalse(request.toString().contains("task_budget"));
        }
    }

    @Test
    void line_18_context_management_is_dropped_for_kimi() {
        JsonNode request = assertTranslated(
                body(Side.KIMI, false, HELLO, ClaudeCode.CONTEXT_MANAGEMENT),
                "anthropic-beta",
                "context-management-2025-06-27");

        assertFalse(request.has("context_management"));
    }

    @Test
    void line_19_tools_of_kimi_have_a_name_a_description_and_a_schema() {
        JsonNode request = assertTranslated(body(Side.KIMI, false, HELLO, "\"tools\":" + ClaudeCode.tools(30)));

        List<JsonNode> tools = request.path("tools").valueStream().toList();
        JsonNode read = tools.stream()
                .map(tool -> tool.path("function"))
                .filter(function -> "Read".equals(function.path("name").asString("")))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no tool Read: " + request));
        assertEquals("Does 0 things & more", read.path("description").asString(""));
        assertEquals("string", read.at("/parameters/properties/path/type").asString(""));
        for (String name :
                List.of("defer_loading", "eager_input_streaming", "input_examples", "input_schema", "cache_control")) {
            assertFalse(request.toString().contains(name), () -> name + " went upstream");
        }
    }

    @Test
    void line_20_server_tools_have_a_defined_result_for_kimi() {
        definedResult(
                "web_search",
                post(body(
                        Side.KIMI,
                        false,
                        HELLO,
                        "\"tools\":[{\"type\":\"web_search_20260209\",\"name\":\"web_search\",\"max_uses\":5}]")));
    }

    @Test
    void line_21_tool_references_become_text_or_tools_for_kimi() {
        JsonNode request = assertTranslated(body(
                Side.KIMI,
                false,
                toolTurn("[{\"type\":\"tool_reference\",\"tool_name\":\"tool_3\"}]"),
                "\"tools\":" + ClaudeCode.tools(5)));

        assertFalse(request.toString().contains("tool_reference"));
        assertTrue(request.toString().contains("tool_3"));
    }

    @Test
    void line_22_documents_have_a_defined_result_for_kimi() {
        definedResult(
                "document",
                post(body(
                        Side.KIMI,
                        false,
                        "[" + ClaudeCode.user(ClaudeCode.document(), ClaudeCode.text("Sum it up.")) + "]")));
    }

    /** It is left out, or rejected with a text that names it. */
    final void definedResult(String what, GatewayResponse response) {
        if (response.status() == 200) {
            message(response);
            JsonNode request = json(latest(Side.KIMI).bodyText());
            assertFalse(request.toString().contains("\"type\":\"" + what), () -> what + " went upstream");
            return;
        }
        JsonNode error = error(response, 400);
        assertEquals("invalid_request_error", error.path("type").asString(""));
        assertTrue(error.path("message").asString("").contains(what), () -> "not named: " + error);
        assertEquals(List.of(), inference(Side.KIMI));
    }

    @Test
    void line_23_system_turns_stay_in_their_place_for_kimi() {
        JsonNode request = assertTranslated(body(
                Side.KIMI,
                false,
                "[" + ClaudeCode.user(ClaudeCode.text("first words")) + "," + ClaudeCode.reminder("Mind the gap.")
                        + "]",
                "\"system\":[" + ClaudeCode.text("Be brief.") + "]"));

        JsonNode messages = request.path("messages");
        assertFalse(messages.path(0).toString().contains("Mind the gap."), "it was hoisted to the top");
        String text = messages.toString();
        assertTrue(text.indexOf("first words") < text.indexOf("Mind the gap."), text);
    }

    @Test
    void line_24_places_in_the_cache_are_dropped_for_kimi() {
        JsonNode request = assertTranslated(ClaudeCode.body(
                gateway().kimiModel(),
                "[" + ClaudeCode.user(ClaudeCode.text("Hello")) + "," + ClaudeCode.reminder("Mind the gap.") + "]"));

        assertFalse(request.toString().contains("cache_control"));
    }

    @Test
    void line_25_thinking_of_claude_is_kept_without_its_signature_for_kimi() {
        String messages = toolTurn(
                "{\"type\":\"thinking\",\"thinking\":\"Hm.\",\"signature\":\"EqQBCgIYAhIM1gbcDa9GJw\"},", "\"found\"");

        JsonNode request = assertTranslated(body(Side.KIMI, false, messages, "\"tools\":" + ClaudeCode.tools(3)));

        assertFalse(request.toString().contains("EqQBCgIYAhIM1gbcDa9GJw"), "a signature went upstream");
        assertEquals("Hm.", reasoning(request).get(0));
    }

    /** What the assistant's turns of a request have as reasoning. */
    static List<String> reasoning(JsonNode request) {
        List<String> reasoning = new ArrayList<>();
        for (JsonNode message : request.path("messages")) {
            if ("assistant".equals(message.path("role").asString(""))) {
                reasoning.add(message.path("reasoning_content").asString(""));
            }
        }
        return reasoning;
    }

    @Test
    void line_26_thinking_of_kimi_comes_back_with_the_signature_of_the_gateway() {
        StreamedMessage first = callOfKimi();

        JsonNode request = replayed(first.content(), first);

        assertEquals("Where is it?", reasoning(request).get(0));
        String signature = first.block("thinking").path("signature").asString("");
        assertFalse(signature.isEmpty(), "thinking of Kimi has no signature");
        assertFalse(request.toString().contains(signature), "the signature went upstream");
    }

    @Test
    void line_26_thinking_of_kimi_comes_back_without_a_signature() {
        StreamedMessage first = callOfKimi();
        List<ObjectNode> content = new ArrayList<>();
        first.content().forEach(block -> {
            ObjectNode copy = block.deepCopy();
            copy.remove("signature");
            content.add(copy);
        });

        assertEquals("Where is it?", reasoning(replayed(content, first)).get(0));
    }

    @Test
    void line_26_thinking_of_kimi_does_not_come_back_at_all() {
        StreamedMessage first = callOfKimi();
        List<ObjectNode> content = first.content().stream()
                .filter(block -> !"thinking".equals(block.path("type").asString("")))
                .toList();

        // the service would reject a call without reasoning
        replayed(content, first);
    }

    private StreamedMessage callOfKimi() {
        kimi().reply(Reply.reasoning("Where is it?").thenToolCall("Read", "{\"path\":\"/a\"}"), Reply.text("There."));
        return streamed(stream(Side.KIMI, "\"tools\":" + ClaudeCode.tools(3)));
    }

    private JsonNode replayed(List<ObjectNode> content, StreamedMessage first) {
        String id = first.block("tool_use").path("id").asString("");
        String messages = "[" + HELLO.substring(1, HELLO.length() - 1) + ","
                + ClaudeCode.assistant(content.toString()) + ","
                + ClaudeCode.user(ClaudeCode.toolResult(id, "\"found\"")) + "]";
        return assertTranslated(body(Side.KIMI, false, messages, "\"tools\":" + ClaudeCode.tools(3)));
    }

    @Test
    void line_28_max_tokens_above_the_window_is_lowered_for_kimi() {
        String body = body(Side.KIMI, false, HELLO).replace("4096", "9000000");

        JsonNode request = assertTranslated(body);

        assertFalse(request.toString().contains("9000000"));
    }

    @Test
    void line_29_sampling_is_dropped_for_kimi() {
        assertTranslated(body(Side.KIMI, false, HELLO, "\"temperature\":0.3", "\"top_p\":0.5", "\"top_k\":40"));
    }

    @Test
    void line_30_the_user_id_does_not_reach_kimi_as_it_is() {
        JsonNode request =
                assertTranslated(body(Side.KIMI, false, HELLO, "\"metadata\":{\"user_id\":\"user_5ca1ab1e\"}"));

        assertFalse(request.toString().contains("user_5ca1ab1e"));
    }

    @Test
    void line_31_parallel_results_and_their_images_reach_kimi() {
        JsonNode request =
                assertTranslated(body(Side.KIMI, false, parallelResults(), "\"tools\":" + ClaudeCode.tools(3)));

        List<String> ids = new ArrayList<>();
        for (JsonNode message : request.path("messages")) {
            if ("tool".equals(message.path("role").asString(""))) {
                ids.add(message.path("tool_call_id").asString(""));
            }
        }
        assertEquals(List.of("toolu_01", "Bash_0"), ids);
        String text = request.toString();
        assertTrue(text.contains("data:image/png;base64," + ClaudeCode.PIXEL), "the image is missing");
        assertTrue(text.contains("a picture") && text.contains("plain") && text.contains("Well?"), text);
    }

    @Test
    void line_32_a_body_of_many_megabytes_goes_through_to_kimi() {
        kimi().replyAt(Side.KIMI.path(), Reply.text("Long."));
        String text = "x".repeat(9 << 20);

        message(post(body(Side.KIMI, false, "[" + ClaudeCode.user(ClaudeCode.text(text)) + "]")));

        assertTrue(upstream(Side.KIMI).bodyText().contains(text));
    }
}
