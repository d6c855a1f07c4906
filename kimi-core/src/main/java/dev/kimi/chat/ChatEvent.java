package dev.kimi.chat;

/**
 * A piece of a streamed answer, in the order of its arrival. Pieces do not print their content. More kinds may come;
 * ignore what you do not know.
 */
public sealed interface ChatEvent {

    /** Visible text to append. Never empty. */
    record Text(String value) implements ChatEvent {
        @Override
        public String toString() {
            return "Text[" + value.length() + " characters]";
        }
    }

    /** Reasoning to append. Never empty. */
    record Reasoning(String value) implements ChatEvent {
        @Override
        public String toString() {
            return "Reasoning[" + value.length() + " characters]";
        }
    }

    /**
     * A piece of a tool call, for showing progress only: run tools from {@link ChatStream#response()}, where calls are
     * whole. Pieces that leave doubt about their call are kept back, and come once the end of the stream has decided.
     *
     * @param index which call of this answer, from 0
     * @param id the call's id, empty until it arrives
     * @param name the tool's name as far as it has come, empty until it arrives
     * @param arguments JSON text to append, possibly empty
     */
    record ToolFragment(int index, String id, String name, String arguments) implements ChatEvent {
        @Override
        public String toString() {
            return "ToolFragment[" + index + ", " + name + "]";
        }
    }

    /** What the call has used so far; a later one replaces it. */
    record Tokens(Usage usage) implements ChatEvent {}

    /** Why the model stopped. The stream is whole only when it ends without an exception, not with this. */
    record Finished(FinishReason reason) implements ChatEvent {}
}
