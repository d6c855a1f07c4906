package dev.kimi.transport;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Why an exchange failed, in the terms that decide whether it may be sent again. */
public final class TransportFailure {

    private final Kind kind;
    private final boolean unprocessed;
    private final @Nullable Throwable cause;

    /**
     * @param unprocessed true only if the service cannot have worked on the request: the connection never opened, not
     *     the whole request was written, h2 REFUSED_STREAM, or GOAWAY with a lower last stream id
     */
    public TransportFailure(Kind kind, boolean unprocessed, @Nullable Throwable cause) {
        this.kind = Objects.requireNonNull(kind, "kind");
        this.unprocessed = unprocessed;
        this.cause = cause;
    }

    public Kind kind() {
        return kind;
    }

    /** True if the service cannot have worked on the request, so that sending it again is safe. */
    public boolean unprocessed() {
        return unprocessed;
    }

    /** The exception beneath, or null. */
    public @Nullable Throwable cause() {
        return cause;
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
        /** The connection could not be opened: refused, unreachable, name not found. */
        CONNECT,
        /** TLS failed: certificate, name or protocol. */
        TLS,
        /** A pooled connection turned out to be closed before anything of an answer arrived. */
        STALE_CONNECTION,
        /** The connection or stream broke. */
        RESET,
        /** The answer breaks the rules of HTTP. */
        PROTOCOL,
        /** The transport is closed. */
        CLOSED
    }
}
