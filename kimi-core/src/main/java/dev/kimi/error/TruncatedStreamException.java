package dev.kimi.error;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A stream ended without the mark that says it is whole, or could not be read on: it was cut, garbled or over a limit,
 * which the message says. What had arrived is in {@link #partial()}; a tool call in it must not be run, since its
 * arguments may be cut. A call that asked for no stream fails with it when the service streamed all the same. Of the
 * body of a streamed exchange its caller has what had arrived, and {@link #partial()} is empty.
 */
public final class TruncatedStreamException extends KimiException {

    private static final long serialVersionUID = 1L;

    private final transient Partial partial;

    public TruncatedStreamException(String message, Details details, Partial partial, @Nullable Throwable cause) {
        super(message, details, cause);
        this.partial = Objects.requireNonNull(partial, "partial");
    }

    /** What had arrived before the end. */
    public Partial partial() {
        return partial == null ? Partial.NOTHING : partial;
    }

    /**
     * What had arrived of a response. It does not print its content.
     *
     * @param text the visible text so far, empty when none
     * @param reasoning the reasoning so far, empty when none
     * @param toolCalls the tool calls so far, each possibly cut
     * @param promptTokens tokens read if the service had said, else -1
     * @param completionTokens tokens written so far if the service had said, else -1
     */
    public record Partial(
            String text, String reasoning, List<ToolFragment> toolCalls, long promptTokens, long completionTokens) {

        /** Nothing had arrived. */
        public static final Partial NOTHING = new Partial("", "", List.of(), -1, -1);

        public Partial {
            toolCalls = List.copyOf(toolCalls);
        }

        @Override
        public String toString() {
            return "Partial[" + text.length() + " characters of text, " + reasoning.length() + " of reasoning, "
                    + toolCalls.size() + " tool calls]";
        }
    }

    /**
     * As much of a tool call as had arrived.
     *
     * @param id the call's id, empty when it had not arrived
     * @param name the function's name, possibly empty or cut
     * @param arguments JSON text, possibly cut
     */
    public record ToolFragment(String id, String name, String arguments) {
        @Override
        public String toString() {
            return "ToolFragment[" + name + ", " + arguments.length() + " characters of arguments]";
        }
    }
}
