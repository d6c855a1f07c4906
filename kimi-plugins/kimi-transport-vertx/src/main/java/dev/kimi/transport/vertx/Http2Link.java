package dev.kimi.transport.vertx;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Stream;
import java.util.Objects;

/**
 * What Vert.x does not do with an HTTP/2 connection, done with Netty beneath. Of several GOAWAYs Vert.x passes on the
 * first only, which of a server that leaves in good order names no stream; and it lets streams that nobody reads take
 * the whole window of their connection. Belongs to its loop's thread.
 */
final class Http2Link extends Http2ConnectionAdapter {

    private final Channel channel;
    private final Http2Connection connection;
    private final Http2Windows windows;
    private final Runnable onGoAway;
    /** The last stream that the server processes, as its GOAWAY said. */
    private int lastStream = Integer.MAX_VALUE;

    private boolean leaving;

    /** Takes over the connection on this channel, on which there must have been no stream. */
    Http2Link(Channel channel, Http2Windows.Allowance allowance, Runnable onGoAway) {
        this.channel = channel;
        this.onGoAway = onGoAway;
        ChannelPipeline pipeline = channel.pipeline();
        Http2ConnectionHandler http2 = Objects.requireNonNull(pipeline.get(Http2ConnectionHandler.class));
        this.connection = http2.connection();
        this.windows = new Http2Windows(allowance, connection);
        connection.addListener(this);
        Http2Interim.passOver(http2);
        try {
            windows.frameWriter(http2.encoder().frameWriter());
            windows.channelHandlerContext(pipeline.context(http2));
            // depends on whether the server has acknowledged our settings
            windows.initialWindowSize(connection.local().flowController().initialWindowSize());
            connection.local().flowController(windows);
            windows.open(connection.connectionStream());
        } catch (Http2Exception impossible) {
            throw new IllegalStateException(impossible);
        }
        channel.flush();
    }

    /** The consumer of a stream has taken a chunk of its data. */
    void consumed(long streamId, int bytes) {
        Http2Stream stream = connection.stream((int) streamId);
        if (stream == null) {
            return;
        }
        try {
            if (windows.consumed(stream, bytes)) {
                channel.flush();
            }
        } catch (Http2Exception impossible) {
            throw new IllegalStateException(impossible);
        }
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
    boolean rejects(long streamId) {
        return leaving && (streamId < 0 || streamId > lastStream);
    }
}
