package dev.kimi.gateway.key;

import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Where keys are kept. Methods block, and are called on a thread of the gateway's own, one after another. Others may
 * read and change the same store.
 */
public interface KeyStore {

    /**
     * All keys, those that are revoked too.
     *
     * @throws java.io.UncheckedIOException if they cannot be read, saying where and why; what was read before stays
     *     valid
     */
    List<VirtualKey> load();

    /**
     * Reads a key, changes it and keeps it, so that no change of another instance is lost.
     *
     * @param change gets the key, or null where there is none of that id, and gives what is kept; what it throws,
     *     nothing being changed, is thrown
     * @return what is kept
     * @throws java.io.UncheckedIOException if the store fails
     */
    VirtualKey update(String id, Function<@Nullable VirtualKey, VirtualKey> change);
}
