package dev.kimi.internal.json;

/** JSON that cannot be read or written. The message never holds a part of the text: it may be a prompt or a secret. */
public final class JsonException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** What is wrong. */
    public enum Reason {
        /** The text is not JSON, or ends too early. */
        MALFORMED,
        /** Depth, length or count over a limit of the reader or the writer. */
        LIMIT,
        /** An object with the same name twice, where that was to be rejected. */
        DUPLICATE_NAME,
        /** A Java value that has no JSON form. */
        UNSUPPORTED_VALUE
    }

    private final Reason reason;
    private final long offset;

    JsonException(Reason reason, String message, long offset) {
        super(offset < 0 ? message : message + " (near byte " + offset + ")");
        this.reason = reason;
        this.offset = offset;
    }

    /** What is wrong. */
    public Reason reason() {
        return reason;
    }

    /** Roughly where in the text, in bytes from its begin; -1 when unknown or when writing. */
    public long offset() {
        return offset;
    }
}
