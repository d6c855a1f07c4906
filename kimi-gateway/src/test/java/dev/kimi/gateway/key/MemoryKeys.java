package dev.kimi.gateway.key;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.UnaryOperator;

/** Keys in memory, whose usage a test sets. */
public final class MemoryKeys implements VirtualKeys {

    private static final Instant LONG_AGO = Instant.parse("2026-11-01T09:00:00Z");

    private final Map<String, VirtualKey> keys = new LinkedHashMap<>();
    private final Map<String, KeyUsage> usage = new LinkedHashMap<>();
    private int issued;

    public synchronized void used(String id, int inFlight, String today, String month) {
        usage.put(id, new KeyUsage(inFlight, new BigDecimal(today), new BigDecimal(month), BigDecimal.ZERO));
    }

    @Override
    public boolean configured() {
        return true;
    }

    @Override
    public synchronized List<VirtualKey> list() {
        return List.copyOf(keys.values());
    }

    @Override
    public synchronized KeyUsage usage(String id) {
        return usage.getOrDefault(id, KeyUsage.NONE);
    }

    @Override
    public synchronized CompletionStage<IssuedKey> issue(VirtualKey.Terms terms) {
        issued++;
        String id = "key-" + issued;
        VirtualKey key = new VirtualKey(id, terms, List.of(), LONG_AGO.plusSeconds(issued), null);
        keys.put(id, key);
        return rotate(id, Duration.ZERO);
    }

    @Override
    public CompletionStage<VirtualKey> change(String id, VirtualKey.Terms terms) {
        return replace(id, key -> new VirtualKey(id, terms, key.secrets(), key.created(), key.revoked()));
    }

    @Override
    public synchronized CompletionStage<IssuedKey> rotate(String id, Duration overlap) {
        List<VirtualKey.Secret> secrets = new ArrayList<>();
        String ending = "%04d"
                .formatted(keys.values().stream()
                                .mapToInt(key -> key.secrets().size())
                                .sum()
                        + issued);
        secrets.add(new VirtualKey.Secret("0".repeat(64), ending, LONG_AGO, null));
        return replace(id, key -> {
                    if (!overlap.isZero()) {
                        secrets.addAll(key.secrets());
                    }
                    return new VirtualKey(id, key.terms(), secrets, key.created(), key.revoked());
                })
                .thenApply(key -> new IssuedKey(key, ("kimi-sk-secret-of-" + id + "-" + ending).toCharArray()));
    }

    @Override
    public CompletionStage<VirtualKey> revoke(String id) {
        return replace(id, key -> new VirtualKey(id, key.terms(), List.of(), key.created(), LONG_AGO));
    }

    private synchronized CompletionStage<VirtualKey> replace(String id, UnaryOperator<VirtualKey> change) {
        VirtualKey key = keys.get(id);
        if (key == null) {
            return CompletableFuture.failedStage(new NoSuchElementException("There is no key " + id + "."));
        }
        VirtualKey changed = change.apply(key);
        keys.put(id, changed);
        return CompletableFuture.completedStage(changed);
    }
}
