package dev.kimi.test.internal;

import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The rules for the message list: who may follow whom, results right after their calls, blocks in their place. */
final class ClaudeMessageRules {

    private static final Set<String> RESULTS_OF_SERVER_TOOLS = Set.of(
            "web_search_tool_result",
            "web_fetch_tool_result",
            "code_execution_tool_result",
            "bash_code_execution_tool_result",
            "text_editor_code_execution_tool_result",
            "tool_search_tool_result",
            "mcp_tool_result",
            "advisor_tool_result");

    private final JsonNode messages;
    private final ClaudeModel model;
    private final boolean latest;
    private final Set<String> open = new LinkedHashSet<>();

    private ClaudeMessageRules(JsonNode messages, ClaudeModel model, boolean latest) {
        this.messages = messages;
        this.model = model;
        this.latest = latest;
    }

    static @Nullable ApiError check(JsonNode request, ClaudeModel model, ClaudeHeaders headers) {
        JsonNode messages = request.path("messages");
        if (!messages.isArray()) {
            return ApiError.invalid("messages: Field required");
        }
        return new ClaudeMessageRules(messages, model, headers.latest()).run();
    }

    private @Nullable ApiError run() {
        if (messages.isEmpty()) {
            return ApiError.invalid("messages: at least one message is required");
        }
        for (int i = 0; i < messages.size(); i++) {
            ApiError error = message(messages.get(i), i);
            if (error != null) {
                return error;
            }
        }
        String last = role(messages.size() - 1);
        if ("assistant".equals(last)) {
            return prefill(messages.size() - 1);
        }
        return unanswered(messages.size(), Set.of());
    }

    private @Nullable ApiError prefill(int index) {
        boolean paused = endsWithServerTool(messages.get(index).path("content"));
        if (model.is(ClaudeModel.Trait.NO_PREFILL) && !paused) {
            return ApiError.invalid("This model does not support assistant message prefill. The conversation must end"
                    + " with a user message.");
        }
        return unanswered(index + 1, Set.of());
    }

    private @Nullable ApiError message(JsonNode message, int index) {
        String role = role(index);
        return switch (role) {
            case "user" -> user(message.path("content"), index);
            case "assistant" -> assistant(message.path("content"), index);
            case "system" -> system(message.path("content"), index);
            default -> ApiError.invalid("messages." + index + ".role: Input should be 'user', 'assistant' or 'system'");
        };
    }

    private @Nullable ApiError user(JsonNode content, int index) {
        if (content.isString() ? content.stringValue().isEmpty() : content.isEmpty()) {
            return ApiError.invalid("messages." + index + ": user messages must have non-empty content");
        }
        Set<String> resolved = new LinkedHashSet<>();
        boolean other = false;
        for (int i = 0; content.isArray() && i < content.size(); i++) {
            JsonNode block = content.get(i);
            String at = "messages." + index + ".content." + i;
            ApiError error = block(block, at);
            error = error != null ? error : userBlock(block, at);
            if (error != null) {
                return error;
            }
            if (!"tool_result".equals(type(block))) {
                other = true;
                continue;
            }
            String id = block.path("tool_use_id").asString("");
            if (other && open.contains(id)) {
                return missing(index, Set.of(id));
            }
            if (!resolved.add(id)) {
                return ApiError.invalid(at + ": each tool_use must have a single result. Found multiple `tool_result`"
                        + " blocks with id: " + id);
            }
        }
        ApiError error = unanswered(index, resolved);
        open.clear();
        return error;
    }

    private @Nullable ApiError userBlock(JsonNode block, String at) {
        String type = type(block);
        if ("tool_use".equals(type) || "thinking".equals(type)) {
            return ApiError.invalid(at + ": `" + type + "` blocks can only be in `assistant` messages");
        }
        if (latest && cites(block)) {
            return ApiError.invalid(at + ".citations: Extra inputs are not permitted");
        }
        return null;
    }

    private static boolean cites(JsonNode block) {
        if ("text".equals(type(block)) && block.path("citations").isArray()) {
            return !block.path("citations").isEmpty();
        }
        boolean cites = false;
        for (JsonNode inner : "search_result".equals(type(block)) ? block.path("content") : block.path("none")) {
            cites |= cites(inner);
        }
        return cites;
    }

    private @Nullable ApiError assistant(JsonNode content, int index) {
        ApiError error = unanswered(index, Set.of());
        open.clear();
        for (int i = 0; error == null && content.isArray() && i < content.size(); i++) {
            JsonNode block = content.get(i);
            String at = "messages." + index + ".content." + i;
            error = block(block, at);
            if (error == null && "tool_result".equals(type(block))) {
                error = ApiError.invalid(at + ": `tool_result` blocks can only be in `user` messages");
            }
            if (error == null && latest && "document".equals(type(block))) {
                error = ApiError.invalid(at + ": `document` blocks are not permitted in `assistant` messages");
            }
            if (error == null
                    && "tool_use".equals(type(block))
                    && !open.add(block.path("id").asString(""))) {
                error = ApiError.invalid("messages." + index + ": `tool_use` ids must be unique");
            }
        }
        return error;
    }

    private static @Nullable ApiError block(JsonNode block, String at) {
        String type = type(block);
        if (type.isEmpty()) {
            return ApiError.invalid(at + ".type: Field required");
        }
        if ("text".equals(type) && block.path("text").asString("").isEmpty()) {
            return ApiError.invalid("messages: text content blocks must be non-empty");
        }
        return "tool_use".equals(type) && !block.path("input").isObject()
                ? ApiError.invalid(at + ".tool_use.input: Input should be a valid dictionary")
                : null;
    }

    private @Nullable ApiError system(JsonNode content, int index) {
        String at = "messages." + index + ": role 'system' ";
        if (model.is(ClaudeModel.Trait.NO_SYSTEM_MESSAGES)) {
            return ApiError.invalid(at + "is not supported for this model");
        }
        if (index == 0) {
            return ApiError.invalid(at + "must not be the first message; use the top-level `system` parameter");
        }
        if (!open.isEmpty()) {
            return ApiError.invalid(at + "must not stand between `tool_use` and `tool_result` blocks");
        }
        boolean after = "user".equals(role(index - 1))
                || "assistant".equals(role(index - 1))
                        && endsWithServerTool(messages.get(index - 1).path("content"));
        if (!after) {
            return ApiError.invalid(at + "must follow a user message or the result of a server tool");
        }
        boolean before = index == messages.size() - 1 || "assistant".equals(role(index + 1));
        if (!before) {
            return ApiError.invalid(at + "must be the last message or be followed by an assistant message");
        }
        return content.isEmpty() && !content.isString() ? ApiError.invalid(at + "must not be empty") : null;
    }

    private @Nullable ApiError unanswered(int index, Set<String> resolved) {
        for (String id : resolved) {
            if (!open.contains(id)) {
                return ApiError.invalid("messages." + index
                        + ": unexpected `tool_use_id` found in `tool_result` blocks: "
                        + id + ". Each `tool_result` block must have a corresponding `tool_use` block in the previous"
                        + " message.");
            }
        }
        Set<String> left = new LinkedHashSet<>(open);
        left.removeAll(resolved);
        return left.isEmpty() ? null : missing(index, left);
    }

    private static ApiError missing(int index, Set<String> ids) {
        return ApiError.invalid("messages." + (index - 1) + ": `tool_use` ids were found without `tool_result` blocks"
                + " immediately after: " + String.join(", ", ids)
                + ". Each `tool_use` block must have a corresponding `tool_result` block in the next message.");
    }

    private String role(int index) {
        return messages.get(index).path("role").asString("");
    }

    private static boolean endsWithServerTool(JsonNode content) {
        if (!content.isArray() || content.isEmpty()) {
            return false;
        }
        String type = type(content.get(content.size() - 1));
        return RESULTS_OF_SERVER_TOOLS.contains(type) || "server_tool_use".equals(type);
    }

    private static String type(JsonNode block) {
        return block.path("type").asString("");
    }
}
