package dev.kimi.gateway.key;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * The keys of the gateway, for those who look after them. Thread-safe; nothing blocks. What changes keys completes when
 * the store has it and this instance goes by it; other instances follow within the reload interval.
 *
 * <p>Stages fail with {@link java.util.NoSuchElementException} for an id that there is not,
 * {@link IllegalStateException} when a key cannot be changed (it is revoked, or no store is configured) and
 * {@link java.io.UncheckedIOException} when the store fails, all with messages for people.
 */
public interface VirtualKeys {

    /** Whether there is a store. Without one anybody may call, without limits, and nothing can be issued. */
    boolean configured();

    /** All keys as this instance knows them, those that are revoked too, the oldest first. */
    List<VirtualKey> list();

    /** What a key has used as far as this instance knows; all zero for an id that there is not. */
    KeyUsage usage(String id);

    /** A new key. */
    CompletionStage<IssuedKey> issue(VirtualKey.Terms terms);

    /** Other terms for a key. What runs goes on, and counts against the new limits. */
    CompletionStage<VirtualKey> change(String id, VirtualKey.Terms terms);

    /**
     * New characters for a key.
     *
     * @param overlap how long the old ones stay valid; zero for not at all
     */
    CompletionStage<IssuedKey> rotate(String id, Duration overlap);

    /** Ends a key for good: its next call is rejected, calls that run go on. Revoking it again changes nothing. */
    CompletionStage<VirtualKey> revoke(String id);
}
