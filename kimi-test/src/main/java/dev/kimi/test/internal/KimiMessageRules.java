package dev.kimi.test.internal;

import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** What Kimi's Messages format lacks; for the rest the rules of chat completions hold. */
public final class KimiMessageRules {

    private static final Set<String> UNKNOWN = Set.of("document", "tool_reference");

    private KimiMessageRules() {}

    /** The first rule the request breaks, or null. */
    public static @Nullable ApiError check(JsonNode request) {
        if (!request.path("max_tokens").isNumber()) {
            return ApiError.invalid("Invalid request: max_tokens is required");
        }
        JsonNode messages = request.path("messages");
        for (int i = 0; i < messages.size(); i++) {
            JsonNode message = messages.get(i);
            if ("system".equals(Json.text(message, "role"))) {
                return ApiError.invalid("Invalid request: unknown role 'system' at position " + i);
            }
            String type = unknown(message.path("content"));
            if (type != null) {
                return ApiError.invalid("Invalid request: unsupported content type '" + type + "' at position " + i);
            }
        }
        return null;
    }

    private static @Nullable String unknown(JsonNode content) {
        for (JsonNode block : content) {
            String type = block.path("type").asString("");
            String inner = UNKNOWN.contains(type) ? type : unknown(block.path("content"));
            if (block.isObject() && inner != null) {
                return inner;
            }
        }
        return null;
    }
}
