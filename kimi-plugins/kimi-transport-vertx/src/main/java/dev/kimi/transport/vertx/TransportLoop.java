package dev.kimi.transport.vertx;

import io.vertx.core.Vertx;
import io.vertx.core.net.ClientSSLOptions;
import java.net.URI;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One event loop and the pools that it serves. Belongs to the loop's thread, but for {@link #close}. */
final class TransportLoop {

    private final VertxSettings settings;
    private final Connector connector;
    private final Names names;
    private final int index;
    private final LoopExecutor executor;
    private final LoopCounters counters = new LoopCounters();
    private final Http2Windows.Allowance allowance;
    private final Map<Origin, OriginPool> pools = new HashMap<>();
    private final Set<CloseListener> closeListeners = new HashSet<>();
    private @Nullable URI lastUri;
    private @Nullable OriginPool lastPool;
    private ClientSSLOptions tls;

    /** @param index of this loop among as many as the settings say */
    TransportLoop(Vertx vertx, VertxSettings settings, Connector connector, Names names, int index) {
        this.settings = settings;
        this.connector = connector;
        this.names = names;
        this.index = index;
        this.executor = new LoopExecutor(vertx, settings.timer);
        this.tls = connector.tls();
        this.allowance = new Http2Windows.Allowance(share(Http2Windows.MAX_GROWN));
    }

    /** For any thread. */
    LoopExecutor executor() {
        return executor;
    }

    /** For any thread. */
    LoopCounters counters() {
        return counters;
    }

    /** Is notified when the transport closes, for which its connections alone would not. */
    interface CloseListener {
        void onClose();
    }

    void add(CloseListener listener) {
        closeListeners.add(listener);
    }

    void remove(CloseListener listener) {
        closeListeners.remove(listener);
    }

    /**
     * The pool of an origin.
     *
     * @throws IllegalArgumentException if the URI is no usable origin
     */
    OriginPool pool(URI uri) {
        ClientSSLOptions now = connector.tls();
        if (now != tls) {
            tls = now;
            pools.forEach((origin, pool) -> {
                if (origin.tls()) {
                    pool.renew();
                }
            });
        }
        OriginPool last = lastPool;
        // callers send the same object every time, which saves hashing it
        if (last != null && uri.equals(lastUri)) {
            return last;
        }
        OriginPool pool = pools.computeIfAbsent(Origin.of(uri), this::newPool);
        lastUri = uri;
        lastPool = pool;
        return pool;
    }

    private OriginPool newPool(Origin origin) {
        Route route = connector.route(origin);
        Addresses addresses = names.of(route.host(), executor);
        PendingConnections pending =
                new PendingConnections(route, connector, addresses, executor, settings.connectNanos);
        Sizing sizing = settings.sizing;
        OriginPool.Limits limits = new OriginPool.Limits(
                share(sizing.maxConnections()),
                share(settings.maxPending),
                sizing.isByLoad() ? Sizing.BY_LOAD : share(sizing.keepAlive()));
        return new OriginPool(connector.mayMultiplex(origin), pending, executor, counters, settings, limits, allowance);
    }

    /** This loop's part of a limit that all loops share. */
    private int share(int total) {
        int loops = settings.eventLoops;
        return Math.max(1, total / loops + (index < total % loops ? 1 : 0));
    }

    /** Fails what waits or runs, closes all connections, and then runs the task; for any thread, does not block. */
    void close(Runnable afterwards) {
        boolean willRun = executor.execute(begin -> {
            executor.close();
            List.copyOf(pools.values()).forEach(OriginPool::close);
            Set.copyOf(closeListeners).forEach(CloseListener::onClose);
            afterwards.run();
        });
        if (!willRun) {
            afterwards.run();
        }
    }
}
