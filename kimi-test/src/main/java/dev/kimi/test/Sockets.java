package dev.kimi.test;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.handler.codec.http.HttpServerCodec;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.impl.HttpServerConnection;
import java.nio.charset.StandardCharsets;

/** What no HTTP server offers because it is wrong to do: breaking an HTTP/1.1 connection off in ill ways. */
final class Sockets {

    private Sockets() {}

    /** Closes the connection, optionally by a TCP reset. */
    static void close(HttpConnection connection, boolean reset) {
        Channel channel = channel(connection);
        if (reset) {
            channel.config().setOption(ChannelOption.SO_LINGER, 0);
        }
        channel.close();
    }

    /** Writes a chunk whose header promises more bytes than come. */
    static void writeTornChunk(HttpConnection connection, byte[] beginning, int promised, Runnable then) {
        byte[] size = (Integer.toHexString(promised) + "\r\n").getBytes(StandardCharsets.US_ASCII);
        writeRaw(connection, Unpooled.wrappedBuffer(size, beginning), then);
    }

    private static void writeRaw(HttpConnection connection, ByteBuf bytes, Runnable then) {
        Channel channel = channel(connection);
        ChannelHandlerContext encoder = channel.pipeline().context(HttpResponseEncoder.class);
        if (encoder == null) {
            encoder = channel.pipeline().context(HttpServerCodec.class);
        }
        ChannelHandlerContext from = encoder == null ? channel.pipeline().firstContext() : encoder;
        from.writeAndFlush(bytes).addListener(ignored -> then.run());
    }

    private static Channel channel(HttpConnection connection) {
        return ((HttpServerConnection) connection).channelHandlerContext().channel();
    }
}
