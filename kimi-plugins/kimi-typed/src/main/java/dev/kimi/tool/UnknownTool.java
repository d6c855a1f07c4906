package dev.kimi.tool;

import dev.kimi.chat.Tool;
import java.util.List;

/** Stands in for a tool that the model made up. */
final class UnknownTool {

    private UnknownTool() {}

    static ToolFunction function(List<String> names) {
        Tool tool = Tool.function("unknown", "", "{\"type\":\"object\",\"properties\":{}}");
        return new ToolFunction(
                tool,
                arguments -> {
                    throw new IllegalArgumentException(
                            "There is no such tool. The tools are: " + String.join(", ", names));
                },
                null);
    }
}
