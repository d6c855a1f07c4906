package dev.kimi.transport;

import dev.kimi.internal.util.SafeCause;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Why an exchange failed, in the terms that decide whether it may be sent again. Immutable.
 *
 * <pre>{@code
 * handler.onFailure(TransportFailure.builder(Kind.RESET).cause(broken).response(200, headers).build());
 * }</pre>
 */
public final class TransportFailure {

    private final Kind kind;
    private final boolean unprocessed;
    private final @Nullable Throwable cause;
    private final @Nullable String detail;
    private final int status;
    private final Headers headers;
    private final Headers trailers;

    private TransportFailure(Builder from) {
        this.kind = from.kind;
        this.unprocessed = from.unprocessed;
        this.cause = from.cause;
        this.detail = from.detail;
        this.status = from.status;
        this.headers = from.headers;
        this.trailers = from.trailers;
    }

    /** Begins a failure of which the service may have worked on the request, without cause, detail and response. */
    public static Builder builder(Kind kind) {
        return new Builder(kind);
    }

    /**
     * A failure before any response.
     *
     * @param unprocessed see {@link #unprocessed}
     * @param cause the exception beneath, or null; see {@link #cause} for what is kept of it
     */
    public static TransportFailure of(Kind kind, boolean unprocessed, @Nullable Throwable cause) {
        return builder(kind).unprocessed(unprocessed).cause(cause).build();
    }

    /** A builder that begins with all that this failure says, for a transport that adds to it. */
    public Builder toBuilder() {
        Builder copy = new Builder(kind)
                .unprocessed(unprocessed)
                .detail(detail)
                .response(status, headers)
                .trailers(trailers);
        copy.cause = cause;
        return copy;
    }

    public Kind kind() {
        return kind;
    }

    /**
     * True if the service cannot have worked on the request, so that sending it again is safe: the connection never
     * opened, some of a body in memory was not written, nothing of a streamed body was handed to the connection, h2
     * REFUSED_STREAM, or GOAWAY with a lower last stream id. Whether a streamed body can be sent again is another
     * question: see {@link RequestBody#isReplayable}.
     */
    public boolean unprocessed() {
        return unprocessed;
    }

    /**
     * True if only another setting or another body helps, so that sending the request again is useless:
     * {@link Kind#UNKNOWN_HOST}, {@link Kind#CERTIFICATE}, {@link Kind#TLS_MISMATCH}, {@link Kind#PROXY} and
     * {@link Kind#REQUEST_BODY}.
     */
    public boolean permanent() {
        return switch (kind) {
            case UNKNOWN_HOST, CERTIFICATE, TLS_MISMATCH, PROXY, REQUEST_BODY -> true;
            default -> false;
        };
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

    /** Status of the response if its headers had come, or else 0. */
    public int status() {
        return status;
    }

    /**
     * Headers of the response if they had come: those that {@link ExchangeHandler#onHeaders} was given, or that it was
     * not, when the failure came with them. Empty for none.
     */
    public Headers headers() {
        return headers;
    }

    /** Trailers of the response if they had come; empty for none. */
    public Headers trailers() {
        return trailers;
    }

    @Override
    public String toString() {
        return kind + (unprocessed ? ", unprocessed" : "") + (status == 0 ? "" : ", after status " + status);
    }

    /** Collects what is known of a failure. Not thread-safe. */
    public static final class Builder {

        private final Kind kind;
        private boolean unprocessed;
        private @Nullable Throwable cause;
        private @Nullable String detail;
        private int status;
        private Headers headers = Headers.empty();
        private Headers trailers = Headers.empty();

        private Builder(Kind kind) {
            this.kind = Objects.requireNonNull(kind, "kind");
        }

        /** See {@link TransportFailure#unprocessed}; false by default. */
        public Builder unprocessed(boolean isUnprocessed) {
            this.unprocessed = isUnprocessed;
            return this;
        }

        /** The exception beneath, or null, the default; see {@link TransportFailure#cause} for what is kept of it. */
        public Builder cause(@Nullable Throwable beneath) {
            this.cause = SafeCause.of(beneath);
            return this;
        }

        /**
         * What happened in the words of a message for the caller, such as the limit that was passed and its setting; no
         * byte of the service may stand in it. Null, the default, when the kind says it all.
         */
        public Builder detail(@Nullable String words) {
            this.detail = words;
            return this;
        }

        /** Status and headers of the response, which had come; none by default. */
        public Builder response(int responseStatus, Headers responseHeaders) {
            this.status = responseStatus;
            this.headers = Objects.requireNonNull(responseHeaders, "headers");
            return this;
        }

        /** Trailers of the response, which had come; none by default. */
        public Builder trailers(Headers responseTrailers) {
            this.trailers = Objects.requireNonNull(responseTrailers, "trailers");
            return this;
        }

        public TransportFailure build() {
            return new TransportFailure(this);
        }
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
        /** TLS broke, for a reason that may pass. */
        TLS,
        /**
         * TLS cannot work with these settings: the server wants a client certificate or rejects ours, has no protocol
         * or cipher suite in common with us, or does not speak TLS at all. A wrong setting, not an outage.
         */
        TLS_MISMATCH,
        /** The certificate is not trusted, has expired or names another host: a wrong setting, not an outage. */
        CERTIFICATE,
        /**
         * The proxy rejected its credentials or the target, or does not speak the protocol of a proxy: a wrong setting,
         * not an outage. A proxy that cannot be reached, or that does not reach the target, is CONNECT.
         */
        PROXY,
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
        /** The response breaks the rules of HTTP. */
        PROTOCOL,
        /**
         * The source of the request's body failed, threw, or had more or fewer bytes than its length. The service was
         * not given the body as a whole one.
         */
        REQUEST_BODY,
        /** The request's deadline had passed before it was written, or the service says that it has. */
        DEADLINE,
        /** The transport is closed. */
        CLOSED
    }
}
