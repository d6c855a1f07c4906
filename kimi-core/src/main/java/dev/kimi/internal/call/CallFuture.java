package dev.kimi.internal.call;

import dev.kimi.error.KimiException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The future of a call: cancelling it cancels the call. */
final class CallFuture<T> extends CompletableFuture<T> {

    private volatile @Nullable Call call;
    private volatile @Nullable KimiException cancelledBy;

    /** Set before anybody else sees the future. */
    void of(Call started) {
        this.call = started;
    }

    /** The call was cancelled; told before the future completes. */
    void cancelledBy(KimiException reason) {
        this.cancelledBy = reason;
    }

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
        boolean cancelled = super.cancel(mayInterruptIfRunning);
        Call current = call;
        if (cancelled && current != null) {
            current.cancel(details -> Failures.cancelled("its future was cancelled", details));
        }
        return cancelled;
    }

    /** Cancels the call because the thread that waits for it was interrupted, and gives what to throw there. */
    KimiException interrupted() {
        Call current = call;
        if (current == null) {
            return Failures.cancelled(Blocking.INTERRUPTED, KimiException.Details.NONE);
        }
        current.cancel(details -> Failures.cancelled(Blocking.INTERRUPTED, details));
        KimiException reason = cancelledBy;
        // it had ended by itself, or another thread is in a turn and will cancel it
        return reason == null ? Failures.cancelled(Blocking.INTERRUPTED, current.known()) : reason;
    }
}
