package dev.kimi.transport.vertx;

import dev.kimi.transport.Exchange;
import dev.kimi.transport.ExchangeHandler;
import dev.kimi.transport.PoolState;
import dev.kimi.transport.Transport;
import dev.kimi.transport.TransportFailure;
import dev.kimi.transport.TransportRequest;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.impl.transports.TransportInternal;
import java.net.URI;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Hands every exchange to one of its event loops, where everything else happens: a loop's pools, connections and
 * exchanges are touched by its thread only and need no locks.
 */
final class VertxTransport implements Transport {

    private static final System.Logger LOG = System.getLogger("dev.kimi.connections");

    private final VertxSettings settings;
    private final Sockets sockets = new Sockets();
    private final Vertx vertx;
    private final TransportLoop[] loops;
    private final AtomicBoolean closed = new AtomicBoolean();

    VertxTransport(VertxSettings settings) {
        this(settings, null);
    }

    /** @param resolver finds the addresses of a name; null for the system's */
    VertxTransport(VertxSettings settings, @Nullable Resolver resolver) {
        this.settings = settings;
        LOG.log(
                settings.sizing.mode() == Sizing.Mode.RATIO ? System.Logger.Level.INFO : System.Logger.Level.DEBUG,
                () -> "Connection pool is sized " + settings.sizing);
        this.vertx = vertx(settings, sockets);
        Connector connector = new Connector(vertx, settings);
        Names names = new Names(resolver == null ? DnsResolver.system() : resolver, settings.time);
        this.loops = new TransportLoop[settings.eventLoops];
        for (int i = 0; i < loops.length; i++) {
            loops[i] = new TransportLoop(vertx, settings, connector, names, i);
        }
    }

    private static Vertx vertx(VertxSettings settings, Sockets sockets) {
        VertxOptions options = new VertxOptions()
                .setEventLoopPoolSize(settings.eventLoops)
                .setWorkerPoolSize(1)
                .setInternalBlockingPoolSize(1)
                .setUseDaemonThread(true)
                // its watchdog reads clocks all the time to print warnings; handlers here never block
                .setBlockedThreadCheckInterval(365)
                .setBlockedThreadCheckIntervalUnit(TimeUnit.DAYS)
                .setFileSystemOptions(
                        new FileSystemOptions().setFileCachingEnabled(false).setClassPathResolvingEnabled(false));
        return Vertx.builder()
                .with(options)
                .withTransport(new TransportInternal("nio", true, null, sockets))
                .build();
    }

    @Override
    public Exchange send(TransportRequest request, ExchangeHandler handler) {
        VertxExchange exchange = new VertxExchange(request, handler, loop(), settings.time);
        exchange.submit(settings.timer);
        return exchange;
    }

    @Override
    public CompletionStage<Optional<TransportFailure>> connect(URI origin) {
        return new Preconnect(origin, loop()).begin();
    }

    /** The loop with the fewest exchanges: connections are divided among loops, so an even load leaves none waiting. */
    private TransportLoop loop() {
        TransportLoop best = loops[0];
        for (int i = 1; i < loops.length; i++) {
            if (loops[i].counters().assigned.get() < best.counters().assigned.get()) {
                best = loops[i];
            }
        }
        return best;
    }

    @Override
    public PoolState pool() {
        int active = 0;
        int open = 0;
        int pending = 0;
        int exchanges = 0;
        int needed = 0;
        int kept = 0;
        for (TransportLoop loop : loops) {
            LoopCounters counters = loop.counters();
            active += counters.busyConnections.get();
            open += counters.openConnections.get();
            pending += counters.pendingExchanges.get();
            exchanges += counters.runningExchanges.get();
            needed += counters.neededConnections.get();
            kept += counters.keptConnections.get();
        }
        return PoolState.builder()
                .active(active)
                .idle(Math.max(0, open - active))
                .pending(pending)
                .max(settings.sizing.maxConnections())
                .exchanges(exchanges)
                .needed(needed)
                .keepAlive(settings.sizing.isByLoad() && kept > 0 ? kept : settings.sizing.keptAtRest())
                .build();
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            AtomicInteger left = new AtomicInteger(loops.length);
            for (TransportLoop loop : loops) {
                loop.close(() -> {
                    if (left.decrementAndGet() == 0) {
                        sockets.close();
                        vertx.close();
                    }
                });
            }
        }
    }
}
