package dev.kimi.transport.vertx;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.vertx.core.impl.transports.NioTransport;
import io.vertx.core.net.impl.SocketAddressImpl;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.ClosedChannelException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The sockets of one transport. Vert.x hands out a connection when it speaks HTTP, and nothing before; so that what is
 * being opened can be closed too, the address that a socket is to connect to says for whom it does, and the socket
 * makes itself known there.
 */
final class Sockets extends NioTransport {

    /** Of up to a MiB each: more than a socket holds. */
    private static final int MAX_LAST_READS = 64;

    private volatile boolean closed;

    /**
     * Lets no further socket be made. Netty closes what an event loop has only if that is waiting for sockets when it
     * is shut down, so nothing may come after the transport has closed what there is.
     */
    void close() {
        closed = true;
    }

    @Override
    public SocketAddress convert(io.vertx.core.net.SocketAddress address) {
        return address instanceof Pending pending ? new Destination(pending) : super.convert(address);
    }

    @Override
    public ChannelFactory<? extends Channel> channelFactory(boolean domainSocket) {
        return () -> {
            if (closed) {
                throw new IllegalStateException("the transport is closed");
            }
            return new Socket();
        };
    }

    /** An address that is being connected to, with the socket as soon as there is one. Belongs to its loop's thread. */
    static final class Pending extends SocketAddressImpl {

        private final Route route;
        private @Nullable Channel socket;
        private boolean cancelled;

        /** @param address one of the route's host */
        Pending(InetAddress address, Route route) {
            super(new InetSocketAddress(address, route.port()));
            this.route = route;
        }

        /** The socket begins to connect; false if it must not. */
        private boolean began(Channel connecting) {
            socket = connecting;
            return !cancelled;
        }

        /** The socket, which there is once it has connected. */
        Channel socket() {
            return Objects.requireNonNull(socket);
        }

        /** Closes the socket now, or lets none be opened, wherever it is between name and HTTP. */
        void cancel() {
            cancelled = true;
            if (socket != null) {
                Channels.cut(socket);
            }
        }
    }

    /** Where a socket is to connect to, and for whom. */
    private static final class Destination extends InetSocketAddress {
        private static final long serialVersionUID = 1;

        private final transient @Nullable Pending pending;

        Destination(Pending pending) {
            super(pending.ipAddress(), pending.port());
            this.pending = pending;
        }
    }

    private static final class Socket extends NioSocketChannel {

        private boolean unwritable;

        /** Behind a proxy, it has connected when the way to the origin is open. */
        @Override
        public ChannelFuture connect(SocketAddress remote, ChannelPromise promise) {
            Tunnel tunnel = remote instanceof Destination destination && destination.pending != null
                    ? destination.pending.route.tunnel(promise)
                    : null;
            if (tunnel == null) {
                return super.connect(remote, promise);
            }
            pipeline().addFirst(tunnel);
            super.connect(remote, tunnel.connecting(newPromise()));
            return promise;
        }

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
            for (int reads = 0; isOpen() && reads < MAX_LAST_READS; reads++) {
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
                    && destination.pending != null
                    && !destination.pending.began(this)) {
                throw new ClosedChannelException();
            }
            return super.doConnect(remote, local);
        }
    }
}
