package dev.kimi.transport.vertx;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.nio.AbstractNioChannel;

/** Reads and closes sockets where the order of things in Vert.x and Netty is not enough. */
final class Channels {

    private Channels() {}

    /**
     * Closes the socket at once, with a close_notify or GOAWAY for which there is room. TLS would first wait for
     * seconds until that is written, and HTTP/1.1 and HTTP/2 until their last message is, which never ends when the
     * peer does not read.
     */
    static void hangUp(Channel channel) {
        channel.flush();
        ChannelHandlerContext http = channel.pipeline().lastContext();
        if (http != null) {
            http.close();
        }
        cut(channel);
    }

    /**
     * Takes in what has come on the socket and was not read yet, its end included, as the loop does when it finds the
     * socket readable. Not to be called while the socket is being read.
     */
    static void look(Channel channel) {
        if (channel instanceof AbstractNioChannel socket
                && socket.isActive()
                && socket.config().isAutoRead()) {
            socket.unsafe().read();
        }
    }

    /** Closes the socket without a word. */
    static void cut(Channel channel) {
        if (channel.isOpen()) {
            channel.unsafe().close(channel.unsafe().voidPromise());
        }
    }
}
