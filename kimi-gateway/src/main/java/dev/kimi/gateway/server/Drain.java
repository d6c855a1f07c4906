package dev.kimi.gateway.server;

import dev.kimi.KimiClient;
import dev.kimi.gateway.call.GatewayCall;
import dev.kimi.gateway.call.GatewayListener;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.springframework.context.SmartLifecycle;

/**
 * Lets calls end before the server stops. Boot has set readiness down by then. Its phase comes before the one in which
 * Boot closes the port, so that balancers still get responses. Clients are shut down in a later phase, or here when the
 * time is over: that ends what is left with an error that says so. Thread-safe.
 */
final class Drain implements SmartLifecycle, GatewayListener {

    /** Before {@code WebServerGracefulShutdownLifecycle}. */
    static final int PHASE = SmartLifecycle.DEFAULT_PHASE - 512;

    private static final Log LOG = LogFactory.getLog(Drain.class);
    /** For error events to reach clients that read. */
    private static final Duration LAST_WORDS = Duration.ofSeconds(5);

    /** What is done with new calls. */
    enum State {
        SERVING,
        /** They are served, and their connections are closed after it. */
        LEAVING,
        REJECTING
    }

    private final ServerLimits.Drain times;
    private final ConnectionGuard connections;
    private final Supplier<Stream<KimiClient>> clients;
    private final AtomicInteger calls = new AtomicInteger();
    private final CompletableFuture<Void> idle = new CompletableFuture<>();
    private volatile State state = State.SERVING;
    private volatile boolean running;

    Drain(ServerLimits.Drain times, ConnectionGuard connections, Supplier<Stream<KimiClient>> clients) {
        this.times = times;
        this.connections = connections;
        this.clients = clients;
    }

    State state() {
        return state;
    }

    @Override
    public void started(GatewayCall call) {
        calls.incrementAndGet();
    }

    @Override
    public void ended(GatewayCall call) {
        if (calls.decrementAndGet() == 0 && state == State.REJECTING) {
            idle.complete(null);
        }
    }

    @Override
    public void start() {
        running = true;
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    @Override
    public int getPhase() {
        return PHASE;
    }

    @Override
    public void stop() {
        state = State.LEAVING;
        connections.goAway();
        await(new CompletableFuture<>(), times.delay());
        state = State.REJECTING;
        connections.goAway();
        finish(calls.get());
        running = false;
    }

    private void finish(int left) {
        if (left == 0) {
            return;
        }
        LOG.info("Stopping: new calls are rejected, " + left + " may go on for " + times.timeout() + ".");
        if (await(idle, times.timeout())) {
            return;
        }
        LOG.warn("Stopping: " + calls.get() + " calls have not ended in " + times.timeout()
                + " and end with an error now. kimi.gateway.server.drain.timeout gives them longer.");
        clients.get().forEach(client -> client.shutdown(Duration.ZERO));
        await(idle, LAST_WORDS);
    }

    private static boolean await(CompletableFuture<Void> event, Duration most) {
        try {
            event.get(most.toNanos(), TimeUnit.NANOSECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
