package dev.kimi.gateway.messages;

/** Finds the end of a JSON object that comes in pieces: nothing can be appended to it from there on. */
final class JsonEnd {

    private int depth;
    private boolean begun;
    private boolean inString;
    private boolean escaped;

    /** Whether an object has begun and ended. */
    boolean isReached() {
        return begun && depth == 0;
    }

    void append(String piece) {
        for (int i = 0; i < piece.length(); i++) {
            char c = piece.charAt(i);
            if (inString) {
                inString = escaped || c != '"';
                escaped = !escaped && c == '\\';
            } else if (c == '"') {
                inString = true;
            } else if (c == '{' || c == '[') {
                depth++;
                begun = true;
            } else if (c == '}' || c == ']') {
                depth--;
            }
        }
    }
}
