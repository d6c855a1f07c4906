package dev.kimi.transport;

import dev.kimi.internal.util.SafeCause;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Why an exchange failed, in the terms that decide whether it may be sent again. */
public final class TransportFailure {

    private final Kind kind;
    private final boolean unprocessed;
    private final @Nullable Throwable cause;
    private final @Nullable String detail;

    /**
     * @param unprocessed true only if the service cannot have worked on the request: the connection never opened, not
     *     the whole request was written, h2 REFUSED_STREAM, or GOAWAY with a lower last stream id
     * @param cause the exception beneath, or null; see {@link #cause()} for what is kept of it
     */
    public TransportFailure(Kind kind, boolean unprocessed, @Nullable Throwable cause) {
        this(kind, unprocessed, cause, null);
    }

    /**
     * @param unprocessed as above
     * @param detail what happened in the words of a message for the caller, such as the limit that was passed and its
     *     setting; no byte of the service may stand in it. Null when the kind says it all
     */
    public TransportFailure(Kind kind, boolean unprocessed, @Nullable Throwable cause, @Nullable String detail) {
        this.kind = Objects.requireNonNull(kind, "kind");
        this.unprocessed = unprocessed;
        this.cause = SafeCause.of(cause);
        this.detail = detail;
    }

    public Kind kind() {
        return kind;
    }

    /** True if the service cannot have worked on the request, so that sending it again is safe. */
    public boolean unprocessed() {
        return unprocessed;
    }

    /**
     * The exception beneath, or null. Where its message, or that of one of its causes, might repeat bytes of the
     * connection, this is another exception in its place, with the class name and the stack trace of the first and the
     * words of its message that are no such bytes.
     */
    public @Nullable Throwable cause() {
        return cause;
    }

    /** What happened, in words for the caller and without a byte of the service's; null if the kind says it all. */
    public @Nullable String detail() {
        return detail;
    }

    @Override
    public String toString() {
        return kind + (unprocessed ? ", unprocessed" : "");
    }

    /** What went wrong. */
    public enum Kind {
        /** As many requests wait for a connection as may. */
        POOL_FULL,
        /** No connection became free in time. */
        POOL_TIMEOUT,
        /** The connection did not open in time. */
        CONNECT_TIMEOUT,
        /** The connection could not be opened: refused or unreachable. */
        CONNECT,
        /** The host name has no address and had none before: a wrong setting rather than an outage. */
        UNKNOWN_HOST,
        /** TLS failed for a reason other than the certificate. */
        TLS,
        /** The certificate is not trusted, has expired or names another host: a wrong setting, not an outage. */
        CERTIFICATE,
        /** A pooled connection turned out to be closed before the whole request was written. */
        STALE_CONNECTION,
        /**
         * A reused connection ended (FIN, close_notify over TLS, or RST) right after the request was written and before
         * any byte of a response: what is seen of a server that closed it for being idle while the request was on its
         * way. Whether it read the request is not known, so it is not {@code unprocessed}.
         */
        IDLE_CLOSE,
        /**
         * HTTP/2: the service said that it did not process the request, by REFUSED_STREAM or by GOAWAY with a lower
         * last stream id. Always {@code unprocessed}, and no sign of overload.
         */
        REFUSED,
        /** HTTP/2: the peer sent nothing and did not acknowledge a PING in time, so the connection was closed. */
        PING_TIMEOUT,
        /** The connection or stream broke. */
        RESET,
        /** The answer breaks the rules of HTTP. */
        PROTOCOL,
        /** The transport is closed. */
        CLOSED
    }
}
