package dev.kimi.transport.vertx;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Exception;
import java.util.Objects;

/**
 * What Vert.x does not tell of an HTTP/2 connection, taken from Netty beneath: of several GOAWAYs Vert.x tells the
 * first only, which of a server that leaves in good order names no stream. Belongs to its loop's thread.
 */
final class Http2Link extends Http2ConnectionAdapter {

    private final Http2Connection connection;
    private final Runnable onGoAway;
    /** The last stream that the server processes, as its GOAWAY said. */
    private int lastStream = Integer.MAX_VALUE;

    private boolean leaving;

    private Http2Link(Http2Connection connection, Runnable onGoAway) {
        this.connection = connection;
        this.onGoAway = onGoAway;
    }

    /** Watches the connection on this channel from now on. */
    static Http2Link watch(Channel channel, Runnable onGoAway) {
        Http2ConnectionHandler http2 = Objects.requireNonNull(channel.pipeline().get(Http2ConnectionHandler.class));
        Http2Link link = new Http2Link(http2.connection(), onGoAway);
        http2.connection().addListener(link);
        return link;
    }

    @Override
    public void onGoAwayReceived(int lastStreamId, long errorCode, ByteBuf debugData) {
        lastStream = lastStreamId;
        leaving = true;
        silence();
        onGoAway.run();
    }

    /**
     * Lets Netty reset none of the streams that the server does not process, as it would where a request is not wholly
     * written: to a server for which they never began, that is an error of the whole connection.
     */
    private void silence() {
        try {
            connection.forEachActiveStream(stream -> {
                if (stream.id() > lastStream) {
                    stream.resetSent();
                }
                return true;
            });
        } catch (Http2Exception impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** Whether the server has said that it does not process this stream, which is negative if it was never opened. */
    boolean refuses(long streamId) {
        return leaving && (streamId < 0 || streamId > lastStream);
    }
}
