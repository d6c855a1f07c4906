package dev.kimi.transport.vertx;

import io.netty.channel.Channel;
import io.vertx.core.net.impl.SocketAddressImpl;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An address that is being connected to, with the socket as soon as there is one. Belongs to its loop's thread.
 */
final class Dialing extends SocketAddressImpl {

    private @Nullable Channel socket;
    private boolean givenUp;

    Dialing(InetAddress address, int port) {
        super(new InetSocketAddress(address, port));
    }

    /** The socket begins to connect; false if it must not. */
    boolean began(Channel connecting) {
        socket = connecting;
        return !givenUp;
    }

    /** The socket, which there is once it has connected. */
    Channel socket() {
        return Objects.requireNonNull(socket);
    }

    /** Closes the socket now, or lets none be opened, wherever it is between name and HTTP. */
    void giveUp() {
        givenUp = true;
        if (socket != null) {
            Sockets.cut(socket);
        }
    }
}
