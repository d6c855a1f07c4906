package dev.kimi.tool;

import dev.kimi.chat.Tool;
import dev.kimi.schema.internal.Values;
import java.util.List;

/** What runs in place of a tool where there is none, or where it cannot run. */
final class StandIns {

    private static final Tool NOTHING = Tool.function("none", "", "{\"type\":\"object\",\"properties\":{}}");

    private StandIns() {}

    /** For a tool that the model made up. */
    static ToolFunction unknown(List<String> names) {
        return new ToolFunction(
                NOTHING,
                arguments -> {
                    throw new IllegalArgumentException(
                            "There is no such tool. The tools are: " + String.join(", ", names));
                },
                null);
    }

    /** For a call whose arguments are no JSON object, which says why. */
    static ToolFunction unreadable(String arguments) {
        return new ToolFunction(NOTHING, sent -> Values.object(arguments), null);
    }

    /** For a tool that the service runs itself, and which wants its arguments back. */
    static ToolFunction builtin(Tool tool) {
        return new ToolFunction(tool, arguments -> arguments, null);
    }
}
