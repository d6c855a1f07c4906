package dev.kimi.gateway.key;

import dev.kimi.gateway.key.SpendingStore.Spending;
import dev.kimi.time.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** Brings what was spent here to the store, and what was spent elsewhere to the meters. One thread at a time. */
final class SpendingSync {

    /** Four of these pass before what calls in flight may cost does not count elsewhere any more. */
    private static final long HEARTBEAT_NANOS = Duration.ofSeconds(15).toNanos();

    private final SpendingStore store;
    private final Supplier<KeyRing> ring;
    private final Periods periods;
    private final TimeSource time;

    private List<Spending> published = List.of();
    private long publishedAt;

    SpendingSync(SpendingStore store, Supplier<KeyRing> ring, Periods periods, TimeSource time) {
        this.store = store;
        this.ring = ring;
        this.periods = periods;
        this.time = time;
    }

    /**
     * Writes first, so that a store that cannot be read still gets what is known here.
     *
     * @throws java.io.UncheckedIOException if the store fails; the next exchange makes up for it
     */
    void exchange() {
        Map<String, KeyMeter> meters = ring.get().meters();
        publish(meters);
        Map<String, Map<String, Spending>> byKey = new HashMap<>();
        for (Spending row : store.others(periods.at(time.now()).names())) {
            byKey.computeIfAbsent(row.keyId(), id -> new HashMap<>()).put(row.period(), row);
        }
        meters.forEach((id, meter) -> meter.others(byKey.getOrDefault(id, Map.of())));
    }

    private void publish(Map<String, KeyMeter> meters) {
        List<Spending> own = new ArrayList<>();
        meters.values().forEach(meter -> meter.collect(own));
        boolean open = own.stream().anyMatch(row -> row.open() > 0);
        long now = time.nanoTime();
        if (own.equals(published) && !(open && now - publishedAt >= HEARTBEAT_NANOS)) {
            return;
        }
        store.publish(own);
        meters.values().forEach(meter -> meter.published(own));
        published = own;
        publishedAt = now;
    }
}
