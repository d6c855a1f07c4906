package dev.kimi.gateway.server;

import dev.kimi.KimiClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.ApplicationRunner;

/**
 * Asks each service for its models once, which connects to it, before Boot says that the application is ready: it does
 * so after all runners. A service that does not respond does not keep the gateway from being ready.
 */
final class WarmUp implements ApplicationRunner {

    private static final Log LOG = LogFactory.getLog(WarmUp.class);

    private final Supplier<Map<String, KimiClient>> clients;
    private final Duration most;

    WarmUp(Supplier<Map<String, KimiClient>> clients, Duration most) {
        this.clients = clients;
        this.most = most;
    }

    @Override
    public void run(ApplicationArguments args) throws InterruptedException {
        if (most.isZero()) {
            return;
        }
        List<CompletableFuture<?>> first = new ArrayList<>();
        clients.get().forEach((name, client) -> {
            CompletableFuture<?> models = client.modelsAsync();
            first.add(models);
            models.whenComplete((found, failure) -> {
                if (failure != null) {
                    LOG.info("The service of " + name + " did not list its models before the first call: "
                            + failure.getClass().getSimpleName());
                }
            });
        });
        try {
            CompletableFuture.allOf(first.toArray(CompletableFuture[]::new)).get(most.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            first.forEach(models -> models.cancel(true));
        } catch (ExecutionException e) {
            LOG.debug("Ready without all services.");
        }
    }
}
