package dev.kimi.test.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kimi.test.ReceivedRequest;
import dev.kimi.test.Reply;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Section 4 of the contract: streams, lines 33 to 44. */
abstract class StreamLines extends KimiBodyLines {

    private static final Reply RICH = Reply.reasoning("Let me look into it.")
            .thenText("I will read two files.")
            .thenToolCall("Read", "{\"path\":\"/a\"}")
            .thenToolCall("tool_1", "{\"path\":\"/b\",\"limit\":3}");
    private static final String START = "event: message_start\r\n"
            + "data: {\"type\":\"message_start\",\"message\":{\"model\":\"claude-x\","
            + "\"id\":\"msg_1\",\"type\":\"message\","
            + "\"role\":\"assistant\",\"content\":[],\"stop_reason\":null,\"usage\":{\"input_tokens\":3,"
            + "\"output_tokens\":1,\"not_known_yet\":{\"a\":1}}}   }\r\n\r\n";
    private static final String TEXT = "event: content_block_start\n"
            + "data: {\"type\":\"content_block_start\",\"index\":0,"
            + "\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n"
            + "event: content_block_delta\n"
            + "data: {\"type\":\"content_block_delta\",\"index\":0,"
            + "\"delta\":{\"type\":\"text_delta\",\"text\":\"\\u0048i\"}"
            + "       }\n\n"
            + "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n"
            + "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\","
            + "\"stop_sequence\":null},\"usage\":{\"output_tokens\":2,\"not_known_yet\":7}}\n\n"
            + "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";
    private static final String PLAIN_STREAM = START + TEXT;
    private static final String ODD_STREAM = START
            + ": a comment line\n\n"
            + "event: ping\ndata: {\"type\": \"ping\"}\n\n"
            + "event: not_known_yet\ndata: {\"type\":\"not_known_yet\", \"x\":[1.0 , null]}\n\n"
            + TEXT;

    @Test
    void line_33_each_event_of_kimi_is_relayed_when_it_comes() {
        CompletableFuture<Void> held = new CompletableFuture<>();
        CompletableFuture<Void> heldAgain = new CompletableFuture<>();
        kimi().reply(Reply.stream(chunk("\"role\":\"assistant\",\"content\":\"\"", null)
                        + chunk("\"content\":\"one\"", null)
                        + chunk("\"content\":\"two\"", null)
                        + chunk("\"content\":\"three\"", null)
                        + chunk("", "stop")
                        + "data: [DONE]\n\n")
                .holdAfterEvents(2, held)
                .holdAfterEvents(3, heldAgain));

        GatewayResponse response = stream(Side.KIMI);
        List<String> events = until(response, "one");
        held.complete(null);
        events.addAll(until(response, "two"));
        heldAgain.complete(null);
        events.addAll(response.restOfModel());

        assertEquals("onetwothree", StreamedMessage.of(events).text());
    }

    @Test
    void line_33_each_event_of_claude_is_relayed_when_it_comes() {
        List<CompletableFuture<Void>> held = new ArrayList<>();
        Reply reply = Reply.stream(PLAIN_STREAM);
        for (int i = 1; i <= 5; i++) {
            held.add(new CompletableFuture<>());
            reply = reply.holdAfterEvents(i, held.get(i - 1));
        }
        claude().reply(reply);

        GatewayResponse response = stream(Side.CLAUDE);
        List<String> events = new ArrayList<>();
        for (CompletableFuture<Void> each : held) {
            events.add(response.nextOfModel());
            each.complete(null);
        }
        events.addAll(response.restOfModel());

        assertEquals("Hi", StreamedMessage.of(events).text());
    }

    /** Events up to the one with the text. */
    static List<String> until(GatewayResponse response, String text) {
        List<String> events = new ArrayList<>();
        for (String event = response.nextOfModel(); event != null; event = response.nextOfModel()) {
            events.add(event);
            if (event.contains(text)) {
                return events;
            }
        }
        throw new AssertionError("the stream has ended before '" + text + "': " + events);
    }

    @Test
    void line_34_pings_comments_and_odd_events_of_claude_are_forwarded() {
        claude().reply(Reply.stream(ODD_STREAM));

        GatewayResponse response = stream(Side.CLAUDE);

        StringBuilder came = new StringBuilder();
        for (String event = response.nextEvent(); event != null; event = response.nextEvent()) {
            boolean added = GatewayResponse.isPing(event) && !ODD_STREAM.startsWith(came + event);
            came.append(added ? "" : event);
        }
        assertEquals(ODD_STREAM, came.toString());
    }

    @Test
    void line_35_a_ping_comes_before_the_first_byte_of_kimi() {
        pingsBeforeTheFirstByte(Side.KIMI);
    }

    @Test
    void line_35_a_ping_comes_before_the_first_byte_of_claude() {
        pingsBeforeTheFirstByte(Side.CLAUDE);
    }

    private void pingsBeforeTheFirstByte(Side side) {
        CompletableFuture<Void> held = new CompletableFuture<>();
        service(side).reply(Reply.text("Hello.").holdAfterEvents(0, held));

        GatewayResponse response = stream(side);
        assertEquals(200, response.status());
        for (int i = 0; i < 2; i++) {
            String event = response.nextEvent();
            assertTrue(event != null && event.startsWith("event: ping"), () -> "instead of a ping: " + event);
            assertEquals("ping", StreamedMessage.data(event).path("type").asString(""));
        }
        held.complete(null);

        assertEquals("Hello.", streamed(response).text());
    }

    @Test
    void line_36_pings_come_while_a_stream_of_kimi_is_silent() {
        pingsWhileSilent(Side.KIMI);
    }

    @Test
    void line_36_pings_come_while_a_stream_of_claude_is_silent() {
        pingsWhileSilent(Side.CLAUDE);
    }

    private void pingsWhileSilent(Side side) {
        CompletableFuture<Void> held = new CompletableFuture<>();
        service(side).reply(Reply.text("one two three").holdAfterEvents(4, held));

        GatewayResponse response = stream(side);
        List<String> events = until(response, "one");
        int pings = 0;
        while (pings < 3) {
            String event = response.nextEvent();
            assertNotNull(event);
            if (GatewayResponse.isPing(event)) {
                pings++;
            } else {
                events.add(event);
            }
        }
        held.complete(null);
        events.addAll(response.restOfModel());

        assertEquals("one two three", StreamedMessage.of(events).text());
    }

    @Test
    void line_37_events_of_kimi_are_in_order() {
        kimi().reply(RICH);

        StreamedMessage message = streamed(stream(Side.KIMI, "\"tools\":" + ClaudeCode.tools(3)));

        assertEquals(
                List.of("thinking", "text", "tool_use", "tool_use"),
                message.content().stream()
                        .map(block -> block.path("type").asString(""))
                        .toList());
        assertEquals("I will read two files.", message.text());
        assertEquals(
                "Let me look into it.",
                message.block("thinking").path("thinking").asString(""));
        assertEquals("tool_use", message.stopReason());
        assertEquals(
                "{\"path\":\"/b\",\"limit\":3}",
                message.content().get(3).path("input").toString());
    }

    @Test
    void line_37_events_of_claude_are_in_order() {
        claude().reply(RICH);

        StreamedMessage message = streamed(stream(Side.CLAUDE, "\"tools\":" + ClaudeCode.tools(3)));

        assertEquals("I will read two files.", message.text());
        assertEquals("tool_use", message.stopReason());
    }

    @Test
    void line_38_whole_arguments_of_kimi_come_in_a_delta() {
        kimi().reply(Reply.stream(chunk("\"role\":\"assistant\",\"content\":null,\"reasoning_content\":\"Hm.\"", null)
                + chunk(
                        "\"tool_calls\":[{\"index\":0,\"id\":\"Read_0\",\"type\":\"function\",\"function\":{\"name\":"
                                + "\"Read\",\"arguments\":\"{\\\"path\\\": \\\"/a\\\"}\"}}]",
                        null)
                + chunk("", "tool_calls")
                + "data: [DONE]\n\n"));

        StreamedMessage message = streamed(stream(Side.KIMI, "\"tools\":" + ClaudeCode.tools(3)));

        assertEquals("/a", message.block("tool_use").path("input").path("path").asString(""));
        assertFalse(message.block("tool_use").path("id").asString("").isEmpty(), "a call without an id");
    }

    @Test
    void line_39_usage_of_kimi_is_real_from_the_start() {
        kimi().reply(Reply.text("Hello.").usage(1_200, 30, 200));

        StreamedMessage message = streamed(
                post(ClaudeCode.body(gateway().kimiModel(), "[" + ClaudeCode.user(ClaudeCode.text("Hi")) + "]")));

        int first = message.start().path("usage").path("input_tokens").asInt(0);
        assertTrue(first > 500, () -> "input_tokens at the start of a request of some thousand: " + first);
        assertEquals(
                1_000,
                message.usage().path("input_tokens").asInt(-1),
                message.usage().toString());
        assertEquals(
                30,
                message.usage().path("output_tokens").asInt(-1),
                message.usage().toString());
    }

    @Test
    void line_40_usage_of_kimi_is_split_the_way_of_anthropic() {
        kimi().reply(
                        Reply.reasoning("Hm, hm, hm.").thenText("Hello.").usage(1_200, 30, 200),
                        Reply.reasoning("Hm, hm, hm.").thenText("Hello.").usage(1_200, 30, 200));

        for (JsonNode usage : List.of(
                message(whole(Side.KIMI)).path("usage"),
                streamed(stream(Side.KIMI)).usage())) {
            assertEquals(1_000, usage.path("input_tokens").asInt(-1), usage.toString());
            assertEquals(200, usage.path("cache_read_input_tokens").asInt(-1), usage.toString());
            assertEquals(0, usage.path("cache_creation_input_tokens").asInt(-1), usage.toString());
            assertEquals(30, usage.path("output_tokens").asInt(-1), usage.toString());
            int thought =
                    usage.path("output_tokens_details").path("thinking_tokens").asInt(-1);
            assertTrue(thought > 0, usage.toString());
        }
    }

    @Test
    void line_41_a_cut_stream_of_kimi_ends_in_an_error_event() {
        aCutStreamEndsInAnError(Side.KIMI);
    }

    @Test
    void line_41_a_cut_stream_of_claude_ends_in_an_error_event() {
        aCutStreamEndsInAnError(Side.CLAUDE);
    }

    private void aCutStreamEndsInAnError(Side side) {
        CompletableFuture<Void> held = new CompletableFuture<>();
        service(side)
                .reply(Reply.text("one two three four five").cutAfterEvents(5).holdAfterEvents(5, held));

        GatewayResponse response = stream(side);
        List<String> events = until(response, "one");
        held.complete(null);
        events.addAll(response.restOfModel());

        assertNotAGoodEnd(StreamedMessage.of(events));
    }

    @Test
    void line_41_a_stream_of_kimi_without_its_end_ends_in_an_error_event() {
        kimi().reply(Reply.stream(chunk("\"content\":\"one\"", null)));

        assertNotAGoodEnd(StreamedMessage.of(stream(Side.KIMI).restOfModel()));
    }

    @Test
    void line_41_an_error_event_of_kimi_gets_the_shape_of_anthropic() {
        kimi().reply(Reply.text("one two three four").errorEventAfter(4, "server_error", "out of memory"));

        assertNotAGoodEnd(StreamedMessage.of(stream(Side.KIMI).restOfModel()));
    }

    @Test
    void line_41_an_error_event_of_claude_is_the_last_and_the_only_one() {
        claude().reply(Reply.text("one two three four").errorEventAfter(4, "overloaded_error", "Overloaded"));

        StreamedMessage message = StreamedMessage.of(stream(Side.CLAUDE).restOfModel());

        assertNotAGoodEnd(message);
        assertEquals(
                "overloaded_error",
                String.valueOf(message.error()).split("\"type\":\"")[2].split("\"")[0]);
    }

    static void assertNotAGoodEnd(StreamedMessage message) {
        assertFalse(message.stopped(), "message_stop after a cut");
        JsonNode error = message.error();
        assertNotNull(error, "no error event");
        assertFalse(error.path("error").path("type").asString("").isEmpty(), error.toString());
        assertFalse(error.path("error").path("message").asString("").isEmpty(), error.toString());
    }

    @Test
    void line_41_a_failure_of_kimi_before_the_first_event_has_a_status() {
        kimi().otherwise(Reply.error(400, "invalid_request_error", "Invalid request: nothing fits"));

        error(beforeAnyPing(() -> stream(Side.KIMI)), 400);
    }

    @Test
    void line_41_a_failure_of_claude_before_the_first_event_has_a_status() {
        claude().otherwise(Reply.error(413, "request_too_large", "Too large"));

        error(beforeAnyPing(() -> stream(Side.CLAUDE)), 413);
    }

    @Test
    void line_42_a_client_that_leaves_a_stream_of_kimi_ends_it() {
        leavingEndsTheStream(Side.KIMI);
    }

    @Test
    void line_42_a_client_that_leaves_a_stream_of_claude_ends_it() {
        leavingEndsTheStream(Side.CLAUDE);
    }

    private void leavingEndsTheStream(Side side) {
        service(side).reply(Reply.text("one two three").stallAfterEvents(4));

        GatewayResponse response = stream(side);
        until(response, "one");
        response.abort();

        assertEndedByGateway(awaitUpstream(side));
    }

    @Test
    void line_42_a_client_that_leaves_before_the_first_byte_of_kimi_ends_the_call() {
        leavingEarlyEndsTheCall(Side.KIMI);
    }

    @Test
    void line_42_a_client_that_leaves_before_the_first_byte_of_claude_ends_the_call() {
        leavingEarlyEndsTheCall(Side.CLAUDE);
    }

    private void leavingEarlyEndsTheCall(Side side) {
        for (boolean stream : List.of(true, false)) {
            service(side).reset();
            service(side).reply(Reply.text("never").stallBeforeHeaders());
            byte[] body = body(side, stream, HELLO).getBytes(StandardCharsets.UTF_8);
            GatewayResponse response = client().announce("POST", "/v1/messages", headers(), body, body.length);
            ReceivedRequest upstream = awaitUpstream(side);

            response.abort();

            assertEndedByGateway(upstream);
        }
    }

    @Test
    void line_43_a_response_of_kimi_that_is_not_streamed_is_one_message() {
        isOneMessage(Side.KIMI);
    }

    @Test
    void line_43_a_response_of_claude_that_is_not_streamed_is_one_message() {
        isOneMessage(Side.CLAUDE);
    }

    private void isOneMessage(Side side) {
        service(side).reply(RICH);

        JsonNode message = message(whole(side, "\"tools\":" + ClaudeCode.tools(3)));

        assertEquals("thinking", message.at("/content/0/type").asString(""));
        assertEquals("I will read two files.", message.at("/content/1/text").asString(""));
        assertEquals("/b", message.at("/content/3/input/path").asString(""));
        assertEquals("tool_use", message.path("stop_reason").asString(""));
        assertFalse(message.path("id").asString("").isEmpty());
        // a second run would be paid for
        upstream(side);
    }

    @Test
    void line_44_finish_reasons_of_kimi_become_stop_reasons() {
        Map<String, String> reasons = Map.of(
                "stop", "end_turn", "length", "max_tokens", "tool_calls", "tool_use", "content_filter", "refusal");
        reasons.forEach((finish, stop) -> {
            Reply reply = "tool_calls".equals(finish)
                    ? Reply.reasoning("Hm.").thenToolCall("Read", "{}")
                    : Reply.text("So.").finishReason(finish);
            kimi().reply(reply, reply);
            String tools = "\"tools\":" + ClaudeCode.tools(3);

            assertEquals(stop, streamed(stream(Side.KIMI, tools)).stopReason(), finish);
            assertEquals(
                    stop, message(whole(Side.KIMI, tools)).path("stop_reason").asString(""), finish);
        });
    }

    /** A chunk of chat completions. */
    static String chunk(String delta, @Nullable String finish) {
        return "data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1784000000,\"model\":"
                + "\"kimi-k3\",\"choices\":[{\"index\":0,\"delta\":{" + delta + "},\"finish_reason\":"
                + (finish == null ? "null" : "\"" + finish + "\"") + "}]}\n\n";
    }
}
