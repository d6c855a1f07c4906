package dev.kimi.gateway.messages;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Reads a written stream as a client does, and fails where it breaks a rule of the protocol. */
final class StreamReader {

    private static final Set<String> ORDERED = Set.of(
            "message_start",
            "content_block_start",
            "content_block_delta",
            "content_block_stop",
            "message_delta",
            "message_stop");

    final List<JsonNode> events = new ArrayList<>();
    private final ObjectNode message = MessagesFixture.JSON.createObjectNode();
    private final ArrayNode content = message.putArray("content");
    private final StringBuilder pieces = new StringBuilder();
    private int open = -1;
    private boolean ended;

    static StreamReader of(MessagesWriter writer, List<ChatEvent> events, ChatResponse response) {
        StringBuilder stream = new StringBuilder(MessagesFixture.text(writer.start()));
        for (ChatEvent event : events) {
            stream.append(MessagesFixture.text(writer.event(event)));
        }
        return of(stream.append(MessagesFixture.text(writer.end(response))).toString());
    }

    static StreamReader of(String stream) {
        StreamReader reader = new StreamReader();
        assertThat(stream).endsWith("\n\n");
        for (String event : stream.split("\n\n")) {
            String[] lines = event.split("\n");
            assertThat(lines).as(event).hasSize(2);
            JsonNode data = MessagesFixture.JSON.readTree(lines[1].substring("data: ".length()));
            assertThat(lines[0]).isEqualTo("event: " + data.path("type").asString());
            if (!lines[0].equals("event: ping")) {
                reader.read(data);
            }
        }
        assertThat(reader.ended).as("the stream has an end").isTrue();
        return reader;
    }

    JsonNode block(int index) {
        return content.path(index);
    }

    int blocks() {
        return content.size();
    }

    JsonNode last() {
        return events.get(events.size() - 2);
    }

    private void read(JsonNode event) {
        String type = event.path("type").asString();
        assertThat(ORDERED).contains(type);
        assertThat(ended).as("nothing follows the end").isFalse();
        assertThat(events.isEmpty()).as(type).isEqualTo(type.equals("message_start"));
        events.add(event);
        switch (type) {
            case "content_block_start" -> {
                assertThat(open).as("one block at a time").isEqualTo(-1);
                open = event.path("index").asInt();
                assertThat(open).as("indices rise").isEqualTo(content.size());
                content.add(event.path("content_block").deepCopy());
                pieces.setLength(0);
            }
            case "content_block_delta" -> {
                assertThat(event.path("index").asInt()).isEqualTo(open);
                delta(event.path("delta"));
            }
            case "content_block_stop" -> stop(event);
            case "message_stop" -> {
                assertThat(open).as("all blocks have ended").isEqualTo(-1);
                ended = true;
            }
            default -> {}
        }
    }

    private void delta(JsonNode delta) {
        String type = delta.path("type").asString();
        String member = type.equals("input_json_delta") ? "partial_json" : type.replace("_delta", "");
        assertThat(delta.path(member).isString()).as(delta.toString()).isTrue();
        if (type.equals("signature_delta")) {
            ((ObjectNode) content.path(open))
                    .put("signature", delta.path(member).asString());
        } else {
            pieces.append(delta.path(member).asString());
        }
    }

    private void stop(JsonNode event) {
        assertThat(event.path("index").asInt()).isEqualTo(open);
        ObjectNode block = (ObjectNode) content.path(open);
        switch (block.path("type").asString()) {
            case "text" -> block.put("text", pieces.toString());
            case "thinking" -> {
                block.put("thinking", pieces.toString());
                assertThat(block.path("signature").asString()).as("a signature").isNotEmpty();
            }
            default -> {
                assertThat(block.path("input").isEmpty()).isTrue();
                assertThat(pieces).as("arguments come as a delta").isNotEmpty();
                block.put("json", pieces.toString());
            }
        }
        open = -1;
    }
}
