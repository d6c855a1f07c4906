package dev.kimi.vendor.internal;

import java.util.concurrent.CompletableFuture;

/** A future that cancels its exchange when it, or a stage that depends on it, is cancelled. */
final class ResponseFuture<T> extends CompletableFuture<T> {

    private final Runnable cancel;

    ResponseFuture(Runnable cancel) {
        this.cancel = cancel;
    }

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
        boolean cancelled = super.cancel(mayInterruptIfRunning);
        if (cancelled) {
            cancel.run();
        }
        return cancelled;
    }

    @Override
    public <U> CompletableFuture<U> newIncompleteFuture() {
        return new ResponseFuture<>(cancel);
    }
}
