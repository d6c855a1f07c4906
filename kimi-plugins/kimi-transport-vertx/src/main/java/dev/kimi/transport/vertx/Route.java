package dev.kimi.transport.vertx;

import io.netty.channel.ChannelPromise;
import org.jspecify.annotations.Nullable;

/**
 * Where connections to an origin are opened.
 *
 * @param proxy that leads there; null for none
 */
record Route(Origin origin, @Nullable Proxy proxy) {

    /** The name to look up: behind a proxy not that of the origin, which only the proxy may know. */
    String host() {
        return proxy == null ? origin.host() : proxy.host();
    }

    int port() {
        return proxy == null ? origin.port() : proxy.port();
    }

    /** What opens the way to the origin on a socket that connects to {@link #host}; null where that is the origin's. */
    @Nullable Tunnel tunnel(ChannelPromise opened) {
        if (proxy == null) {
            return null;
        }
        return proxy.type() == Proxy.Type.HTTP
                ? new HttpTunnel(proxy, origin, opened)
                : new SocksTunnel(proxy, origin, opened);
    }
}
