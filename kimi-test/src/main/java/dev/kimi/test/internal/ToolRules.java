package dev.kimi.test.internal;

import java.util.HashSet;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The rules for tools and for the choice among them. */
final class ToolRules {

    private static final int MAX_TOOLS = 128;
    private static final Set<String> TYPES = Set.of("function", "plugin", "builtin_function");
    private static final Pattern NAME = Pattern.compile("[$]?[a-zA-Z_][a-zA-Z0-9-_]{0,255}");

    private ToolRules() {}

    static @Nullable ApiError check(JsonNode body, boolean thinking) {
        ApiError error = tools(body.path("tools"));
        return error != null ? error : choice(body.path("tool_choice"), thinking);
    }

    private static @Nullable ApiError tools(JsonNode tools) {
        if (tools.size() > MAX_TOOLS) {
            return ApiError.invalid("Invalid request: a max of " + MAX_TOOLS + " tools can be supported");
        }
        Set<String> names = new HashSet<>();
        for (JsonNode tool : tools) {
            ApiError error = tool(tool, names);
            if (error != null) {
                return error;
            }
        }
        return null;
    }

    private static @Nullable ApiError tool(JsonNode tool, Set<String> names) {
        String type = tool.path("type").asString("");
        if (!TYPES.contains(type)) {
            return ApiError.invalid("Invalid request: unknown tool type: " + type
                    + ", currently only function and plugin are supported");
        }
        String name = tool.path("function").path("name").asString("");
        if (!NAME.matcher(name).matches()) {
            return ApiError.invalid("Invalid request: function name is invalid, must start with a letter and can"
                    + " contain letters, numbers, underscores, and dashes");
        }
        if (!names.add(name)) {
            return ApiError.invalid("Invalid request: function name " + name + " is duplicated");
        }
        String breach = SchemaRules.breach(tool.path("function").path("parameters"));
        return breach == null
                ? null
                : ApiError.invalid("Invalid request: tools.function.parameters is not a valid moonshot flavored json"
                        + " schema, details: <" + breach + ">");
    }

    private static @Nullable ApiError choice(JsonNode choice, boolean thinking) {
        if (!thinking) {
            return null;
        }
        if (choice.isObject()) {
            return incompatible("specified");
        }
        return choice.isString() && "required".equals(choice.stringValue()) ? incompatible("required") : null;
    }

    private static ApiError incompatible(String choice) {
        return ApiError.invalid("tool_choice '" + choice + "' is incompatible with thinking enabled");
    }
}
