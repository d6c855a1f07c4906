package dev.kimi.transport.vertx;

import java.net.InetAddress;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;

/**
 * Which addresses a name has, judged by its lookups so far. Belongs to its loop's thread.
 *
 * <p>An address that is missing from the last lookup has gone, for that is how a service moves. But some names have
 * many addresses of which each lookup shows others: once two addresses have come back within an hour, the name counts
 * as such a one, and an address has gone when it has been missing for a minute and from three lookups in a row.
 */
final class AddressHistory {

    private static final long MEMORY_NANOS = 3_600_000_000_000L;
    private static final int MISSES = 3;
    private static final long MISSING_NANOS = 60_000_000_000L;
    private static final int RETURNS = 2;

    private final Map<InetAddress, Sighting> sightings = new HashMap<>();
    /** When the latest addresses came back that had been missing. */
    private final ArrayDeque<Long> returns = new ArrayDeque<>(RETURNS);

    /** A lookup has shown these addresses, at least one. */
    void found(Collection<InetAddress> addresses, long now) {
        for (Iterator<Sighting> all = sightings.values().iterator(); all.hasNext(); ) {
            Sighting sighting = all.next();
            sighting.misses++;
            if (now - sighting.lastNanos > MEMORY_NANOS) {
                all.remove();
            }
        }
        for (InetAddress address : addresses) {
            Sighting sighting = sightings.computeIfAbsent(address, first -> new Sighting());
            if (sighting.misses > 1) {
                returned(now);
            }
            sighting.misses = 0;
            sighting.lastNanos = now;
        }
    }

    private void returned(long now) {
        if (returns.size() == RETURNS) {
            returns.removeFirst();
        }
        returns.addLast(now);
    }

    /** Whether the name still has the address. */
    boolean has(InetAddress address, long now) {
        Sighting sighting = sightings.get(address);
        return sighting != null
                && (sighting.misses == 0
                        || (varies(now) && (sighting.misses < MISSES || now - sighting.lastNanos < MISSING_NANOS)));
    }

    private boolean varies(long now) {
        return returns.size() == RETURNS && now - returns.getFirst() < MEMORY_NANOS;
    }

    private static final class Sighting {
        private int misses;
        private long lastNanos;
    }
}
