package dev.kimi.test.internal;

import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The rules for the message list: reasoning that must come back, nothing empty, calls and results in pairs. */
final class MessageRules {

    private MessageRules() {}

    static @Nullable ApiError check(JsonNode messages, ChatQuery query) {
        if (!messages.isArray() || messages.isEmpty()) {
            return ApiError.invalid("Invalid request: messages must not be empty");
        }
        Set<String> open = new HashSet<>();
        for (int i = 0; i < messages.size(); i++) {
            JsonNode message = messages.get(i);
            ApiError error = "tool".equals(Json.text(message, "role")) ? result(message, open) : next(open);
            error = error != null ? error : one(message, i, query, open);
            if (error != null) {
                return error;
            }
        }
        return next(open);
    }

    private static @Nullable ApiError result(JsonNode message, Set<String> open) {
        String id = Json.text(message, "tool_call_id");
        if (id == null || !open.remove(id)) {
            // the service prints two blanks and no id here
            return ApiError.invalid("Invalid request: tool_call_id  is not found");
        }
        return null;
    }

    private static @Nullable ApiError next(Set<String> open) {
        if (open.isEmpty()) {
            return null;
        }
        return ApiError.invalid("Invalid request: an assistant message with 'tool_calls' must be followed by tool"
                + " messages responding to each 'tool_call_id'");
    }

    private static @Nullable ApiError one(JsonNode message, int index, ChatQuery query, Set<String> open) {
        String role = Json.text(message, "role");
        if (role == null) {
            return ApiError.invalid("Invalid request: the message at position " + index + " has no role");
        }
        return switch (role) {
            case "assistant" -> assistant(message, index, query, open);
            case "system" -> system(message, index, query);
            case "user", "tool" -> content(message, index, role);
            default -> ApiError.invalid("Invalid request: unknown role '" + role + "' at position " + index);
        };
    }

    private static @Nullable ApiError assistant(JsonNode message, int index, ChatQuery query, Set<String> open) {
        JsonNode calls = message.path("tool_calls");
        if (calls.isEmpty()) {
            return blank(message.path("content")) ? empty(index, "assistant") : parts(message.path("content"));
        }
        if (query.thinking() && !message.path("reasoning_content").isString()) {
            return ApiError.invalid("thinking is enabled but reasoning_content is missing in assistant tool call"
                    + " message at index " + index);
        }
        if (message.has("content") && !message.path("content").isNull() && blank(message.path("content"))) {
            return ApiError.invalid("Invalid request: text content is empty");
        }
        for (JsonNode call : calls) {
            open.add(call.path("id").asString(""));
        }
        return null;
    }

    private static @Nullable ApiError system(JsonNode message, int index, ChatQuery query) {
        boolean brings = message.path("tools").isArray() && !message.has("content");
        if (brings) {
            return query.model().efforts() ? null : ApiError.invalid("tokenization failed");
        }
        return content(message, index, "system");
    }

    private static @Nullable ApiError content(JsonNode message, int index, String role) {
        JsonNode content = message.path("content");
        if (content.isMissingNode() || content.isNull()) {
            return ApiError.invalid("Invalid request: 'messages." + index + ".content' is missing");
        }
        if ("user".equals(role) && blank(content)) {
            return empty(index, role);
        }
        return parts(content);
    }

    private static ApiError empty(int index, String role) {
        return ApiError.invalid(
                "Invalid request: the message at position " + index + " with role '" + role + "' must not be empty");
    }

    private static @Nullable ApiError parts(JsonNode content) {
        if (!content.isArray()) {
            return null;
        }
        for (JsonNode part : content) {
            String type = Json.text(part, "type");
            if ("text".equals(type) && part.path("text").asString("").isEmpty()) {
                return ApiError.invalid("Invalid request: text content is empty");
            }
            if ("image_url".equals(type) && !supported(part.path("image_url"))) {
                return ApiError.invalid("Invalid request: unsupported image url");
            }
        }
        return null;
    }

    private static boolean supported(JsonNode image) {
        String url = image.isString() ? image.stringValue() : image.path("url").asString("");
        return url.startsWith("ms://") || url.startsWith("data:") && !url.startsWith("data:image/svg");
    }

    private static boolean blank(JsonNode content) {
        return content.isString() ? content.stringValue().isEmpty() : content.isEmpty();
    }
}
