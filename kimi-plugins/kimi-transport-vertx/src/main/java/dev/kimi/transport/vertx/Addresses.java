package dev.kimi.transport.vertx;

import dev.kimi.time.TimeSource;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The addresses of a name as last found, those that lately failed after those that did not. Belongs to its loop's
 * thread.
 */
final class Addresses {

    private static final long SUSPECT_NANOS = 30_000_000_000L;
    /** A name server's outage must not become ours, but nor may a service that moved be sought endlessly. */
    private static final long STALE_NANOS = 3_600_000_000_000L;

    private final String host;
    private final Resolver resolver;
    private final TimeSource time;
    private final Map<InetAddress, Long> suspects = new HashMap<>();
    private List<InetAddress> found = List.of();
    private long foundAtNanos;

    Addresses(String host, Resolver resolver, TimeSource time) {
        this.host = host;
        this.resolver = resolver;
        this.time = time;
    }

    /**
     * Resolves the name, and hands over its addresses in the order in which they are to be tried. When it cannot be
     * resolved now, they are those that were found last, or none, with the failure, which is null if the name has none.
     */
    void find(BiConsumer<List<InetAddress>, @Nullable Throwable> then) {
        resolver.resolve(host).onComplete((resolved, failure) -> {
            if (failure == null && !resolved.isEmpty()) {
                found = List.copyOf(resolved);
                foundAtNanos = time.nanoTime();
                suspects.keySet().retainAll(resolved);
            }
            then.accept(inOrder(), failure);
        });
    }

    /** Tries the address last for the next half minute. */
    void suspect(InetAddress address) {
        suspects.put(address, time.nanoTime() + SUSPECT_NANOS);
    }

    private List<InetAddress> inOrder() {
        long now = time.nanoTime();
        if (now - foundAtNanos > STALE_NANOS) {
            found = List.of();
        }
        suspects.values().removeIf(until -> now - until >= 0);
        if (suspects.isEmpty()) {
            return found;
        }
        List<InetAddress> ordered = new ArrayList<>(found);
        ordered.removeIf(suspects::containsKey);
        for (InetAddress address : found) {
            if (suspects.containsKey(address)) {
                ordered.add(address);
            }
        }
        return ordered;
    }
}
