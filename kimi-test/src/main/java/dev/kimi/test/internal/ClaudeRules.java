package dev.kimi.test.internal;

import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The rules of Anthropic's Messages API whose breach is a 400, in the words of the service. */
public final class ClaudeRules {

    /** Where a request came in. */
    public enum Endpoint {
        MESSAGES,
        COUNT_TOKENS,
        BATCH
    }

    private static final String EXTRA = ": Extra inputs are not permitted";
    private static final Set<String> MEMBERS = Set.of(
            "model",
            "max_tokens",
            "messages",
            "system",
            "thinking",
            "output_config",
            "tools",
            "tool_choice",
            "cache_control",
            "service_tier",
            "speed",
            "stop_sequences",
            "metadata",
            "inference_geo",
            "container",
            "diagnostics",
            "user_profile_id",
            "stream",
            "temperature",
            "top_p",
            "top_k");
    private static final Map<String, Set<String>> BETA_MEMBERS = Map.of(
            "context_management", Set.of("context-management", "compact"),
            "compaction", Set.of("compact"),
            "fallbacks", Set.of("server-side-fallback"),
            "fallback_credit_token", Set.of("fallback-credit"),
            "mcp_servers", Set.of("mcp-client"),
            "thread", Set.of("message-threads"),
            "output_format", Set.of("structured-outputs"));
    private static final Set<String> BATCH_REJECTS = Set.of("stream", "speed", "fallbacks", "thread");
    private static final Set<String> SAMPLING = Set.of("temperature", "top_p", "top_k");

    private ClaudeRules() {}

    /** The first rule the request breaks, or null. */
    public static @Nullable ApiError check(Prompt prompt, ClaudeModel model, ClaudeHeaders headers, Endpoint endpoint) {
        JsonNode request = prompt.request();
        ApiError error = members(request, headers, endpoint);
        error = error != null ? error : fallbacks(request, model);
        error = error != null ? error : cap(request, model, endpoint);
        error = error != null ? error : sampling(request, model, headers);
        error = error != null ? error : ClaudeThinkingRules.check(request, model, headers);
        error = error != null ? error : tools(request);
        error = error != null ? error : ClaudeSchemaRules.check(request);
        error = error != null ? error : ClaudeMessageRules.check(request, model, headers);
        error = error != null ? error : CacheRules.check(prompt);
        return error != null ? error : window(prompt, model);
    }

    private static @Nullable ApiError members(JsonNode request, ClaudeHeaders headers, Endpoint endpoint) {
        for (String name : request.propertyNames()) {
            Set<String> betas = BETA_MEMBERS.get(name);
            boolean known =
                    betas == null ? MEMBERS.contains(name) : betas.stream().anyMatch(headers::beta);
            boolean here = endpoint != Endpoint.BATCH || !BATCH_REJECTS.contains(name);
            if (!known || !here) {
                return ApiError.invalid(name + EXTRA);
            }
        }
        return null;
    }

    private static @Nullable ApiError fallbacks(JsonNode request, ClaudeModel model) {
        return request.has("fallbacks") && model.is(ClaudeModel.Trait.NO_FALLBACKS)
                ? ApiError.invalid("fallbacks: not supported for " + model.id())
                : null;
    }

    private static @Nullable ApiError cap(JsonNode request, ClaudeModel model, Endpoint endpoint) {
        JsonNode cap = request.path("max_tokens");
        if (!cap.isNumber()) {
            return endpoint == Endpoint.COUNT_TOKENS ? null : ApiError.invalid("max_tokens: Field required");
        }
        int least = endpoint == Endpoint.BATCH ? 1 : 0;
        if (cap.asInt() < least) {
            return ApiError.invalid("max_tokens: Input should be greater than or equal to " + least);
        }
        return cap.asInt() <= model.maxOutput()
                ? null
                : ApiError.invalid("max_tokens: " + cap.asInt() + " > " + model.maxOutput()
                        + ", which is the maximum allowed number of output tokens for " + model.id());
    }

    private static @Nullable ApiError sampling(JsonNode request, ClaudeModel model, ClaudeHeaders headers) {
        for (String name : SAMPLING) {
            if (!request.has(name)) {
                continue;
            }
            if (headers.latest()) {
                return ApiError.invalid(name + EXTRA);
            }
            boolean usual = !"top_k".equals(name) && request.path(name).asDouble(0) == 1;
            if (model.is(ClaudeModel.Trait.NO_SAMPLING) && !usual) {
                return ApiError.invalid("`" + name + "` is not supported for this model.");
            }
        }
        return null;
    }

    private static @Nullable ApiError tools(JsonNode request) {
        JsonNode tools = request.path("tools");
        boolean allDeferred = !tools.isEmpty();
        for (int i = 0; i < tools.size(); i++) {
            JsonNode tool = tools.get(i);
            boolean client =
                    !tool.has("type") || "custom".equals(tool.path("type").asString(""));
            if (client && !tool.path("input_schema").isObject()) {
                return ApiError.invalid("tools." + i + ".custom.input_schema: Field required");
            }
            if (tool.path("name").asString("").isEmpty() && client) {
                return ApiError.invalid("tools." + i + ".custom.name: Field required");
            }
            allDeferred &= tool.path("defer_loading").asBoolean(false);
        }
        return allDeferred
                ? ApiError.invalid("At least one tool must have defer_loading=false or no defer_loading")
                : null;
    }

    private static @Nullable ApiError window(Prompt prompt, ClaudeModel model) {
        int window = model.contextLength();
        if (prompt.tokens() <= window) {
            return null;
        }
        return ApiError.invalid("prompt is too long: " + prompt.tokens() + " tokens > " + window + " maximum");
    }
}
