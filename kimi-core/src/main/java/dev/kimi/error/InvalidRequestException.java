package dev.kimi.error;

import org.jspecify.annotations.Nullable;

/** The request is wrong (400, 404, 413, 422, or found wrong before sending). Not retried: change the request. */
public final class InvalidRequestException extends KimiException {

    private static final long serialVersionUID = 1L;

    private final @Nullable String param;
    private final @Nullable String fix;
    private final boolean tooLong;

    /**
     * @param param the request field at fault, or null when unknown
     * @param fix what to write instead, or null when unknown
     */
    public InvalidRequestException(String message, Details details, @Nullable String param, @Nullable String fix) {
        this(message, details, param, fix, false);
    }

    /**
     * @param param the request field at fault, or null when unknown
     * @param fix what to write instead, or null when unknown
     * @param tooLong true when a shorter request would have been accepted
     */
    public InvalidRequestException(
            String message, Details details, @Nullable String param, @Nullable String fix, boolean tooLong) {
        super(message, details, null);
        this.param = param;
        this.fix = fix;
        this.tooLong = tooLong;
    }

    /** The request field at fault, or null when unknown. */
    public @Nullable String param() {
        return param;
    }

    /** What to write instead, or null when unknown. */
    public @Nullable String fix() {
        return fix;
    }

    /**
     * True when the request is longer than the service or the model's window takes (413, or 400 that says so), so that
     * a shorter conversation would be accepted. Usually the users' text is what is long.
     */
    public boolean tooLong() {
        return tooLong;
    }
}
