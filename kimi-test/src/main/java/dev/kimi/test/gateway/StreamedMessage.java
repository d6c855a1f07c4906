package dev.kimi.test.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kimi.test.internal.Json;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** A message that was streamed, put together the way a strict client does it: what is out of order fails. */
final class StreamedMessage {

    private final List<ObjectNode> content = new ArrayList<>();
    private final StringBuilder input = new StringBuilder();
    private @Nullable JsonNode start;
    private @Nullable JsonNode lastDelta;
    private @Nullable JsonNode error;
    private boolean open;
    private boolean stopped;

    /** Reads a stream that ends well. */
    static StreamedMessage whole(GatewayResponse response) {
        StreamedMessage message = of(response.restOfModel());
        assertTrue(message.stopped, "the stream has no message_stop");
        assertNull(message.error, "the stream has an error event");
        assertTrue(response.complete(), "the body has no proper end");
        return message;
    }

    /** Reads a stream that need not end. */
    static StreamedMessage of(List<String> events) {
        StreamedMessage message = new StreamedMessage();
        events.forEach(message::event);
        return message;
    }

    /** The data of an event. */
    static JsonNode data(String event) {
        String data = event.lines()
                .filter(line -> line.startsWith("data:"))
                .map(line -> line.substring("data:".length()).strip())
                .reduce("", String::concat);
        JsonNode json = Json.parse(data.getBytes(StandardCharsets.UTF_8));
        assertNotNull(json, () -> "the data of an event is no JSON: " + event);
        return Objects.requireNonNull(json);
    }

    private void event(String event) {
        JsonNode data = data(event);
        String type = data.path("type").asString("");
        assertTrue(
                event.lines().anyMatch(("event: " + type)::equals),
                () -> "the event is not named by its type: " + event);
        assertFalse(stopped, () -> "after message_stop came: " + event);
        assertNull(error, () -> "after the error came: " + event);
        switch (type) {
            case "message_start" -> {
                assertNull(start, "a second message_start");
                start = data.path("message");
            }
            case "content_block_start" -> blockStart(data);
            case "content_block_delta" -> delta(data);
            case "content_block_stop" -> blockStop(data);
            case "message_delta" -> {
                assertTrue(start != null && !open, () -> "out of place: " + event);
                lastDelta = data;
            }
            case "message_stop" -> {
                assertTrue(lastDelta != null && !open, () -> "out of place: " + event);
                stopped = true;
            }
            case "error" -> error = data;
            default -> {
                // clients pass over what they do not know
            }
        }
    }

    private void blockStart(JsonNode data) {
        assertTrue(start != null && lastDelta == null && !open, () -> "out of place: " + data);
        assertEquals(content.size(), data.path("index").asInt(-1), "the index of a block");
        ObjectNode block = (ObjectNode) data.path("content_block");
        if ("tool_use".equals(block.path("type").asString(""))) {
            assertEquals("{}", block.path("input").toString(), "input at the start of tool_use");
        }
        content.add(block.deepCopy());
        open = true;
    }

    private void delta(JsonNode data) {
        assertTrue(open, () -> "no block is open for " + data);
        assertEquals(content.size() - 1, data.path("index").asInt(-1), "the index of a delta");
        JsonNode delta = data.path("delta");
        ObjectNode block = content.get(content.size() - 1);
        switch (delta.path("type").asString("")) {
            case "text_delta" -> append(block, "text", delta);
            case "thinking_delta" -> append(block, "thinking", delta);
            case "signature_delta" -> append(block, "signature", delta);
            case "input_json_delta" -> input.append(delta.path("partial_json").asString(""));
            default -> {
                // citations, and what is yet to come
            }
        }
    }

    private static void append(ObjectNode block, String name, JsonNode delta) {
        block.put(name, block.path(name).asString("") + delta.path(name).asString(""));
    }

    private void blockStop(JsonNode data) {
        assertTrue(open, () -> "no block is open for " + data);
        assertEquals(content.size() - 1, data.path("index").asInt(-1), "the index of a stop");
        open = false;
        if (!input.isEmpty()) {
            JsonNode json = Json.parse(input.toString().getBytes(StandardCharsets.UTF_8));
            assertNotNull(json, () -> "the input of a tool is no JSON: " + input);
            content.get(content.size() - 1).set("input", json);
            input.setLength(0);
        }
    }

    /** Whether the stream says that it has ended well. */
    boolean stopped() {
        return stopped;
    }

    /** The error event, or null. */
    @Nullable JsonNode error() {
        return error;
    }

    /** The message as it began. */
    JsonNode start() {
        return Objects.requireNonNull(start, "the stream has no message_start");
    }

    /** The blocks; the last need not be whole. */
    List<ObjectNode> content() {
        return content;
    }

    /** The blocks as a client sends them back. */
    String contentJson() {
        return Json.write(content);
    }

    String stopReason() {
        return lastDelta == null
                ? ""
                : lastDelta.path("delta").path("stop_reason").asString("");
    }

    /** The usage at the end. */
    JsonNode usage() {
        return Objects.requireNonNull(lastDelta, "the stream has no message_delta")
                .path("usage");
    }

    /** The first block of the type. */
    ObjectNode block(String type) {
        return content.stream()
                .filter(block -> type.equals(block.path("type").asString("")))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no block of type " + type + " in " + contentJson()));
    }

    /** All text, joined. */
    String text() {
        StringBuilder text = new StringBuilder();
        content.forEach(block -> text.append(block.path("text").asString("")));
        return text.toString();
    }
}
