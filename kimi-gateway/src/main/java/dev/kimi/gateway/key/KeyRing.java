package dev.kimi.gateway.key;

import dev.kimi.gateway.key.VirtualKey.Secret;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The keys at one moment, found by the hash of what a client presents. What is compared are hashes, which nobody can
 * steer without knowing a key, and each is compared as a whole, so that the time says nothing about how near a guess
 * was. Immutable.
 */
final class KeyRing {

    static final KeyRing EMPTY = new KeyRing(List.of(), Map.of());

    /** What a hash that is not known is compared with, for the same work. */
    private static final byte[] NOBODY = new byte[32];

    private final List<VirtualKey> keys;
    private final Map<String, KeyMeter> meters;
    private final Map<ByteBuffer, Entry> byHash = new HashMap<>();

    /**
     * @param keys all, the oldest first
     * @param meters by id, and of keys that are gone too
     */
    KeyRing(List<VirtualKey> keys, Map<String, KeyMeter> meters) {
        this.keys = List.copyOf(keys);
        this.meters = Map.copyOf(meters);
        for (VirtualKey key : keys) {
            KeyMeter meter = this.meters.get(key.id());
            for (Secret secret : key.secrets()) {
                if (meter != null) {
                    byte[] hash = HexFormat.of().parseHex(secret.hash());
                    byHash.put(ByteBuffer.wrap(hash), new Entry(hash, meter, secret.expires()));
                }
            }
        }
    }

    List<VirtualKey> keys() {
        return keys;
    }

    /** By id, those of keys that are gone too. */
    Map<String, KeyMeter> meters() {
        return meters;
    }

    @Nullable KeyMeter meter(String id) {
        return meters.get(id);
    }

    /** Whose that is, or null if it is nobody's or its time is over. */
    @Nullable KeyMeter find(char[] presented, Instant now) {
        byte[] hash = KeyText.hash(presented);
        Entry entry = byHash.get(ByteBuffer.wrap(hash));
        boolean same = MessageDigest.isEqual(hash, entry == null ? NOBODY : entry.hash());
        return same && entry != null && (entry.expires() == null || now.isBefore(entry.expires()))
                ? entry.meter()
                : null;
    }

    private record Entry(
            byte[] hash, KeyMeter meter, @Nullable Instant expires) {}
}
