package dev.kimi.starter.autoconfigure;

import dev.kimi.KimiClient;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.SmartLifecycle;

/**
 * Lets the calls under way end while the context is being closed. A context that only pauses keeps its clients as they
 * are. Thread-safe.
 */
final class ClientShutdown implements SmartLifecycle {

    /**
     * After the web server has waited for its requests (1024 below the highest phase), which may make calls until then,
     * and before it stops (2048 below), so that what ends with an error can say so.
     */
    static final int PHASE = SmartLifecycle.DEFAULT_PHASE - 1536;

    private static final Log LOG = LogFactory.getLog(ClientShutdown.class);
    /** What is kept of the phase for errors to get to those who wait for the calls. */
    private static final Duration LONGEST_MARGIN = Duration.ofSeconds(1);

    private static final int MARGIN_SHARE = 10;

    private final ConfigurableApplicationContext context;
    private final Duration limit;
    private volatile boolean running;

    /** @param phase how long the context waits for a phase to end */
    ClientShutdown(ConfigurableApplicationContext context, Duration phase) {
        this.context = context;
        Duration share = phase.dividedBy(MARGIN_SHARE);
        this.limit = phase.minus(share.compareTo(LONGEST_MARGIN) < 0 ? share : LONGEST_MARGIN);
    }

    @Override
    public int getPhase() {
        return PHASE;
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
    public void stop() {
        stop(() -> {});
    }

    @Override
    public void stop(Runnable callback) {
        running = false;
        if (!context.isClosed()) {
            callback.run();
            return;
        }
        CompletableFuture.allOf(ContextClients.of(context.getBeanFactory()).stream()
                        .map(this::shutdown)
                        .toArray(CompletableFuture<?>[]::new))
                .whenComplete((ended, failure) -> callback.run());
    }

    private CompletableFuture<Boolean> shutdown(KimiClient client) {
        int under = client.openCalls().size();
        CompletableFuture<Boolean> ended = ContextClients.doneUnless(client.shutdown(limit));
        if (ended.isDone()) {
            return ended;
        }
        String name = client.name();
        LOG.info("Shutting down: client '" + name + "' takes no new calls, and " + under + " may go on for " + limit
                + ".");
        return ended.whenComplete((all, failure) -> {
            if (!Boolean.TRUE.equals(all)) {
                LOG.warn("Shutting down: calls of client '" + name + "' did not end in " + limit
                        + " and were cancelled. spring.lifecycle.timeout-per-shutdown-phase gives them longer.");
            }
        });
    }
}
