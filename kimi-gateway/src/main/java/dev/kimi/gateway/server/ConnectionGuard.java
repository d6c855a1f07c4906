package dev.kimi.gateway.server;

import dev.kimi.gateway.server.ServerCounters.Closed;
import io.netty.channel.Channel;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http2.Http2StreamChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.reactor.netty.NettyServerCustomizer;
import org.springframework.util.unit.DataSize;
import reactor.core.publisher.Hooks;
import reactor.netty.Connection;
import reactor.netty.ConnectionObserver;
import reactor.netty.NettyPipeline;
import reactor.netty.channel.AbortedException;
import reactor.netty.http.server.HttpServer;
import reactor.netty.http.server.HttpServerState;

/** Counts connections, and puts the handlers into them that watch slow clients. Thread-safe. */
final class ConnectionGuard implements NettyServerCustomizer {

    private static final Log LOG = LogFactory.getLog(ConnectionGuard.class);
    private static final int MAX_STREAMS = 250;

    private final ServerLimits limits;
    private final Boot boot;
    private final ServerCounters counters;
    private final ClientAddresses addresses;
    private final OpenCounts perAddress;
    private final Set<RequestTimer> connections = ConcurrentHashMap.newKeySet();

    /** What Boot's own properties say: those of Boot itself do not reach HTTP/2. */
    record Boot(Duration idle, DataSize headers) {}

    ConnectionGuard(ServerLimits limits, Boot boot, ServerCounters counters, ClientAddresses addresses) {
        this.limits = limits;
        this.boot = boot;
        this.counters = counters;
        this.addresses = addresses;
        this.perAddress = new OpenCounts(limits.maxConnectionsPerAddress());
    }

    @Override
    public HttpServer apply(HttpServer server) {
        Hooks.onErrorDropped(ConnectionGuard::dropped);
        return server.idleTimeout(boot.idle())
                .http2Settings(settings -> settings.maxConcurrentStreams(MAX_STREAMS)
                        .maxHeaderListSize(boot.headers().toBytes()))
                .doOnChannelInit((observer, channel, address) -> opened(channel))
                .childObserve(this::changed);
    }

    /** Asks clients with HTTP/2 to connect elsewhere. */
    void goAway() {
        connections.forEach(RequestTimer::goAway);
    }

    /** A connection that ends after its request was rejected is no error of this program. */
    private static void dropped(Throwable failure) {
        if (AbortedException.isConnectionReset(failure)) {
            LOG.debug("A connection ended after its response.", failure);
        } else {
            LOG.error("An error came too late to be reported.", failure);
        }
    }

    private void opened(Channel channel) {
        InetAddress address = channel.remoteAddress() instanceof InetSocketAddress there ? there.getAddress() : null;
        if (counters.open().incrementAndGet() > limits.maxConnections()) {
            counters.open().decrementAndGet();
            close(channel, Closed.TOO_MANY);
            return;
        }
        InetAddress limited = address != null && !addresses.isProxy(address) ? address : null;
        if (limited != null && !perAddress.enter(limited)) {
            counters.open().decrementAndGet();
            close(channel, Closed.TOO_MANY_OF_ADDRESS);
            return;
        }
        RequestTimer timer = new RequestTimer(limits.headerTimeout(), boot.idle(), counters);
        connections.add(timer);
        channel.closeFuture().addListener(closed -> {
            connections.remove(timer);
            counters.open().decrementAndGet();
            if (limited != null) {
                perAddress.leave(limited);
            }
        });
        ChannelPipeline pipeline = channel.pipeline();
        pipeline.addFirst(new StalledReader(limits.writeTimeout(), counters));
        if (pipeline.get(NettyPipeline.SslHandler) == null) {
            pipeline.addFirst(timer);
        } else {
            pipeline.addAfter(NettyPipeline.SslHandler, "kimi.requestTimer", timer);
        }
    }

    private void close(Channel channel, Closed reason) {
        counters.closed(reason);
        channel.unsafe().closeForcibly();
    }

    private void changed(Connection connection, ConnectionObserver.State state) {
        Channel channel = connection.channel();
        if (state == HttpServerState.REQUEST_RECEIVED) {
            received(channel);
        } else if (state == ConnectionObserver.State.DISCONNECTING && !(channel instanceof Http2StreamChannel)) {
            RequestTimer timer = timer(channel);
            if (timer != null) {
                timer.ended();
            }
        }
    }

    private void received(Channel channel) {
        RequestTimer timer = timer(channel);
        if (timer == null) {
            return;
        }
        timer.received();
        if (channel instanceof Http2StreamChannel) {
            channel.pipeline().addFirst(new StalledReader(limits.writeTimeout(), counters));
            channel.closeFuture().addListener(closed -> timer.ended());
        }
    }

    private static @Nullable RequestTimer timer(Channel channel) {
        Channel connection = channel instanceof Http2StreamChannel stream ? stream.parent() : channel;
        return connection.pipeline().get(RequestTimer.class);
    }
}
