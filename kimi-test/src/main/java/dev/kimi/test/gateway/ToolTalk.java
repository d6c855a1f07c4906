package dev.kimi.test.gateway;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import tools.jackson.databind.node.ObjectNode;

/** A conversation with tools, as the program keeps it that runs them. */
final class ToolTalk {

    private final List<String> messages = new ArrayList<>();
    private final UnaryOperator<List<ObjectNode>> memory;

    /** @param memory what the program keeps of a turn of the model */
    ToolTalk(UnaryOperator<List<ObjectNode>> memory) {
        this.memory = memory;
        messages.add(ClaudeCode.user(ClaudeCode.text("Look into it, caf\u00e9 \u2014 please.")));
        messages.add(ClaudeCode.reminder("Today is a Friday."));
    }

    /** Keeps the turn of the model, and the results of its calls. */
    void add(StreamedMessage message) {
        messages.add(ClaudeCode.assistant(memory.apply(message.content()).toString()));
        List<String> results = new ArrayList<>();
        for (ObjectNode block : message.content()) {
            if ("tool_use".equals(block.path("type").asString(""))) {
                String id = block.path("id").asString("");
                String content = results.isEmpty()
                        ? "[" + ClaudeCode.text("found in " + messages.size()) + ", " + ClaudeCode.image() + "]"
                        : "\"nothing\"";
                results.add(ClaudeCode.toolResult(id, content));
            }
        }
        messages.add(ClaudeCode.user(results.toArray(String[]::new)));
    }

    String messages() {
        return "[" + String.join(", ", messages) + "]";
    }
}
