package dev.kimi.schema.internal;

/** JSON that does not fit a type. The message names places by the type's own names and holds nothing of the JSON. */
public final class UnfitJsonException extends Exception {

    private static final long serialVersionUID = 1L;

    UnfitJsonException(String message) {
        super(message);
    }
}
