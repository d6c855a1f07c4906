package dev.kimi.transport.vertx;

import dev.kimi.transport.TransportFailure;
import dev.kimi.transport.TransportFailure.Kind;
import io.netty.channel.ConnectTimeoutException;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.ssl.SslClosedEngineException;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import io.vertx.core.http.StreamResetException;
import java.net.UnknownHostException;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Says of an exception what went wrong and whether the service can have worked on the request.
 *
 * <p>It cannot have when some of a request from memory never left this process, since no service acts on half a JSON
 * document, and when HTTP/2 says so: REFUSED_STREAM, or GOAWAY with a lower last stream id. Of a streamed body, such as
 * a file's, it may have kept what came, so that it cannot have only when nothing of that was handed to the connection.
 *
 * <p>A reused HTTP/1.1 connection that ends within a second of the request, before a byte of a response, is IDLE_CLOSE:
 * the server closed it for being unused, and the request crossed with that. This is so for a FIN, for TLS's
 * close_notify, and for an RST. The RST is what the operating system of a server sends in place of the FIN when a
 * process closes a socket on which something waits unread, and in reply to what arrives after the close (RFC 1122,
 * 4.2.2.13); the only thing that can be unread, or have arrived later, is this request, so an RST shows even more
 * clearly that nobody read it. But neither is proof: a server that read the request and died at once, or that aborts
 * connections on purpose, looks the same from here. Hence the failure does not claim that the request was not
 * processed, and hence the second: a crossing takes a round trip and no more, and what ends later was at work.
 */
final class TransportFailures {

    private TransportFailures() {}

    /** A connection that could not be opened. */
    static TransportFailure connecting(Throwable cause, Route route) {
        ProxyException proxy = find(cause, ProxyException.class);
        if (proxy != null) {
            return unopened(proxy.kind(), proxy.getMessage(), cause);
        }
        // A handshake that takes too long ends by our timer or by that of the TLS engine, whichever is first.
        if (cause instanceof ConnectTimeoutException
                || cause instanceof TimeoutException
                || find(cause, SslHandshakeTimeoutException.class) != null) {
            return unopened(Kind.CONNECT_TIMEOUT, late(route), cause);
        }
        TlsFailures.Finding setting = TlsFailures.of(cause, route.origin().toString());
        if (setting != null) {
            return unopened(setting.kind(), setting.detail(), cause);
        }
        boolean tls = find(cause, SSLException.class) != null || cause instanceof IllegalStateException;
        return TransportFailure.of(tls ? Kind.TLS : Kind.CONNECT, true, cause);
    }

    /** A connection that did not open in time, wherever it had got to. */
    static TransportFailure connectTimeout(Route route) {
        return unopened(Kind.CONNECT_TIMEOUT, late(route), null);
    }

    private static @Nullable String late(Route route) {
        return route.proxy() == null
                ? null
                : "The connection through the proxy " + route.proxy() + " did not open within kimi.timeout.connect."
                        + " Check the proxy and kimi.base-url.";
    }

    /** A host name without an address. */
    static TransportFailure resolving(@Nullable Throwable cause, Route route) {
        boolean unknown = cause == null || find(cause, UnknownHostException.class) != null;
        Proxy proxy = route.proxy();
        String detail = proxy == null
                ? null
                : "The host name of the proxy " + proxy + (unknown ? " has no address." : " could not be resolved.")
                        + " Check " + proxy.setting("url") + " and DNS.";
        return unopened(unknown ? Kind.UNKNOWN_HOST : Kind.CONNECT, detail, cause);
    }

    private static TransportFailure unopened(Kind kind, @Nullable String detail, @Nullable Throwable cause) {
        return TransportFailure.builder(kind)
                .unprocessed(true)
                .detail(detail)
                .cause(cause)
                .build();
    }

    /** As many exchanges wait for a connection to the origin as may. */
    static TransportFailure queueFull(int maxPending) {
        return TransportFailure.builder(Kind.POOL_FULL)
                .unprocessed(true)
                .detail("Connection queue is full (max-pending " + maxPending + ").")
                .build();
    }

    /** The request's deadline passed before it was written. */
    static TransportFailure late() {
        return TransportFailure.of(Kind.DEADLINE, true, null);
    }

    /** The transport is closed, and nothing of the request was sent. */
    static TransportFailure closed() {
        return TransportFailure.of(Kind.CLOSED, true, null);
    }

    /**
     * An exchange that broke on a connection.
     *
     * @param limit that the connection holds the headers of responses to
     */
    static TransportFailure exchange(Throwable cause, Progress progress, HeaderLimit limit) {
        InvalidResponseException invalid = find(cause, InvalidResponseException.class);
        if (invalid != null) {
            return TransportFailure.builder(Kind.PROTOCOL)
                    .cause(invalid)
                    .detail(invalid.getMessage())
                    .build();
        }
        if (isTooLong(find(cause, Http2Exception.class))) {
            return TransportFailure.builder(Kind.PROTOCOL)
                    .cause(cause)
                    .detail(limit.exceededBy("headers of the response"))
                    .build();
        }
        TlsFailures.Finding setting = TlsFailures.of(cause, "the service");
        if (setting != null) {
            // with TLS 1.3, a server judges the client's certificate when the client may have sent a request already
            return TransportFailure.builder(setting.kind())
                    .unprocessed(!progress.written || (!progress.reused && !progress.responded))
                    .detail(setting.detail())
                    .cause(cause)
                    .build();
        }
        return TransportFailure.of(kind(cause, progress), !progress.written, cause);
    }

    /**
     * How far an exchange had come.
     *
     * @param written whether the service can have begun: the whole of a request from memory was handed to the operating
     *     system, or some of a streamed body to the connection, or it has responded
     * @param responded whether status and headers had arrived
     * @param reused whether the connection had carried an exchange before
     * @param crossed whether the connection ended right after the request, before any byte of a response
     */
    record Progress(boolean written, boolean responded, boolean reused, boolean crossed) {

        /** Nothing was written to a connection that turned out to be closed. */
        static Progress notBegun(boolean reused) {
            return new Progress(false, false, reused, false);
        }
    }

    /**
     * Whether HTTP/2 rejected a stream before anything was processed: the server reset it with REFUSED_STREAM, or it
     * could not be created for there are too many already, or the server is leaving.
     *
     * @param streamId negative for a stream that was never created
     */
    static boolean isRejected(Throwable cause, long streamId) {
        if (cause instanceof StreamResetException reset) {
            return reset.getCode() == Http2Error.REFUSED_STREAM.code();
        }
        return streamId < 0 && find(cause, Http2Exception.class) != null;
    }

    /** Netty ends the stream when the headers are somewhat too long, and the connection when they are by a quarter. */
    private static boolean isTooLong(@Nullable Http2Exception http2) {
        return http2 instanceof Http2Exception.HeaderListSizeException
                || (http2 != null && String.valueOf(http2.getMessage()).startsWith("Header size exceeded max allowed"));
    }

    private static Kind kind(Throwable cause, Progress progress) {
        if (find(cause, SSLException.class) != null && find(cause, SslClosedEngineException.class) == null) {
            return Kind.TLS;
        }
        Http2Exception http2 = find(cause, Http2Exception.class);
        if (http2 != null) {
            return http2.error() == Http2Error.PROTOCOL_ERROR ? Kind.PROTOCOL : Kind.RESET;
        }
        if (cause instanceof StreamResetException) {
            return Kind.RESET;
        }
        if (find(cause, DecoderException.class) != null || cause instanceof IllegalArgumentException) {
            return Kind.PROTOCOL;
        }
        if (progress.responded || !progress.reused) {
            return Kind.RESET;
        }
        if (!progress.written) {
            return Kind.STALE_CONNECTION;
        }
        return progress.crossed ? Kind.IDLE_CLOSE : Kind.RESET;
    }

    /** The first of a type among an exception and its causes, or null. */
    static <T extends Throwable> @Nullable T find(Throwable thrown, Class<T> type) {
        Throwable cause = thrown;
        for (int depth = 0; cause != null && depth < 10; depth++) {
            if (type.isInstance(cause)) {
                return type.cast(cause);
            }
            cause = cause.getCause();
        }
        return null;
    }
}
