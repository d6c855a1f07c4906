package dev.kimi.tool;

import dev.kimi.chat.Tool;
import dev.kimi.schema.internal.UnfitJsonException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A tool and what runs it.
 *
 * @param tool what the model knows of it
 * @param body what runs
 * @param timeout how long one run may take, or null for the limit of the loop
 */
record ToolFunction(Tool tool, Body body, @Nullable Duration timeout) {

    /** Runs a tool with arguments as JSON text. */
    @FunctionalInterface
    interface Body {
        /** @throws UnfitJsonException if the arguments do not fit */
        @Nullable Object run(String arguments) throws Exception;
    }

    ToolFunction timeout(Duration value) {
        return new ToolFunction(tool, body, value);
    }
}
