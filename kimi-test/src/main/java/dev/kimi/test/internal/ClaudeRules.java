package dev.kimi.test.internal;

import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The rules of Anthropic's Messages API that a client breaks most easily. */
public final class ClaudeRules {

    private ClaudeRules() {}

    /** The first rule the request breaks, or null. */
    public static @Nullable ApiError check(JsonNode request) {
        if (!request.path("max_tokens").isNumber()) {
            return ApiError.invalid("max_tokens: Field required");
        }
        JsonNode messages = request.path("messages");
        if (messages.isEmpty()) {
            return ApiError.invalid("messages: at least one message is required");
        }
        Set<String> open = new HashSet<>();
        for (int i = 0; i < messages.size(); i++) {
            ApiError error = message(messages.get(i), i, open);
            if (error != null) {
                return error;
            }
        }
        return pairs(messages.size(), open, Set.of());
    }

    private static @Nullable ApiError message(JsonNode message, int index, Set<String> open) {
        Set<String> resolved = new HashSet<>();
        Set<String> called = new HashSet<>();
        JsonNode blocks = message.path("content");
        for (int i = 0; blocks.isArray() && i < blocks.size(); i++) {
            JsonNode block = blocks.get(i);
            String type = block.path("type").asString("");
            String at = "messages." + index + ".content." + i;
            if (type.equals("text") && block.path("text").asString("").isEmpty()) {
                return ApiError.invalid("messages: text content blocks must be non-empty");
            }
            if (type.equals("thinking") && block.path("signature").asString("").isEmpty()) {
                return ApiError.invalid(at + ": Invalid `signature` in `thinking` block");
            }
            if (type.equals("tool_use")) {
                called.add(block.path("id").asString(""));
            }
            if (type.equals("tool_result")
                    && !resolved.add(block.path("tool_use_id").asString(""))) {
                return ApiError.invalid(at + ": each tool_use must have a single result");
            }
        }
        ApiError error = pairs(index, open, resolved);
        open.clear();
        open.addAll(called);
        return error;
    }

    private static @Nullable ApiError pairs(int index, Set<String> open, Set<String> resolved) {
        for (String id : resolved) {
            if (!open.contains(id)) {
                return ApiError.invalid("messages." + index
                        + ": unexpected `tool_use_id` found in `tool_result` blocks: "
                        + id + ". Each `tool_result` block must have a corresponding `tool_use` block in the previous"
                        + " message.");
            }
        }
        for (String id : open) {
            if (!resolved.contains(id)) {
                return ApiError.invalid("messages." + (index - 1) + ": `tool_use` ids were found without `tool_result`"
                        + " blocks immediately after: " + id + ".");
            }
        }
        return null;
    }
}
