package dev.kimi.transport.vertx;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameListener;
import io.netty.handler.codec.http2.Http2FrameListenerDecorator;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Stream;

/**
 * Passes over interim responses (1xx) of HTTP/2, up to as many for a request as on HTTP/1.1: Vert.x knows two of them,
 * and takes any other for the final one. Belongs to its connection's thread.
 */
final class Http2Interim extends Http2FrameListenerDecorator {

    private final Http2Connection connection;
    private final Http2Connection.PropertyKey count;

    private Http2Interim(Http2Connection connection, Http2FrameListener listener) {
        super(listener);
        this.connection = connection;
        this.count = connection.newKey();
    }

    static void passOver(Http2ConnectionHandler http2) {
        http2.decoder()
                .frameListener(
                        new Http2Interim(http2.connection(), http2.decoder().frameListener()));
    }

    @Override
    public void onHeadersRead(
            ChannelHandlerContext context, int streamId, Http2Headers headers, int padding, boolean end)
            throws Http2Exception {
        if (!isInterim(streamId, headers, end)) {
            super.onHeadersRead(context, streamId, headers, padding, end);
        }
    }

    @Override
    public void onHeadersRead(
            ChannelHandlerContext context,
            int streamId,
            Http2Headers headers,
            int dependency,
            short weight,
            boolean exclusive,
            int padding,
            boolean end)
            throws Http2Exception {
        if (!isInterim(streamId, headers, end)) {
            super.onHeadersRead(context, streamId, headers, dependency, weight, exclusive, padding, end);
        }
    }

    private boolean isInterim(int streamId, Http2Headers headers, boolean end) throws Http2Exception {
        CharSequence status = headers.status();
        if (end || status == null || HttpStatusClass.valueOf(status) != HttpStatusClass.INFORMATIONAL) {
            return false;
        }
        Http2Stream stream = connection.stream(streamId);
        if (stream != null) {
            Integer before = stream.getProperty(count);
            int now = before == null ? 1 : before + 1;
            stream.setProperty(count, now);
            if (now > Http1Decoder.MAX_INTERIM) {
                throw Http2Exception.streamError(
                        streamId, Http2Error.PROTOCOL_ERROR, new InvalidResponseException(Http1Decoder.TOO_MANY), "");
            }
        }
        return true;
    }
}
