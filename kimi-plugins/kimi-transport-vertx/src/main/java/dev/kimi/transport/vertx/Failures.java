package dev.kimi.transport.vertx;

import dev.kimi.transport.TransportFailure;
import dev.kimi.transport.TransportFailure.Kind;
import io.netty.channel.ConnectTimeoutException;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import io.vertx.core.http.StreamResetException;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Says of an exception what went wrong and whether the service can have worked on the request.
 *
 * <p>It cannot have when some of the request never left this process, since no service acts on half a JSON document,
 * and when HTTP/2 says so: REFUSED_STREAM, or GOAWAY with a lower last stream id. A connection that was reused and
 * closes before a byte of the answer, the whole request written, was most likely closed by the server while idle; but
 * a server that read the request and died looks the same from here, so the failure says STALE_CONNECTION without
 * claiming that the request was not processed.
 */
final class Failures {

    private Failures() {}

    /** A connection that could not be opened. */
    static TransportFailure connecting(Throwable cause) {
        // A handshake that takes too long ends by our timer or by that of the TLS engine, whichever is first.
        if (cause instanceof ConnectTimeoutException
                || cause instanceof TimeoutException
                || find(cause, SslHandshakeTimeoutException.class) != null) {
            return new TransportFailure(Kind.CONNECT_TIMEOUT, true, cause);
        }
        boolean tls = find(cause, SSLException.class) != null || cause instanceof IllegalStateException;
        return new TransportFailure(tls ? Kind.TLS : Kind.CONNECT, true, cause);
    }

    /**
     * An exchange that broke on a connection.
     *
     * @param written whether the whole request was handed to the operating system
     * @param answered whether status and headers had arrived
     * @param reused whether the connection had carried an exchange before
     * @param unread whether the server has said, by a GOAWAY, that it will not read the request
     */
    static TransportFailure exchange(
            Throwable cause, boolean written, boolean answered, boolean reused, boolean unread) {
        boolean unprocessed = !answered && (!written || unread || refused(cause));
        return new TransportFailure(kind(cause, answered, reused), unprocessed, cause);
    }

    private static boolean refused(Throwable cause) {
        return cause instanceof StreamResetException reset && reset.getCode() == Http2Error.REFUSED_STREAM.code();
    }

    private static Kind kind(Throwable cause, boolean answered, boolean reused) {
        if (find(cause, SSLException.class) != null) {
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
        return reused && !answered ? Kind.STALE_CONNECTION : Kind.RESET;
    }

    private static <T extends Throwable> @Nullable T find(Throwable thrown, Class<T> type) {
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
