package dev.kimi.error;

import org.jspecify.annotations.Nullable;

/** The service could not be reached, or the connection broke before any byte of an answer. */
public final class TransportException extends KimiException {

    private static final long serialVersionUID = 1L;

    private final boolean unprocessed;

    /**
     * @param unprocessed true when the service cannot have worked on the request, so that sending it again is safe
     */
    public TransportException(String message, Details details, boolean unprocessed, @Nullable Throwable cause) {
        super(message, details, cause);
        this.unprocessed = unprocessed;
    }

    /** True when the service cannot have worked on the request, so that sending it again cannot bill it twice. */
    public boolean unprocessed() {
        return unprocessed;
    }
}
