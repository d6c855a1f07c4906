package dev.kimi.gateway.key;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Stores that several instances share in memory. */
final class MemoryStores implements KeyStore {

    private final Map<String, VirtualKey> keys = new LinkedHashMap<>();
    private final Map<String, Map<String, SpendingStore.Spending>> rows = new LinkedHashMap<>();
    private @Nullable RuntimeException failure;

    synchronized void put(VirtualKey key) {
        keys.put(key.id(), key);
    }

    synchronized void remove(String id) {
        keys.remove(id);
    }

    synchronized void failWith(@Nullable RuntimeException value) {
        failure = value;
    }

    @Override
    public synchronized List<VirtualKey> load() {
        check();
        return List.copyOf(keys.values());
    }

    @Override
    public synchronized VirtualKey update(String id, Function<@Nullable VirtualKey, VirtualKey> change) {
        check();
        VirtualKey kept = change.apply(keys.get(id));
        keys.put(id, kept);
        return kept;
    }

    private void check() {
        if (failure != null) {
            throw failure;
        }
    }

    synchronized List<SpendingStore.Spending> rowsOf(String instance) {
        return List.copyOf(rows.getOrDefault(instance, Map.of()).values());
    }

    /** What one instance sees. */
    SpendingStore spending(String instance) {
        return new SpendingStore() {
            @Override
            public void publish(List<Spending> own) {
                synchronized (MemoryStores.this) {
                    check();
                    Map<String, Spending> mine = rows.computeIfAbsent(instance, id -> new LinkedHashMap<>());
                    own.forEach(row -> mine.put(row.keyId() + ' ' + row.period(), row));
                }
            }

            @Override
            public List<Spending> others(Set<String> periods) {
                synchronized (MemoryStores.this) {
                    check();
                    Map<String, Spending> sums = new LinkedHashMap<>();
                    rows.forEach((id, mine) -> {
                        if (!id.equals(instance)) {
                            mine.values().stream()
                                    .filter(row -> periods.contains(row.period()))
                                    .forEach(row -> sums.merge(
                                            row.keyId() + ' ' + row.period(),
                                            row,
                                            (one, other) -> new Spending(
                                                    one.keyId(),
                                                    one.period(),
                                                    one.spent() + other.spent(),
                                                    one.open() + other.open())));
                        }
                    });
                    return new ArrayList<>(sums.values());
                }
            }
        };
    }
}
