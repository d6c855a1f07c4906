package dev.kimi.test.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kimi.test.ReceivedRequest;
import dev.kimi.test.Reply;
import dev.kimi.time.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Section 6 of the contract: the acceptance cases. */
abstract class GatewayCases extends ErrorLines {

    private static final int ROUNDS = 12;
    private static final int PINGS_OF_SIX_MINUTES = 24;
    private static final UnaryOperator<List<ObjectNode>> ALL = content -> content;

    @Test
    void case_01_golden_transcripts_run_through_kimi() {
        roundsOf(Side.KIMI, ALL);
        for (String messages : transcripts()) {
            kimi().reply(Reply.text("Done."));
            assertEquals("Done.", streamed(send(Side.KIMI, messages)).text());
        }
    }

    @Test
    void case_01_golden_transcripts_run_through_claude_byte_for_byte() {
        roundsOf(Side.CLAUDE, ALL);
        for (String messages : transcripts()) {
            claude().reply(Reply.text("Done."));
            assertEquals("Done.", streamed(send(Side.CLAUDE, messages)).text());
            assertUntouched(ClaudeCode.body(model(Side.CLAUDE), messages), latest(Side.CLAUDE));
        }
    }

    /** What remains of a long conversation, parallel calls with pictures, a reminder at the end. */
    private static List<String> transcripts() {
        String compacted =
                "[" + ClaudeCode.user(ClaudeCode.text("This session continues an earlier one. \\u0026 so on"))
                        + "," + ClaudeCode.reminder("Read the summary.") + ","
                        + ClaudeCode.assistant("[" + ClaudeCode.text("I have read it.") + "]") + ","
                        + ClaudeCode.user(ClaudeCode.text("Go on."), ClaudeCode.image()) + "]";
        return List.of(
                compacted,
                parallelResults(),
                "[" + ClaudeCode.user(ClaudeCode.text("Hi")) + ", " + ClaudeCode.reminder("Mind the gap.") + "]");
    }

    /** Twelve rounds of tools, as a subagent sends them, and what the model says in the end. */
    private void roundsOf(Side side, UnaryOperator<List<ObjectNode>> memory) {
        ToolTalk talk = new ToolTalk(memory);
        for (int round = 1; round <= ROUNDS; round++) {
            Reply reply = Reply.reasoning("Round " + round + ".").thenToolCall("Read", "{\"path\":\"/" + round + "\"}");
            service(side).reply(round % 3 == 0 ? reply.thenToolCall("tool_2", "{\"path\":\"/x\"}") : reply);
            talk.add(assertRound(side, talk, "tool_use"));
        }
        service(side).reply(Reply.text("Done."));
        assertEquals("Done.", assertRound(side, talk, "end_turn").text());
    }

    private StreamedMessage assertRound(Side side, ToolTalk talk, String stopReason) {
        String messages = talk.messages();
        StreamedMessage message = streamed(send(side, messages));
        assertEquals(stopReason, message.stopReason());
        if (side == Side.CLAUDE) {
            assertUntouched(ClaudeCode.body(model(side), messages), latest(side));
        }
        return message;
    }

    private GatewayResponse send(Side side, String messages) {
        List<Map.Entry<String, String>> headers =
                new ArrayList<>(ClaudeCode.headers(gateway().credential()));
        headers.add(Map.entry("x-claude-code-agent-id", "agent-7f3a"));
        return call("POST", ClaudeCode.MESSAGES, headers, ClaudeCode.body(model(side), messages));
    }

    @Test
    void case_02_one_space_in_an_earlier_message_is_found() {
        claude().reply(Reply.reasoning("Hm.").thenToolCall("Read", "{\"path\":\"/a\"}"), Reply.text("Done."));
        ToolTalk talk = new ToolTalk(ALL);
        talk.add(assertRound(Side.CLAUDE, talk, "tool_use"));
        String messages = talk.messages();
        String spaced = messages.replaceFirst("Look into it", "Look  into it");
        assertNotEquals(messages, spaced);

        // the service finds it, since the thinking that follows is bound to what precedes it
        error(beforeAnyPing(() -> send(Side.CLAUDE, spaced)), 400);
        ReceivedRequest request = latest(Side.CLAUDE);
        // and so does the comparison of bytes that stands behind the other tests
        assertThrows(
                AssertionError.class, () -> assertUntouched(ClaudeCode.body(model(Side.CLAUDE), messages), request));
        assertEquals("Done.", streamed(send(Side.CLAUDE, messages)).text());
    }

    @Test
    @Timeout(600)
    void case_03_six_minutes_of_silence_of_kimi_are_filled_with_pings() {
        CompletableFuture<Void> held = new CompletableFuture<>();
        kimi().reply(Reply.text("At last.").holdAfterEvents(0, held));

        GatewayResponse response = stream(Side.KIMI);
        for (int i = 0; i < PINGS_OF_SIX_MINUTES; i++) {
            String event = response.nextEvent();
            assertTrue(event != null && GatewayResponse.isPing(event), () -> "instead of a ping: " + event);
        }
        held.complete(null);

        assertEquals("At last.", streamed(response).text());
    }

    @Test
    void case_04_twelve_rounds_of_kimi_never_lack_their_reasoning() {
        roundsOf(Side.KIMI, ALL);
    }

    @Test
    void case_04_twelve_rounds_of_kimi_without_signatures_never_lack_their_reasoning() {
        roundsOf(Side.KIMI, content -> {
            List<ObjectNode> kept = new ArrayList<>();
            content.forEach(block -> {
                ObjectNode copy = block.deepCopy();
                copy.remove("signature");
                kept.add(copy);
            });
            return kept;
        });
    }

    @Test
    void case_05_errors_of_kimi_in_any_shape_get_that_of_anthropic() {
        kimi().otherwise(Reply.unauthorized());
        error(whole(Side.KIMI), 502, 529);
        gateway().reset();
        kimi().otherwise(Reply.rateLimited(Duration.ofHours(1)));
        error(whole(Side.KIMI), 429);
        gateway().reset();
        kimi().otherwise(Reply.gatewayTimeout());
        error(whole(Side.KIMI), 504, 502, 529);
    }

    @Test
    void case_06_a_quota_of_kimi_takes_one_call_upstream() {
        aQuotaIsFinal(Side.KIMI);
    }

    @Test
    void case_07_a_client_that_leaves_frees_the_service(TestReporter reporter) {
        for (Side side : Side.values()) {
            service(side).reply(Reply.text("one two three four").stallAfterEvents(4));
            GatewayResponse response = stream(side);
            until(response, "one");
            ReceivedRequest upstream = awaitUpstream(side);
            long before = TimeSource.system().nanoTime();

            response.abort();

            assertEndedByGateway(upstream);
            long millis = TimeUnit.NANOSECONDS.toMillis(TimeSource.system().nanoTime() - before);
            reporter.publishEntry("from the client's close to the service's end, " + side, millis + " ms");
        }
    }

    @Test
    void case_08_models_are_listed_while_the_services_are_down() {
        kimi().replyAt("/v1/models", Reply.text("").stallBeforeHeaders());
        claude().replyAt("/v1/models", Reply.text("").stallBeforeHeaders());

        GatewayResponse response = call("GET", MODELS, headers(), "");

        String text = response.rest();
        assertEquals(200, response.status(), text);
        assertTrue(
                text.contains(gateway().kimiModel()) && text.contains(gateway().claudeModel()), text);
    }

    @Test
    void case_09_what_is_unknown_passes_to_claude_and_is_counted_for_kimi() {
        line_14_what_is_unknown_is_forwarded_to_claude();
        claude().reset();
        line_34_pings_comments_and_odd_events_of_claude_are_forwarded();
        line_14_what_is_unknown_is_dropped_for_kimi_and_counted();
    }

    @Test
    void case_10_what_kimi_does_not_have_has_a_defined_result() {
        line_18_context_management_is_dropped_for_kimi();
        line_21_tool_references_become_text_or_tools_for_kimi();
        line_23_system_turns_stay_in_their_place_for_kimi();
        kimi().reset();
        line_22_documents_have_a_defined_result_for_kimi();
        kimi().reset();

        GatewayResponse many = post(body(Side.KIMI, false, HELLO, "\"tools\":" + ClaudeCode.tools(129)));
        if (many.status() == 200) {
            message(many);
            int tools = json(latest(Side.KIMI).bodyText()).path("tools").size();
            assertTrue(tools <= 128, () -> tools + " tools went upstream");
        } else {
            JsonNode error = error(many, 400);
            assertTrue(error.path("message").asString("").contains("128"), error.toString());
        }
    }

    @Test
    void case_11_tokens_are_counted_without_the_service() {
        for (Side side : Side.values()) {
            String body = "{\"model\":\"" + model(side) + "\",\"messages\":" + HELLO + "}";
            kimi().replyAt("/v1/tokenizers/estimate-token-count", Reply.status(404, "{\"error\":\"url.not_found\"}"));
            claude().replyAt(COUNT_TOKENS, Reply.status(404, "{\"error\":\"url.not_found\"}"));

            assertTrue(counted(body) > 0, "tokens of " + side);
        }
    }

    @Test
    void case_12_a_session_moves_from_claude_to_kimi_and_back() {
        ToolTalk talk = new ToolTalk(ALL);
        for (Side side : List.of(Side.CLAUDE, Side.KIMI, Side.CLAUDE, Side.KIMI, Side.CLAUDE)) {
            service(side).reply(Reply.reasoning("On " + side + ".").thenToolCall("Read", "{\"path\":\"/a\"}"));
            StreamedMessage message = streamed(send(side, talk.messages()));
            assertEquals("tool_use", message.stopReason());
            talk.add(message);
        }
        assertFalse(latest(Side.CLAUDE).bodyText().contains("On KIMI."), "foreign thinking went to Claude");
    }
}
