package dev.kimi.transport.vertx;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.nio.AbstractNioChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.vertx.core.impl.transports.NioTransport;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.ClosedChannelException;
import org.jspecify.annotations.Nullable;

/**
 * The sockets of one transport. Vert.x hands out a connection when it speaks HTTP, and nothing before; so that what is
 * being opened can be closed too, the address that a socket is told to connect to says for whom it does, and the socket
 * makes itself known there.
 */
final class Sockets extends NioTransport {

    /** Of up to a MiB each: more than a socket holds. */
    private static final int MOST_LAST_READS = 64;

    private volatile boolean closed;

    /**
     * Lets no further socket be made. Netty closes what an event loop has only if that is waiting for sockets when it
     * is told to end, so nothing may come after the transport has closed what there is.
     */
    void close() {
        closed = true;
    }

    @Override
    public SocketAddress convert(io.vertx.core.net.SocketAddress address) {
        return address instanceof Dialing dialing ? new Destination(dialing) : super.convert(address);
    }

    @Override
    public ChannelFactory<? extends Channel> channelFactory(boolean domainSocket) {
        return () -> {
            if (closed) {
                throw new IllegalStateException("the transport is closed");
            }
            return new DialedSocket();
        };
    }

    /**
     * Closes the socket at once, with a good bye for which there is room. TLS would first wait for seconds until that
     * is written, and HTTP/1.1 and HTTP/2 until their last message is, which never ends when the peer does not read.
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

    /** Where a socket is to connect to, and for whom. */
    private static final class Destination extends InetSocketAddress {
        private static final long serialVersionUID = 1;

        private final transient @Nullable Dialing dialing;

        Destination(Dialing dialing) {
            super(dialing.ipAddress(), dialing.port());
            this.dialing = dialing;
        }
    }

    private static final class DialedSocket extends NioSocketChannel {

        private boolean unwritable;

        /**
         * When the peer has closed the connection, what it said before may still be there to be read, as a GOAWAY or
         * the response to a request that it did not read to the end. It would be lost if the failure of a write closed
         * the connection, as Netty has it.
         */
        @Override
        protected void doWrite(ChannelOutboundBuffer out) throws Exception {
            if (unwritable) {
                return;
            }
            try {
                super.doWrite(out);
            } catch (IOException failure) {
                unwritable = true;
                eventLoop().execute(() -> readToTheEnd(failure));
            }
        }

        private void readToTheEnd(IOException failure) {
            for (int reads = 0; isOpen() && reads < MOST_LAST_READS; reads++) {
                // closes the channel at its end
                unsafe().read();
            }
            if (isOpen()) {
                pipeline().fireExceptionCaught(failure);
                unsafe().close(unsafe().voidPromise());
            }
        }

        @Override
        protected boolean doConnect(SocketAddress remote, @Nullable SocketAddress local) throws Exception {
            if (remote instanceof Destination destination
                    && destination.dialing != null
                    && !destination.dialing.began(this)) {
                throw new ClosedChannelException();
            }
            return super.doConnect(remote, local);
        }
    }
}
