package dev.kimi.test.internal;

import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Turns a request of the Messages API into one for chat completions, which is what the service itself seems to do: its
 * Messages format complains about missing {@code reasoning_content}, a member that only the other format has.
 */
public final class MessagesTranslation {

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final Map<String, String> MEMBERS = Map.of(
            "model", "model",
            "stream", "stream",
            "temperature", "temperature",
            "top_p", "top_p",
            "max_tokens", "max_completion_tokens",
            "stop_sequences", "stop",
            "thinking", "thinking");

    private MessagesTranslation() {}

    /** The request as a chat completion; what has no counterpart is left out. */
    public static ObjectNode toChat(JsonNode request) {
        ObjectNode chat = NODES.objectNode();
        MEMBERS.forEach((from, to) -> {
            if (request.has(from)) {
                chat.set(to, request.get(from));
            }
        });
        ArrayNode messages = chat.putArray("messages");
        if (request.has("system")) {
            messages.addObject().put("role", "system").set("content", request.get("system"));
        }
        for (JsonNode message : request.path("messages")) {
            add(messages, message);
        }
        tools(request, chat);
        output(request.path("output_config"), chat);
        return chat;
    }

    private static void output(JsonNode config, ObjectNode chat) {
        if (config.has("effort")) {
            chat.set("reasoning_effort", config.get("effort"));
        }
        JsonNode format = config.path("format");
        if (format.has("schema")) {
            ObjectNode response = chat.putObject("response_format").put("type", "json_schema");
            response.putObject("json_schema").set("schema", format.get("schema"));
        }
        if ("adaptive".equals(chat.path("thinking").path("type").asString(""))) {
            chat.putObject("thinking").put("type", "enabled");
        }
    }

    private static void add(ArrayNode messages, JsonNode message) {
        String role = message.path("role").asString("");
        JsonNode content = message.path("content");
        if (!content.isArray()) {
            messages.addObject().put("role", role).set("content", content);
        } else if ("assistant".equals(role)) {
            assistant(messages.addObject().put("role", role), content);
        } else {
            user(messages, role, content);
        }
    }

    private static void assistant(ObjectNode message, JsonNode blocks) {
        StringBuilder text = new StringBuilder();
        for (JsonNode block : blocks) {
            switch (block.path("type").asString("")) {
                case "text" -> text.append(block.path("text").asString(""));
                case "thinking" -> message.set("reasoning_content", block.path("thinking"));
                case "tool_use" -> call(message, block);
                default -> {
                    // results of the service's own tools have no counterpart
                }
            }
        }
        if (!text.isEmpty() || !message.has("tool_calls")) {
            message.put("content", text.toString());
        }
    }

    private static void call(ObjectNode message, JsonNode block) {
        ArrayNode calls =
                message.has("tool_calls") ? (ArrayNode) message.get("tool_calls") : message.putArray("tool_calls");
        ObjectNode call = calls.addObject().put("type", "function");
        call.set("id", block.path("id"));
        ObjectNode function = call.putObject("function");
        function.set("name", block.path("name"));
        function.put("arguments", Json.write(block.path("input")));
    }

    private static void user(ArrayNode messages, String role, JsonNode blocks) {
        ArrayNode parts = NODES.arrayNode();
        for (JsonNode block : blocks) {
            switch (block.path("type").asString("")) {
                case "tool_result" -> {
                    ObjectNode result = messages.addObject().put("role", "tool");
                    result.set("tool_call_id", block.path("tool_use_id"));
                    result.set("content", block.has("content") ? block.get("content") : NODES.stringNode(""));
                }
                case "image" ->
                    parts.addObject()
                            .put("type", "image_url")
                            .putObject("image_url")
                            .put("url", "data:");
                default -> parts.add(block);
            }
        }
        if (!parts.isEmpty() || blocks.isEmpty()) {
            messages.addObject().put("role", role).set("content", parts);
        }
    }

    private static void tools(JsonNode request, ObjectNode chat) {
        for (JsonNode tool : request.path("tools")) {
            ObjectNode translated = chat.withArray("tools").addObject().put("type", "function");
            ObjectNode function = translated.putObject("function");
            function.set("name", tool.path("name"));
            if (tool.has("input_schema")) {
                function.set("parameters", tool.get("input_schema"));
            }
        }
        JsonNode choice = request.path("tool_choice");
        switch (choice.path("type").asString("")) {
            case "any" -> chat.put("tool_choice", "required");
            case "tool" -> {
                ObjectNode named = chat.putObject("tool_choice").put("type", "function");
                named.putObject("function").set("name", choice.path("name"));
            }
            default -> {
                // auto, none and nothing at all force no call
            }
        }
    }
}
