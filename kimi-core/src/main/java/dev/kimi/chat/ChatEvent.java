package dev.kimi.chat;

import java.util.Objects;

/**
 * A piece of a streamed response, in the order of its arrival. Pieces do not print their content.
 *
 * <p>The kinds are these, so that a {@code switch} over them, which Java 21 has, may be exhaustive:
 *
 * <pre>{@code
 * switch (event) {
 *     case ChatEvent.Text text -> show(text.value());
 *     case ChatEvent.Reasoning reasoning -> {}
 *     case ChatEvent.ToolFragment fragment -> {}
 *     case ChatEvent.Tokens tokens -> count(tokens.usage());
 *     case ChatEvent.Finished finished -> {}
 *     case ChatEvent.Other other -> {}
 * }
 * }</pre>
 *
 * What a service sends beyond them, and what later versions of this library learn within one major version, is
 * {@link Other}.
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
     * @param index which call of this response, from 0
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

    /**
     * Content of a kind that this library does not know. It is part of the whole response too, as
     * {@link ContentPart.Opaque}. Ignore the types that you do not know.
     *
     * @param type the kind, as the service calls it; empty when it did not say
     * @param json one JSON object, byte for byte as it came
     */
    record Other(String type, String json) implements ChatEvent {
        public Other {
            Objects.requireNonNull(type, "type");
            Objects.requireNonNull(json, "json");
        }

        @Override
        public String toString() {
            return "Other[" + type + ", " + json.length() + " characters]";
        }
    }
}
