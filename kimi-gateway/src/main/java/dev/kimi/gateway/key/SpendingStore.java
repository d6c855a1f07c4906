package dev.kimi.gateway.key;

import java.util.List;
import java.util.Set;

/**
 * Where it is kept what was spent. Each instance, which is one run of a gateway, keeps rows of its own and replaces
 * them as a whole, so that writing them twice changes nothing. Methods block, and are called on a thread of the
 * gateway's own, one after another; they throw {@link java.io.UncheckedIOException} if the store fails.
 */
public interface SpendingStore {

    /** Keeps rows of this instance in place of those of the same key and period. */
    void publish(List<Spending> own);

    /**
     * What other instances have spent, earlier runs among them: one row for each key and period. What they hold open
     * counts for a minute after they have published last.
     */
    List<Spending> others(Set<String> periods);

    /**
     * What was spent for a key.
     *
     * @param period a day, such as {@code 2026-11-28}, or a month, such as {@code 2026-11}
     * @param spent in billionths of a US dollar
     * @param open what calls in flight may cost at most, the same in the rows of day and month
     */
    record Spending(String keyId, String period, long spent, long open) {}
}
