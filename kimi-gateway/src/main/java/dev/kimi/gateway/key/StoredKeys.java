package dev.kimi.gateway.key;

import dev.kimi.gateway.key.VirtualKey.Secret;
import dev.kimi.gateway.key.VirtualKey.Terms;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** The keys of a store, as this instance knows them. What touches the store runs on the executor. Thread-safe. */
final class StoredKeys implements VirtualKeys {

    private static final Comparator<VirtualKey> OLDEST_FIRST =
            Comparator.comparing(VirtualKey::created).thenComparing(VirtualKey::id);

    private final KeyStore store;
    private final MeterSettings settings;
    private final RandomGenerator random;
    private final Executor executor;

    private volatile KeyRing ring = KeyRing.EMPTY;

    /**
     * @param random for the characters of keys, which nobody may predict
     * @param executor runs one task after another, and may be blocked
     */
    StoredKeys(KeyStore store, MeterSettings settings, RandomGenerator random, Executor executor) {
        this.store = store;
        this.settings = settings;
        this.random = random;
        this.executor = executor;
    }

    KeyRing ring() {
        return ring;
    }

    /** Goes by what is in the store now. A key that was there before goes on where it was. */
    synchronized void reload() {
        List<VirtualKey> keys = sorted(store.load());
        if (!keys.equals(ring.keys())) {
            take(keys);
        }
    }

    private static List<VirtualKey> sorted(List<VirtualKey> keys) {
        return keys.stream().sorted(OLDEST_FIRST).toList();
    }

    /**
     * Keeps the meters of keys that are gone: what they have spent is still to be published, and they may come back.
     */
    private void take(List<VirtualKey> keys) {
        KeyRing before = ring;
        Map<String, KeyMeter> meters = new HashMap<>(before.meters());
        Set<String> gone = new HashSet<>(meters.keySet());
        for (VirtualKey key : keys) {
            gone.remove(key.id());
            KeyMeter known = meters.putIfAbsent(key.id(), new KeyMeter(key, settings));
            if (known != null) {
                known.change(key);
            }
        }
        gone.forEach(id -> revokeHere(meters.get(id)));
        ring = new KeyRing(keys, meters);
    }

    /** Whoever has been identified by it already is not admitted any more. */
    private void revokeHere(@Nullable KeyMeter meter) {
        if (meter != null && meter.key().revoked() == null) {
            VirtualKey key = meter.key();
            meter.change(new VirtualKey(key.id(), key.terms(), List.of(), key.created(), now()));
        }
    }

    @Override
    public boolean configured() {
        return true;
    }

    @Override
    public List<VirtualKey> list() {
        return ring.keys();
    }

    @Override
    public KeyUsage usage(String id) {
        KeyMeter meter = ring.meter(id);
        return meter == null ? KeyUsage.NONE : meter.usage();
    }

    @Override
    public CompletionStage<IssuedKey> issue(Terms terms) {
        return run(() -> {
            char[] characters = KeyText.next(random);
            Instant now = now();
            String id = "key-" + HexFormat.of().toHexDigits(random.nextLong()).substring(4);
            VirtualKey issued = new VirtualKey(id, terms, List.of(secret(characters, now)), now, null);
            return new IssuedKey(keep(id, before -> issued), characters);
        });
    }

    @Override
    public CompletionStage<VirtualKey> change(String id, Terms terms) {
        return run(() -> keep(id, before -> {
            VirtualKey key = usable(id, before);
            return new VirtualKey(id, terms, key.secrets(), key.created(), null);
        }));
    }

    @Override
    public CompletionStage<IssuedKey> rotate(String id, Duration overlap) {
        if (overlap.isNegative()) {
            throw new IllegalArgumentException("the overlap of a rotation cannot be negative");
        }
        return run(() -> {
            char[] characters = KeyText.next(random);
            VirtualKey rotated = keep(id, before -> rotated(usable(id, before), overlap, characters));
            return new IssuedKey(rotated, characters);
        });
    }

    private VirtualKey rotated(VirtualKey key, Duration overlap, char[] characters) {
        Instant now = now();
        Instant end = now.plus(overlap);
        List<Secret> secrets = new ArrayList<>();
        for (Secret old : key.secrets()) {
            Instant expires = old.expires() == null || old.expires().isAfter(end) ? end : old.expires();
            if (expires.isAfter(now)) {
                secrets.add(new Secret(old.hash(), old.ending(), old.created(), expires));
            }
        }
        secrets.add(secret(characters, now));
        return new VirtualKey(key.id(), key.terms(), secrets, key.created(), null);
    }

    @Override
    public CompletionStage<VirtualKey> revoke(String id) {
        return run(() -> keep(id, before -> {
            VirtualKey key = existing(id, before);
            return key.revoked() != null ? key : new VirtualKey(id, key.terms(), List.of(), key.created(), now());
        }));
    }

    private static VirtualKey existing(String id, @Nullable VirtualKey key) {
        if (key == null) {
            throw new NoSuchElementException("There is no key " + id + ".");
        }
        return key;
    }

    private static VirtualKey usable(String id, @Nullable VirtualKey before) {
        VirtualKey key = existing(id, before);
        if (key.revoked() != null) {
            throw new IllegalStateException(
                    "Key '" + key.terms().name() + "' was revoked at " + key.revoked() + ". Issue another.");
        }
        return key;
    }

    private static Secret secret(char[] characters, Instant now) {
        String ending =
                String.valueOf(Arrays.copyOfRange(characters, characters.length - KeyText.ENDING, characters.length));
        return new Secret(HexFormat.of().formatHex(KeyText.hash(characters)), ending, now, null);
    }

    /** Stores keep seconds. */
    private Instant now() {
        return settings.time().now().truncatedTo(ChronoUnit.SECONDS);
    }

    /** This instance goes by the change at once; if the store cannot be read again, by the change alone. */
    private synchronized VirtualKey keep(String id, Function<@Nullable VirtualKey, VirtualKey> change) {
        VirtualKey kept = store.update(id, change);
        List<VirtualKey> keys = new ArrayList<>(ring.keys());
        keys.removeIf(key -> key.id().equals(id));
        keys.add(kept);
        take(sorted(keys));
        return kept;
    }

    private <T> CompletionStage<T> run(Supplier<T> task) {
        return CompletableFuture.supplyAsync(task, executor);
    }
}
