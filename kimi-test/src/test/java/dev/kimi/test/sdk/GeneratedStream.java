package dev.kimi.test.sdk;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The events that bring a message: its blocks cut into deltas anywhere, and anything between them that may stand there.
 */
final class GeneratedStream {

    private final Dice dice;
    private final StringBuilder out = new StringBuilder();
    private final String lineEnd;
    private final @Nullable String cut;

    /** @param cut what came of the last tool's input, if the model was stopped there */
    GeneratedStream(Dice dice, @Nullable String cut) {
        this.dice = dice;
        this.cut = cut;
        this.lineEnd = dice.pick("\n", "\n", "\n", "\r\n", "\r");
    }

    byte[] of(ObjectNode message, ObjectNode end, ObjectNode beside, List<ObjectNode> usages) {
        ObjectNode start = message.deepCopy();
        start.putArray("content");
        start.remove(List.of("container", "context_management", "input_transformations"));
        start.putNull("stop_reason").putNull("stop_sequence").set("usage", usages.get(0));
        start.remove("stop_details");
        for (JsonNode block : message.path("content")) {
            if (block.path("type").stringValue().equals("fallback")) {
                // the model that began does not know who will go on
                start.put("model", "claude-fable-5-2");
            }
        }
        event("message_start", type("message_start").set("message", start));
        for (int i = 0; i < message.path("content").size(); i++) {
            boolean last = i == message.path("content").size() - 1;
            block(i, (ObjectNode) message.path("content").get(i), last ? cut : null);
        }
        for (int i = 1; i < usages.size(); i++) {
            boolean last = i == usages.size() - 1;
            ObjectNode delta = type("message_delta");
            ObjectNode members = delta.putObject("delta");
            if (last) {
                members.setAll(end);
                delta.setAll(beside);
            } else if (dice.oneIn(2)) {
                members.putNull("stop_reason").putNull("stop_sequence");
            }
            delta.set("usage", usages.get(i));
            event("message_delta", delta);
        }
        event("message_stop", type("message_stop"));
        between();
        return out.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static ObjectNode type(String type) {
        return GeneratedBlocks.JSON.createObjectNode().put("type", type);
    }

    private void block(int index, ObjectNode block, @Nullable String begunInput) {
        ObjectNode begun = block.deepCopy();
        List<ObjectNode> deltas = new ArrayList<>();
        switch (block.path("type").stringValue()) {
            case "text" -> text(begun, deltas);
            case "thinking" -> {
                pieces(begun.path("thinking").stringValue(), "thinking_delta", "thinking", deltas);
                deltas.add(type("signature_delta")
                        .put("signature", begun.path("signature").stringValue()));
                begun.put("thinking", "").put("signature", "");
            }
            case "tool_use", "server_tool_use", "mcp_tool_use" -> {
                if (begunInput == null) {
                    input(begun, deltas);
                } else {
                    pieces(begunInput, "input_json_delta", "partial_json", deltas);
                }
            }
            case "compaction" -> {
                ObjectNode delta = type("compaction_delta");
                delta.set("content", begun.path("content"));
                delta.set("encrypted_content", begun.path("encrypted_content"));
                deltas.add(delta);
                begun.putNull("content").remove("encrypted_content");
            }
            default -> {
                // comes whole
            }
        }
        event("content_block_start", at("content_block_start", index).set("content_block", begun));
        deltas.forEach(delta ->
                event("content_block_delta", at("content_block_delta", index).set("delta", delta)));
        event("content_block_stop", at("content_block_stop", index));
    }

    private static ObjectNode at(String type, int index) {
        return type(type).put("index", index);
    }

    private void text(ObjectNode begun, List<ObjectNode> deltas) {
        String text = begun.path("text").stringValue();
        int already = dice.oneIn(8) ? dice.below(text.length() + 1) : 0;
        pieces(text.substring(already), "text_delta", "text", deltas);
        begun.put("text", text.substring(0, already));
        if (begun.path("citations").isArray()) {
            for (JsonNode citation : begun.path("citations")) {
                ObjectNode delta = type("citations_delta");
                delta.set("citation", citation);
                deltas.add(deltasBefore(deltas), delta);
            }
            begun.putArray("citations");
        }
    }

    /** A place among the deltas that keeps the order of citations. */
    private int deltasBefore(List<ObjectNode> deltas) {
        int last = 0;
        for (int i = 0; i < deltas.size(); i++) {
            last = deltas.get(i).has("citation") ? i + 1 : last;
        }
        return last + dice.below(deltas.size() - last + 1);
    }

    private void input(ObjectNode begun, List<ObjectNode> deltas) {
        JsonNode input = begun.path("input");
        if (input.isEmpty() && dice.oneIn(2)) {
            pieces("", "input_json_delta", "partial_json", deltas);
            return;
        }
        if (dice.oneIn(8)) {
            return;
        }
        if (dice.oneIn(2)) {
            deltas.add(type("input_json_delta").put("partial_json", ""));
        }
        pieces(WireText.of(input, dice), "input_json_delta", "partial_json", deltas);
        begun.putObject("input");
    }

    /** Cuts a text anywhere, between the halves of a character too; pieces may be empty. */
    private void pieces(String text, String type, String member, List<ObjectNode> deltas) {
        int size = Math.max(text.length() / 8, dice.pick(1, 3, 10, 1_000));
        int at = 0;
        while (at < text.length() || dice.oneIn(10)) {
            int to = Math.min(text.length(), at + dice.below(size + 1));
            deltas.add(type(type).put(member, text.substring(at, to)));
            at = to;
        }
    }

    private void event(String name, JsonNode data) {
        between();
        String text = WireText.of(data, dice);
        List<String> lines = new ArrayList<>();
        text.lines().forEach(line -> lines.add(field("data", line)));
        // which of its fields comes first makes no difference
        lines.add(dice.oneIn(10) ? lines.size() : 0, field("event", name));
        if (dice.oneIn(20)) {
            lines.add(dice.below(lines.size() + 1), dice.pick(": a comment", ":", "id: 7", "retry: 100", "unknown"));
        }
        lines.forEach(line -> out.append(line).append(lineEnd));
        out.append(lineEnd);
    }

    private String field(String name, String value) {
        return name + (dice.oneIn(10) && !value.startsWith(" ") ? ":" : ": ") + value;
    }

    /** What may stand between events: pings, events of kinds that are not known, comments. */
    private void between() {
        while (dice.oneIn(8)) {
            out.append(
                    switch (dice.below(4)) {
                        case 0, 1 -> lines("event: ping", "data: {\"type\": \"ping\"}", "");
                        case 2 -> lines("event: progress", "data: {\"type\":\"progress\",\"of\":{\"index\":0}}", "");
                        default -> lines(": keep-alive", "");
                    });
        }
    }

    private String lines(String... lines) {
        return String.join(lineEnd, lines) + lineEnd;
    }
}
