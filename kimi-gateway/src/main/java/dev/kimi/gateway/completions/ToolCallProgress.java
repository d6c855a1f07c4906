package dev.kimi.gateway.completions;

import static dev.kimi.gateway.completions.JsonBytes.ascii;
import static dev.kimi.gateway.completions.JsonBytes.join;
import static dev.kimi.gateway.completions.JsonBytes.quoted;

/** What of a tool call has been written: its id and name once, its arguments piece by piece. */
final class ToolCallProgress {

    private static final byte[] TYPE = ascii(",\"type\":\"function\"");
    private static final byte[] ID = ascii(",\"id\":");
    private static final byte[] FUNCTION = ascii(",\"function\":{");
    private static final byte[] NAME = ascii("\"name\":");
    private static final byte[] COMMA = ascii(",");
    private static final byte[] ARGUMENTS = ascii("\"arguments\":");
    private static final byte[] CLOSE = ascii("}}]}");
    private static final byte[] NOTHING = new byte[0];

    private final int index;
    private boolean begun;
    private boolean hasId;
    private boolean hasName;

    ToolCallProgress(int index) {
        this.index = index;
    }

    int index() {
        return index;
    }

    boolean lacksId() {
        return !hasId;
    }

    /** The delta with what has come; id and name are empty until they come. */
    byte[] piece(String id, String name, String arguments) {
        boolean withId = !hasId && !id.isEmpty();
        boolean withName = !hasName && !name.isEmpty();
        byte[] delta = join(
                ascii("{\"tool_calls\":[{\"index\":" + index),
                withId ? join(ID, quoted(id)) : NOTHING,
                begun ? NOTHING : TYPE,
                FUNCTION,
                withName ? join(NAME, quoted(name), COMMA) : NOTHING,
                ARGUMENTS,
                quoted(arguments),
                CLOSE);
        begun = true;
        hasId |= withId;
        hasName |= withName;
        return delta;
    }
}
