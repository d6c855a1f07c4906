package dev.kimi.test.internal;

import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The rules of the chat endpoint whose breach is a 400, in the words of the service. */
public final class ChatRules {

    private static final int MAX_STOPS = 5;
    private static final int MAX_STOP_BYTES = 32;
    private static final Set<String> EFFORTS = Set.of("low", "high", "max");

    private ChatRules() {}

    /** The first rule the request breaks, or null. */
    public static @Nullable ApiError check(ChatQuery query) {
        JsonNode body = query.body();
        ApiError error = thinking(query);
        error = error != null ? error : sampling(body, query);
        error = error != null ? error : stops(body.path("stop"));
        error = error != null ? error : logprobs(body);
        error = error != null ? error : ToolRules.check(body, query.thinking());
        error = error != null ? error : MessageRules.check(body.path("messages"), query);
        return error != null ? error : window(query);
    }

    private static @Nullable ApiError thinking(ChatQuery query) {
        String type = Json.text(query.body().path("thinking"), "type");
        if (type != null && !query.model().thinkingSwitchable() && !"enabled".equals(type)) {
            return ApiError.invalid("invalid thinking: only type=enabled is allowed for this model");
        }
        String effort = Json.text(query.body(), "reasoning_effort");
        if (effort != null && query.model().efforts() && !EFFORTS.contains(effort)) {
            return ApiError.invalid("invalid reasoning_effort: only low, high or max is allowed for this model");
        }
        return null;
    }

    private static @Nullable ApiError sampling(JsonNode body, ChatQuery query) {
        boolean calm = query.model().thinkingSwitchable() && !query.model().efforts() && !query.thinking();
        ApiError error = pinned(body, "temperature", calm ? 0.6 : 1);
        error = error != null ? error : pinned(body, "top_p", 0.95);
        error = error != null ? error : pinned(body, "n", 1);
        error = error != null ? error : pinned(body, "presence_penalty", 0);
        return error != null ? error : pinned(body, "frequency_penalty", 0);
    }

    private static @Nullable ApiError pinned(JsonNode body, String name, double only) {
        JsonNode value = body.path(name);
        if (!value.isNumber() || value.asDouble() == only) {
            return null;
        }
        String allowed = only == Math.rint(only) ? Long.toString((long) only) : Double.toString(only);
        return ApiError.invalid("invalid " + name + ": only " + allowed + " is allowed for this model");
    }

    private static @Nullable ApiError stops(JsonNode stop) {
        if (stop.isArray() && stop.size() > MAX_STOPS) {
            return ApiError.invalid("stop array too long. Expected an array with maximum length " + MAX_STOPS
                    + ", but got " + stop.size());
        }
        for (JsonNode one : stop) {
            if (one.asString("").getBytes(StandardCharsets.UTF_8).length > MAX_STOP_BYTES) {
                return ApiError.invalid(
                        "stop string too long. Expected a string with maximum length " + MAX_STOP_BYTES);
            }
        }
        return null;
    }

    private static @Nullable ApiError logprobs(JsonNode body) {
        boolean on = body.path("logprobs").asBoolean(false);
        if (body.path("top_logprobs").isNumber() && !on) {
            return ApiError.invalid("Invalid request: logprobs must be set to true if top_logprobs is used");
        }
        return null;
    }

    private static @Nullable ApiError window(ChatQuery query) {
        long requested = (long) query.promptTokens() + Math.max(0, query.explicitMaxTokens());
        int window = query.model().contextLength();
        if (requested <= window) {
            return null;
        }
        return ApiError.invalid("Invalid request: Your request exceeded model token limit: " + window + " (requested: "
                + requested + ")");
    }
}
