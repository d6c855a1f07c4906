package dev.kimi.error;

import org.jspecify.annotations.Nullable;

/** The service could not be reached, or the connection broke before any byte of a response. */
public final class TransportException extends KimiException {

    private static final long serialVersionUID = 1L;

    private final boolean unprocessed;
    private final boolean permanent;

    /**
     * A failure that may pass.
     *
     * @param unprocessed true when the service cannot have worked on the request, so that sending it again is safe
     */
    public TransportException(String message, Details details, boolean unprocessed, @Nullable Throwable cause) {
        this(message, details, unprocessed, false, cause);
    }

    /**
     * @param unprocessed true when the service cannot have worked on the request, so that sending it again is safe
     * @param permanent true when only another setting helps, so that sending it again is useless
     */
    public TransportException(
            String message, Details details, boolean unprocessed, boolean permanent, @Nullable Throwable cause) {
        super(message, details, cause);
        this.unprocessed = unprocessed;
        this.permanent = permanent;
    }

    /** True when the service cannot have worked on the request, so that sending it again cannot bill it twice. */
    public boolean unprocessed() {
        return unprocessed;
    }

    /**
     * True when a setting is wrong rather than the moment: the host name has no address, the service's certificate is
     * not trusted, has expired or is for another host, TLS has nothing in common with the service or lacks a client
     * certificate, or the proxy rejected its credentials or the target; or the source of the request's body failed.
     * Never retried, whatever the policy says.
     */
    public boolean permanent() {
        return permanent;
    }
}
