package dev.kimi.starter.autoconfigure;

import dev.kimi.KimiClient;
import dev.kimi.KimiClient.WarmUp;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.ApplicationRunner;
import org.springframework.core.Ordered;

/**
 * Warms the clients up, all at the same time. Spring Boot says that the application is ready when all runners have
 * ended, and this is the first of them: the others may make calls.
 */
final class ClientWarmUp implements ApplicationRunner, Ordered {

    /** The longest that it keeps an application from being ready. */
    static final Duration LIMIT = Duration.ofSeconds(10);

    /** For what a client reports at its limit. */
    private static final Duration REPORT = Duration.ofSeconds(1);

    private final ConfigurableListableBeanFactory beans;
    private final Function<KimiClient, WarmUp> settings;

    /** @param settings what is to be done for a client */
    ClientWarmUp(ConfigurableListableBeanFactory beans, Function<KimiClient, WarmUp> settings) {
        this.beans = beans;
        this.settings = settings;
    }

    @Override
    public int getOrder() {
        return HIGHEST_PRECEDENCE;
    }

    @Override
    public void run(ApplicationArguments arguments) throws InterruptedException {
        CompletableFuture<?>[] all = ContextClients.of(beans).stream()
                .map(client -> ContextClients.doneUnless(client.warmUp(settings.apply(client), LIMIT)))
                .toArray(CompletableFuture<?>[]::new);
        try {
            CompletableFuture.allOf(all).get(LIMIT.plus(REPORT).toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException | ExecutionException e) {
            // each client reports what its first calls have to make up for
        }
    }
}
