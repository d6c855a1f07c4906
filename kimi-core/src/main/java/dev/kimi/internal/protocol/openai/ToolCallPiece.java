package dev.kimi.internal.protocol.openai;

/** A fragment of a tool call as it came, or several of them that no reading can distinguish. */
final class ToolCallPiece {

    final int index;
    final String id;
    final boolean typed;
    final String name;
    final StringBuilder arguments;
    private boolean joined;
    private boolean joinedUntyped;
    private boolean joinedWithoutId;

    /**
     * @param index the service's number of the call, -1 when it is missing
     * @param id empty when missing
     * @param typed whether it named the kind of the call
     * @param name empty when missing
     * @param arguments empty when missing
     */
    ToolCallPiece(int index, String id, boolean typed, String name, String arguments) {
        this.index = index;
        this.id = id;
        this.typed = typed;
        this.name = name;
        this.arguments = new StringBuilder(arguments);
    }

    boolean hasArguments() {
        return !arguments.toString().isBlank();
    }

    /** Whether it is as it came. */
    boolean isSingle() {
        return !joined;
    }

    /** Whether it, or what was joined to it, did not name the kind. */
    boolean hasUntyped() {
        return !typed || joinedUntyped;
    }

    /** Whether it, or what was joined to it, had no id. */
    boolean hasNoId() {
        return id.isEmpty() || joinedWithoutId;
    }

    void join(ToolCallPiece next) {
        joined = true;
        joinedWithoutId |= next.id.isEmpty();
        joinedUntyped |= !next.typed;
        arguments.append(next.arguments);
    }

    /** Whether {@code next}, which came right after this one, can only belong to the same call. */
    boolean goesOnWith(ToolCallPiece next) {
        return next.index == index && next.name.isEmpty() && (next.id.isEmpty() || next.id.equals(id));
    }
}
