package dev.kimi.internal.protocol.openai;

import dev.kimi.internal.protocol.ToolArguments;

/** A tool call while its pieces are put together, and how far its arguments have come. */
final class ToolCallDraft {

    /** Of the arguments so far: nothing, the beginning of an object, a whole object, or what cannot become one. */
    enum State {
        NONE,
        OPEN,
        WHOLE,
        BROKEN
    }

    final int index;
    final boolean typed;
    String id = "";
    String name = "";
    int namePieces = 1;
    boolean nameIsDoubled;
    private final StringBuilder arguments = new StringBuilder();
    private State state = State.NONE;
    private int depth;
    private boolean inString;
    private boolean escaped;

    /**
     * @param index the service's number of the call, -1 when it is missing
     * @param typed whether the first piece named the kind of the call
     */
    ToolCallDraft(int index, boolean typed) {
        this.index = index;
        this.typed = typed;
    }

    State state() {
        return state;
    }

    String arguments() {
        return arguments.toString();
    }

    int length() {
        return arguments.length();
    }

    /** Appends a piece of the arguments; a lone {@code null} is none. */
    void append(CharSequence piece) {
        if (state == State.NONE
                && piece.length() < 16
                && piece.toString().strip().equals("null")) {
            return;
        }
        arguments.append(piece);
        for (int i = 0; i < piece.length(); i++) {
            step(piece.charAt(i));
        }
    }

    /** Counts brackets outside of strings, which is enough to find the end; {@link #isWhole} does the rest. */
    private void step(char c) {
        if (inString) {
            inString = escaped || c != '"';
            escaped = !escaped && c == '\\';
        } else if (state == State.OPEN) {
            inString = c == '"';
            depth += c == '{' || c == '[' ? 1 : c == '}' || c == ']' ? -1 : 0;
            state = depth == 0 ? State.WHOLE : State.OPEN;
        } else if (!isBlank(c)) {
            state = state == State.NONE && c == '{' ? State.OPEN : State.BROKEN;
            depth = 1;
        }
    }

    private static boolean isBlank(char c) {
        return c == ' ' || c == '\n' || c == '\r' || c == '\t';
    }

    /** Whether the call can be handed to a tool; without any arguments it can. */
    boolean isWhole() {
        return !name.isEmpty() && (state == State.NONE || state == State.WHOLE && ToolArguments.areWhole(arguments()));
    }

    /** Whether this is {@code other} with more of it. */
    boolean goesOnFrom(ToolCallDraft other) {
        return id.startsWith(other.id)
                && name.startsWith(other.name)
                && arguments().startsWith(other.arguments());
    }

    boolean isSame(ToolCallDraft other) {
        return id.equals(other.id) && name.equals(other.name) && arguments().equals(other.arguments());
    }
}
