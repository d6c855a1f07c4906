package dev.kimi.gateway.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.KimiClient;
import dev.kimi.service.ModelCard;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.springframework.boot.DefaultApplicationArguments;

class WarmUpTest {

    @Test
    void it_waits_for_the_first_response_of_each_service() throws Exception {
        CompletableFuture<List<ModelCard>> models = new CompletableFuture<>();
        WarmUp warmUp = new WarmUp(() -> Map.of("kimi", client(models)), Duration.ofHours(1));
        CompletableFuture<Void> ready = CompletableFuture.runAsync(() -> run(warmUp));

        assertThat(ready).isNotDone();
        models.complete(List.of());
        ready.join();
    }

    @Test
    void a_service_that_fails_or_is_silent_does_not_keep_the_gateway_from_being_ready() {
        CompletableFuture<List<ModelCard>> silent = new CompletableFuture<>();
        WarmUp warmUp = new WarmUp(
                () -> Map.of(
                        "kimi", client(CompletableFuture.failedFuture(new IllegalStateException("down"))),
                        "claude", client(silent)),
                Duration.ofMillis(20));

        run(warmUp);

        assertThat(silent).isCancelled();
    }

    @Test
    void no_time_for_it_means_no_request() {
        run(new WarmUp(
                () -> {
                    throw new AssertionError("no client is to be used");
                },
                Duration.ZERO));
    }

    private static void run(WarmUp warmUp) {
        try {
            warmUp.run(new DefaultApplicationArguments());
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static KimiClient client(CompletableFuture<List<ModelCard>> models) {
        return (KimiClient) Proxy.newProxyInstance(
                WarmUpTest.class.getClassLoader(), new Class<?>[] {KimiClient.class}, (proxy, method, args) -> models);
    }
}
