package dev.kimi.test.internal;

import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The rules for thinking, effort, and what does not go with them; they differ by model. */
final class ClaudeThinkingRules {

    private static final int LEAST_BUDGET = 1_024;
    private static final Set<String> EFFORTS = Set.of("low", "medium", "high", "xhigh", "max");
    private static final Set<String> UP_TO_HIGH = Set.of("low", "medium", "high");
    private static final Set<String> FORCED = Set.of("any", "tool");

    private ClaudeThinkingRules() {}

    static @Nullable ApiError check(JsonNode request, ClaudeModel model, ClaudeHeaders headers) {
        JsonNode thinking = request.path("thinking");
        String type = Json.text(thinking, "type");
        if (type == null && thinking.isObject()) {
            return ApiError.invalid("thinking.type: Field required");
        }
        ApiError error = type == null ? null : type(type, thinking, request, model);
        error = error != null ? error : effort(type, request, model);
        error = error != null ? error : binding(type, thinking, headers);
        return error != null ? error : choice(type, request, model);
    }

    private static @Nullable ApiError type(String type, JsonNode thinking, JsonNode request, ClaudeModel model) {
        boolean allowed = switch (type) {
            case "adaptive" -> !model.is(ClaudeModel.Trait.NO_ADAPTIVE);
            case "between_tools" -> model.is(ClaudeModel.Trait.BETWEEN_TOOLS);
            case "disabled" -> !model.is(ClaudeModel.Trait.ALWAYS_THINKS);
            case "enabled" -> !model.is(ClaudeModel.Trait.NO_BUDGET);
            default -> false;
        };
        if (!allowed) {
            String instead = model.is(ClaudeModel.Trait.NO_ADAPTIVE)
                    ? "\"thinking.type.enabled\" and \"thinking.budget_tokens\""
                    : "\"thinking.type.adaptive\" and \"output_config.effort\"";
            return ApiError.invalid("\"thinking.type." + type + "\" is not supported for this model. Use " + instead
                    + " to control thinking behavior.");
        }
        if ("between_tools".equals(type) && thinking.size() > 1) {
            return ApiError.invalid("thinking.between_tools: Extra inputs are not permitted");
        }
        return "enabled".equals(type) ? budget(thinking, request) : null;
    }

    private static @Nullable ApiError budget(JsonNode thinking, JsonNode request) {
        JsonNode budget = thinking.path("budget_tokens");
        if (!budget.isNumber()) {
            return ApiError.invalid("thinking.enabled.budget_tokens: Field required");
        }
        if (budget.asInt() < LEAST_BUDGET) {
            return ApiError.invalid(
                    "thinking.enabled.budget_tokens: Input should be greater than or equal to " + LEAST_BUDGET);
        }
        boolean fits = !request.path("max_tokens").isNumber()
                || budget.asInt() < request.path("max_tokens").asInt();
        return fits ? null : ApiError.invalid("`max_tokens` must be greater than `thinking.budget_tokens`.");
    }

    private static @Nullable ApiError effort(@Nullable String type, JsonNode request, ClaudeModel model) {
        String effort = Json.text(request.path("output_config"), "effort");
        if (effort == null) {
            return null;
        }
        if (!EFFORTS.contains(effort)) {
            return ApiError.invalid("output_config.effort: Input should be 'low', 'medium', 'high', 'xhigh' or 'max'");
        }
        boolean calm =
                "disabled".equals(type) && model.is(ClaudeModel.Trait.CALM_UP_TO_HIGH) || "between_tools".equals(type);
        if (calm && !UP_TO_HIGH.contains(effort)) {
            return ApiError.invalid(
                    "output_config.effort '" + effort + "' is not supported when thinking is disabled on this model.");
        }
        return model.takesEffort() ? null : ApiError.invalid("This model does not support the effort parameter.");
    }

    private static @Nullable ApiError binding(@Nullable String type, JsonNode thinking, ClaudeHeaders headers) {
        if (!thinking.has("block_binding")) {
            return null;
        }
        if (!headers.betas().contains(ClaudeHeaders.BINDING_CONTROLS)) {
            return ApiError.invalid("thinking." + type + ".block_binding: Extra inputs are not permitted");
        }
        String behaviour = Json.text(thinking.path("block_binding"), "prefix_mismatch_behavior");
        if (behaviour == null || !Set.of("error", "drop_block").contains(behaviour)) {
            return ApiError.invalid("thinking." + type
                    + ".block_binding.prefix_mismatch_behavior: Input should be 'error' or 'drop_block'");
        }
        return "disabled".equals(type)
                ? ApiError.invalid("thinking.disabled.block_binding: Extra inputs are not permitted")
                : null;
    }

    private static @Nullable ApiError choice(@Nullable String type, JsonNode request, ClaudeModel model) {
        String choice = Json.text(request.path("tool_choice"), "type");
        if (choice == null || !FORCED.contains(choice)) {
            return null;
        }
        if (model.is(ClaudeModel.Trait.NO_FORCED_TOOLS)) {
            return ApiError.invalid("tool_choice: type \"tool\" and \"any\" are not supported for this model.");
        }
        boolean budget = "enabled".equals(type);
        return budget ? ApiError.invalid("Thinking may not be enabled when tool_choice forces tool use.") : null;
    }
}
