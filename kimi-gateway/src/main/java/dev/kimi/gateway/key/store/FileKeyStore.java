package dev.kimi.gateway.key.store;

import dev.kimi.gateway.key.KeyStore;
import dev.kimi.gateway.key.VirtualKey;
import dev.kimi.gateway.key.VirtualKey.Secret;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/** Keys in a file of JSON, which people and programs may change too. No file is a file without keys. */
final class FileKeyStore implements KeyStore {

    private final LockedFile file;
    private byte @Nullable [] lastRead;
    private List<VirtualKey> lastKeys = List.of();

    FileKeyStore(Path path) {
        this.file = new LockedFile(path);
    }

    @Override
    public synchronized List<VirtualKey> load() {
        byte[] content = file.read();
        if (content == null) {
            lastRead = null;
            lastKeys = List.of();
        } else if (!Arrays.equals(content, lastRead)) {
            lastKeys = parse(content);
            lastRead = content;
        }
        return lastKeys;
    }

    @Override
    public VirtualKey update(String id, Function<@Nullable VirtualKey, VirtualKey> change) {
        VirtualKey[] kept = new VirtualKey[1];
        file.change(before -> {
            List<VirtualKey> keys = new ArrayList<>(before == null ? List.of() : parse(before));
            VirtualKey old =
                    keys.stream().filter(key -> key.id().equals(id)).findFirst().orElse(null);
            VirtualKey changed = change.apply(old);
            kept[0] = changed;
            if (old == null) {
                keys.add(changed);
            } else {
                keys.set(keys.indexOf(old), changed);
            }
            return KeyJson.MAPPER.writeValueAsBytes(
                    new Content(keys.stream().map(KeyJson.Entry::of).toList()));
        });
        return kept[0];
    }

    private List<VirtualKey> parse(byte[] content) {
        try {
            Content read = KeyJson.MAPPER.readValue(content, Content.class);
            List<KeyJson.Entry> entries = read.keys() == null ? List.of() : read.keys();
            List<VirtualKey> keys = entries.stream().map(KeyJson.Entry::key).toList();
            checkUnique(keys);
            return keys;
        } catch (JacksonException | IllegalArgumentException e) {
            throw Failures.of(file.path() + " is no file of keys: " + KeyJson.problem(e));
        }
    }

    private static void checkUnique(List<VirtualKey> keys) {
        Set<String> ids = new HashSet<>();
        Set<String> hashes = new HashSet<>();
        for (VirtualKey key : keys) {
            if (!ids.add(key.id())) {
                throw new IllegalArgumentException("two keys have the id " + key.id());
            }
            for (Secret secret : key.secrets()) {
                if (!hashes.add(secret.hash())) {
                    throw new IllegalArgumentException("key " + key.id() + " has the hash of another, or twice");
                }
            }
        }
    }

    /** All of the file. */
    record Content(@Nullable List<KeyJson.Entry> keys) {}
}
