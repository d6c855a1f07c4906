package dev.kimi.gateway.face;

import dev.kimi.KimiClient;
import dev.kimi.service.ModelCard;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/** What models services have, as they last said: read in the background, so that nobody waits for a service. */
final class ModelCatalog {

    private static final Duration FRESH = Duration.ofMinutes(10);
    private static final Duration AGAIN = Duration.ofSeconds(30);

    private final Pace pace;
    private final Map<KimiClient, Map<String, ModelCard>> listed = new ConcurrentHashMap<>();

    ModelCatalog(Pace pace) {
        this.pace = pace;
    }

    /**
     * Reads the list of a client now, and again from time to time. Completes with the first try, never with a failure.
     */
    CompletableFuture<Void> keepReading(KimiClient client) {
        return client.modelsAsync().handle((cards, failure) -> {
            if (cards != null) {
                listed.put(
                        client,
                        cards.stream()
                                .collect(Collectors.toUnmodifiableMap(
                                        ModelCard::id, Function.identity(), (one, other) -> one)));
            }
            try {
                pace.timer().schedule((cards == null ? AGAIN : FRESH).toNanos(), () -> keepReading(client));
            } catch (IllegalStateException closed) {
                // The gateway has ended.
            }
            return null;
        });
    }

    /** Whether the service lists the model, or it has a card of its own: those of whole families know no length. */
    boolean knows(KimiClient client, String model) {
        return listed.getOrDefault(client, Map.of()).containsKey(model)
                || model.equals(client.model())
                || client.modelCard(model).contextLength() > 0;
    }

    /** What the service lists; its client's own model alone while it has not been heard of. */
    Map<String, ModelCard> models(KimiClient client) {
        Map<String, ModelCard> all = listed.get(client);
        return all != null ? all : Map.of(client.model(), client.modelCard(client.model()));
    }
}
