package dev.kimi.gateway.key;

import dev.kimi.service.ModelPrices;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Logs each model without a price, once. Thread-safe. */
final class Unpriced {

    private static final System.Logger LOG = System.getLogger("dev.kimi.gateway.keys");
    private static final int MOST = 100;

    private final Set<String> logged = ConcurrentHashMap.newKeySet();

    void found(String model, ModelPrices fallback) {
        if (!logged.contains(model) && logged.size() < MOST && logged.add(model)) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "The card of the model {0} has no prices in US dollars: for keys and their budgets a million tokens"
                            + " count as {1} US dollars read and {2} written. Set kimi.model-cards for it, or"
                            + " kimi.gateway.keys.fallback-prices.",
                    model,
                    fallback.input().toPlainString(),
                    fallback.output().toPlainString());
        }
    }
}
