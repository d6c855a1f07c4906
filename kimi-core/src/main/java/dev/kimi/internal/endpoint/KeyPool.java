package dev.kimi.internal.endpoint;

import java.util.List;

/**
 * Spreads conversations over endpoints that differ in their account only: each goes to the one with the highest hash of
 * both. Every process finds the same one, and another account takes from each of the others its share. Immutable.
 */
final class KeyPool {

    private final List<Endpoint> keys;

    /** @param keys at least one */
    KeyPool(List<Endpoint> keys) {
        this.keys = List.copyOf(keys);
    }

    boolean contains(Endpoint endpoint) {
        return keys.contains(endpoint);
    }

    /** Where the conversation belongs. */
    Endpoint of(String session) {
        Endpoint best = keys.get(0);
        long highest = Long.MIN_VALUE;
        for (Endpoint key : keys) {
            long hash = hash(session, key.account().id());
            if (hash > highest) {
                highest = hash;
                best = key;
            }
        }
        return best;
    }

    /** The finalizer of MurmurHash3, after which every bit of the input counts for every one of the result. */
    private static long hash(String session, String account) {
        long mixed = (long) session.hashCode() << Integer.SIZE ^ account.hashCode();
        mixed = (mixed ^ mixed >>> 33) * 0xff51afd7ed558ccdL;
        mixed = (mixed ^ mixed >>> 33) * 0xc4ceb9fe1a85ec53L;
        return mixed ^ mixed >>> 33;
    }
}
