package dev.kimi.schema.internal;

/** JSON that does not fit a type. The message names places by the type's own names and holds nothing of the JSON. */
public final class UnfitJsonException extends Exception {

    private static final long serialVersionUID = 1L;

    private final String reason;

    UnfitJsonException(String reason) {
        super(reason);
        this.reason = reason;
    }

    /** The message: a place, and what is wrong there. */
    public String reason() {
        return reason;
    }
}
