package dev.kimi.gateway.admin;

import dev.kimi.error.ConfigurationException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.http.server.reactive.ReactorHttpHandlerAdapter;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.netty.ChannelBindException;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;
import reactor.netty.resources.LoopResources;

/**
 * The admin face as it runs: on the gateway's port, or on one of its own. It stops when calls have been drained, so
 * that this can be watched, and before the web server waits for its last requests, which would include those who watch.
 */
final class AdminFace implements SmartLifecycle {

    /** After the drain of the server package, before {@code WebServerGracefulShutdownLifecycle}. */
    private static final int PHASE = SmartLifecycle.DEFAULT_PHASE - 768;

    private static final Logger LOG = LoggerFactory.getLogger(AdminFace.class);

    private final AdminProperties settings;
    private final @Nullable RouterFunction<ServerResponse> routes;
    private final @Nullable AdminWatchers watchers;
    private final Supplier<@Nullable LoopResources> threads;
    private volatile boolean running;
    private @Nullable DisposableServer server;

    /** @param threads those of the gateway, for a port of its own; null for those that are shared in the process */
    AdminFace(
            AdminProperties settings,
            @Nullable RouterFunction<ServerResponse> routes,
            @Nullable AdminWatchers watchers,
            Supplier<@Nullable LoopResources> threads) {
        this.settings = settings;
        this.routes = routes;
        this.watchers = watchers;
        this.threads = threads;
    }

    /** One whose paths do not exist. */
    static AdminFace off() {
        return new AdminFace(new AdminProperties(), null, null, () -> null);
    }

    /** What of it is on the gateway's port. */
    RouterFunction<ServerResponse> onGatewayPort() {
        return routes != null && settings.getPort() == null
                ? routes
                : RouterFunctions.route(
                        any -> false, any -> ServerResponse.notFound().build());
    }

    /** The port of its own that it listens on, or null. */
    synchronized @Nullable Integer port() {
        return server == null ? null : server.port();
    }

    /** Those who watch; null where the face is off. */
    @Nullable AdminWatchers watchers() {
        return watchers;
    }

    @Override
    public synchronized void start() {
        Integer port = settings.getPort();
        if (routes != null && port != null) {
            server = bind(routes, settings.getAddress(), port);
            LOG.info("Admin page: http://{}:{}/admin", settings.getAddress(), server.port());
        }
        running = true;
    }

    private DisposableServer bind(RouterFunction<ServerResponse> routes, String address, int port) {
        try {
            LoopResources loops = threads.get();
            HttpServer http = HttpServer.create();
            return (loops == null ? http : http.runOn(loops))
                    .host(InetAddress.getByName(address).getHostAddress())
                    .port(port)
                    .handle(new ReactorHttpHandlerAdapter(RouterFunctions.toHttpHandler(routes)))
                    .bindNow();
        } catch (UnknownHostException | ChannelBindException e) {
            throw new ConfigurationException(
                    "kimi.gateway.admin.port",
                    "The admin face cannot listen on " + address + ":" + port + ".",
                    "Set it and kimi.gateway.admin.address to a port that is free and an address of this machine.");
        }
    }

    @Override
    public synchronized void stop() {
        if (watchers != null) {
            watchers.close();
        }
        if (server != null) {
            server.disposeNow();
            server = null;
        }
        running = false;
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    @Override
    public int getPhase() {
        return PHASE;
    }
}
