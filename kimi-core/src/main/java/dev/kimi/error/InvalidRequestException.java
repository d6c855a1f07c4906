package dev.kimi.error;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The request is wrong (400, 404, 413, 422, or found wrong before sending). Not retried: change the request. */
public final class InvalidRequestException extends KimiException {

    private static final long serialVersionUID = 1L;

    private final @Nullable String param;
    private final @Nullable String fix;
    private final Reason reason;

    /** What is wrong, as far as a program can do something about it by itself; expect others in later versions. */
    public enum Reason {
        /** Anything else: somebody has to read the message. */
        OTHER,
        /**
         * The request is longer than the service or the model's window takes (413, or 400 that says so), so that a
         * shorter conversation would be accepted. Usually the users' text is what is long.
         */
        TOO_LONG,
        /**
         * Something that stands before signed reasoning was changed after the model had thought: the system text, a
         * tool or an earlier turn. Without that reasoning the request would be accepted.
         */
        REASONING_MISMATCH,
        /** The service does not offer what was called, such as a count of tokens: do without. */
        NOT_OFFERED
    }

    /**
     * Of no particular reason.
     *
     * @param param the request field at fault, or null when unknown
     * @param fix what to write instead, or null when unknown
     */
    public InvalidRequestException(String message, Details details, @Nullable String param, @Nullable String fix) {
        this(message, details, param, fix, Reason.OTHER);
    }

    /**
     * @param param the request field at fault, or null when unknown
     * @param fix what to write instead, or null when unknown
     * @param reason what is wrong
     */
    public InvalidRequestException(
            String message, Details details, @Nullable String param, @Nullable String fix, Reason reason) {
        super(message, details, null);
        this.param = param;
        this.fix = fix;
        this.reason = Objects.requireNonNull(reason, "reason");
    }

    /** The request field at fault, or null when unknown. */
    public @Nullable String param() {
        return param;
    }

    /** What to write instead, or null when unknown. */
    public @Nullable String fix() {
        return fix;
    }

    /** What is wrong, as far as a program can do something about it by itself. */
    public Reason reason() {
        return reason;
    }
}
