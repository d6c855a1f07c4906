package dev.kimi.gateway.face;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kimi.KimiClient;
import dev.kimi.gateway.dialect.GatewayException;
import dev.kimi.test.FakeKimiClient;
import dev.kimi.time.VirtualTime;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class RoutesTest {

    private static final Set<String> KNOWN = Set.of("kimi-k3", "moonshot-v1-8k");

    private final KimiClient kimi = new FakeKimiClient("default");
    private final KimiClient claude = new FakeKimiClient("claude");

    private Routes routes(Map<String, String> aliases) {
        return new Routes(List.of(kimi, claude), aliases, (client, model) -> client == kimi && KNOWN.contains(model));
    }

    private String route(Map<String, String> aliases, String model) {
        Routes.Route route = routes(aliases).of(model);
        return route.client().name() + ":" + route.model();
    }

    @Test
    void models_find_their_client_without_configuration() {
        assertThat(route(Map.of(), "kimi-k3")).isEqualTo("default:kimi-k3");
        assertThat(route(Map.of(), "claude-kimi-k3")).isEqualTo("default:kimi-k3");
        assertThat(route(Map.of(), Routes.aliasOf("moonshot-v1-8k"))).isEqualTo("default:moonshot-v1-8k");
        assertThat(route(Map.of(), "claude-opus-9")).isEqualTo("claude:claude-opus-9");
    }

    @Test
    void configured_names_come_first() {
        Map<String, String> names = Map.of("fast", "kimi-k3", "best", "claude/opus", "claude-x", "moonshotai/kimi");

        assertThat(route(names, "fast")).isEqualTo("default:kimi-k3");
        assertThat(route(names, "best")).isEqualTo("claude:opus");
        assertThat(route(names, "claude-x")).isEqualTo("default:moonshotai/kimi");
    }

    @Test
    void a_name_that_stands_for_nothing_is_rejected() {
        for (String model : List.of("gpt-9", "claude-kimi-k9")) {
            assertThatThrownBy(() -> routes(Map.of()).of(model)).isInstanceOfSatisfying(GatewayException.class, e -> {
                assertThat(e.error().status()).isEqualTo(404);
                assertThat(e.error().message()).contains(model);
            });
        }
    }

    @Test
    void the_list_of_models_does_not_wait_for_a_service_and_is_read_again() {
        VirtualTime time = new VirtualTime();
        ModelCatalog catalog = new ModelCatalog(new Pace(time, time));
        CompletableFuture<List<dev.kimi.service.ModelCard>> first = new CompletableFuture<>();
        int[] calls = new int[1];
        KimiClient slow = (KimiClient) Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {KimiClient.class},
                (proxy, method, arguments) -> switch (method.getName()) {
                    case "modelsAsync" ->
                        calls[0]++ == 0 ? first : CompletableFuture.completedFuture(List.of(card("kimi-k9")));
                    case "model" -> "kimi-k3";
                    case "modelCard" -> card((String) arguments[0]);
                    case "hashCode" -> 1;
                    case "equals" -> proxy == arguments[0];
                    default -> throw new UnsupportedOperationException(method.getName());
                });

        catalog.keepReading(slow);
        assertThat(catalog.models(slow)).containsOnlyKeys("kimi-k3");
        assertThat(catalog.knows(slow, "kimi-k3")).isTrue();
        assertThat(catalog.knows(slow, "kimi-k9")).isFalse();

        first.completeExceptionally(new IllegalStateException());
        time.advance(java.time.Duration.ofSeconds(30));
        assertThat(catalog.models(slow)).containsOnlyKeys("kimi-k9");
        assertThat(catalog.knows(slow, "kimi-k9")).isTrue();
    }

    private static dev.kimi.service.ModelCard card(String id) {
        return dev.kimi.service.ModelCard.builder(id).build();
    }
}
