package dev.kimi.chat;

import java.util.Objects;

/**
 * A whole call of a tool that the model asks for. Only whole calls exist as this type. It does not print its arguments.
 *
 * @param id the service's id, opaque and echoed exactly; may repeat from one response to the next, and may be empty
 * @param name the tool's name
 * @param arguments JSON text of the arguments, {@code {}} when there are none
 */
public record ToolCall(String id, String name, String arguments) implements ContentPart {

    public ToolCall {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(arguments, "arguments");
    }

    @Override
    public String toString() {
        return "ToolCall[" + name + ", " + arguments.length() + " characters of arguments]";
    }
}
