package dev.kimi.internal.call;

import dev.kimi.error.KimiException;
import dev.kimi.internal.util.EventLoops;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The future of a call: cancelling it cancels the call. Whoever waits for it is woken as soon as the outcome is there;
 * the stages that depend on it follow on the callback executor, whose threads may all be waiting here.
 */
final class CallFuture<T> extends CompletableFuture<T> {

    /** Nothing hangs on it but waiting threads, so that any thread may complete it. */
    private final CompletableFuture<T> outcome = new CompletableFuture<>();

    private volatile @Nullable CallHandle call;
    private volatile @Nullable KimiException cancelledBy;

    /** Set before anybody else sees the future. */
    void of(CallHandle started) {
        this.call = started;
    }

    /** The call was cancelled; notified before the future completes. */
    void cancelledBy(KimiException reason) {
        this.cancelledBy = reason;
    }

    /** False when somebody else has completed it before. */
    boolean succeed(T value, Executor executor) {
        boolean first = outcome.complete(value);
        if (first) {
            executor.execute(() -> super.complete(value));
        }
        return first;
    }

    void fail(KimiException failure, Executor executor) {
        if (outcome.completeExceptionally(failure)) {
            executor.execute(() -> super.completeExceptionally(failure));
        }
    }

    @Override
    public boolean complete(T value) {
        return outcome.complete(value) && super.complete(value);
    }

    @Override
    public boolean completeExceptionally(Throwable failure) {
        return outcome.completeExceptionally(failure) && super.completeExceptionally(failure);
    }

    @Override
    public CompletableFuture<T> completeAsync(Supplier<? extends T> supplier, Executor executor) {
        CompletableFuture.supplyAsync(supplier, executor).whenComplete((value, failure) -> {
            if (failure == null) {
                complete(value);
            } else {
                completeExceptionally(failure);
            }
        });
        return this;
    }

    @Override
    public void obtrudeValue(T value) {
        outcome.obtrudeValue(value);
        super.obtrudeValue(value);
    }

    @Override
    public void obtrudeException(Throwable failure) {
        outcome.obtrudeException(failure);
        super.obtrudeException(failure);
    }

    @Override
    public T join() {
        checkMayWait(outcome);
        return outcome.join();
    }

    @Override
    public T get() throws InterruptedException, ExecutionException {
        checkMayWait(outcome);
        return outcome.get();
    }

    @Override
    public T get(long timeout, TimeUnit unit) throws InterruptedException, ExecutionException, TimeoutException {
        checkMayWait(outcome);
        return outcome.get(timeout, unit);
    }

    private static void checkMayWait(CompletableFuture<?> future) {
        if (!future.isDone()) {
            EventLoops.checkMayWait();
        }
    }

    /** What depends on the call may be waited for as little as the call itself. */
    @Override
    public <U> CompletableFuture<U> newIncompleteFuture() {
        return new Dependent<>();
    }

    private static final class Dependent<T> extends CompletableFuture<T> {

        @Override
        public T join() {
            checkMayWait(this);
            return super.join();
        }

        @Override
        public T get() throws InterruptedException, ExecutionException {
            checkMayWait(this);
            return super.get();
        }

        @Override
        public T get(long timeout, TimeUnit unit) throws InterruptedException, ExecutionException, TimeoutException {
            checkMayWait(this);
            return super.get(timeout, unit);
        }

        @Override
        public <U> CompletableFuture<U> newIncompleteFuture() {
            return new Dependent<>();
        }
    }

    @Override
    public T getNow(T otherwise) {
        return outcome.getNow(otherwise);
    }

    @Override
    public boolean isDone() {
        return outcome.isDone();
    }

    @Override
    public boolean isCancelled() {
        return outcome.isCancelled();
    }

    @Override
    public boolean isCompletedExceptionally() {
        return outcome.isCompletedExceptionally();
    }

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
        boolean cancelled = outcome.cancel(mayInterruptIfRunning);
        if (cancelled) {
            super.cancel(mayInterruptIfRunning);
        }
        CallHandle current = call;
        if (cancelled && current != null) {
            current.cancel(details -> Failures.cancelled("its future was cancelled", details));
        }
        return cancelled;
    }

    /** Cancels the call because the thread that waits for it was interrupted, and gives what to throw there. */
    KimiException interrupted() {
        CallHandle current = call;
        if (current == null) {
            return Failures.cancelled(Failures.INTERRUPTED, KimiException.Details.NONE);
        }
        current.cancel(details -> Failures.cancelled(Failures.INTERRUPTED, details));
        KimiException reason = cancelledBy;
        // it had ended by itself, or another thread is in a turn and will cancel it
        return reason == null ? Failures.cancelled(Failures.INTERRUPTED, current.known()) : reason;
    }
}
