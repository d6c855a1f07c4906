package dev.kimi.vendor.internal;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The exchanges of one call of an SDK, which end together. Thread-safe. */
public final class CallScope {

    /** Null once it was cancelled. Guarded by this. */
    private @Nullable List<Runnable> cancels = new ArrayList<>();

    /** @param cancel ends the exchange; called at once if the scope was cancelled before */
    void add(Runnable cancel) {
        synchronized (this) {
            if (cancels != null) {
                cancels.add(cancel);
                return;
            }
        }
        cancel.run();
    }

    /** Ends all exchanges that have not ended, and those that are yet to begin. Idempotent. */
    public void cancel() {
        List<Runnable> all;
        synchronized (this) {
            all = cancels == null ? List.of() : cancels;
            cancels = null;
        }
        all.forEach(Runnable::run);
    }
}
