package dev.kimi.internal.call;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The future of a call: cancelling it cancels the call. */
final class CallFuture<T> extends CompletableFuture<T> {

    private volatile @Nullable Call call;

    /** Set before anybody else sees the future. */
    void of(Call started) {
        this.call = started;
    }

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
        boolean cancelled = super.cancel(mayInterruptIfRunning);
        Call current = call;
        if (cancelled && current != null) {
            current.cancel(Failures.cancelled("its future was cancelled"));
        }
        return cancelled;
    }
}
