package dev.kimi.error;

import org.jspecify.annotations.Nullable;

/** The request is wrong (400, 404, 413, 422, or found wrong before sending). Not retried: change the request. */
public final class InvalidRequestException extends KimiException {

    private static final long serialVersionUID = 1L;

    private final @Nullable String param;
    private final @Nullable String fix;

    /**
     * @param param the request field at fault, or null when unknown
     * @param fix what to write instead, or null when unknown
     */
    public InvalidRequestException(String message, Details details, @Nullable String param, @Nullable String fix) {
        super(message, details, null);
        this.param = param;
        this.fix = fix;
    }

    /** The request field at fault, or null when unknown. */
    public @Nullable String param() {
        return param;
    }

    /** What to write instead, or null when unknown. */
    public @Nullable String fix() {
        return fix;
    }
}
