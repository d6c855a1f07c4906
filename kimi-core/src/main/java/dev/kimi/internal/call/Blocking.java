package dev.kimi.internal.call;

import dev.kimi.error.KimiException;
import dev.kimi.internal.util.EventLoops;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;

/** Makes calls on the caller's thread and waits for them; an interrupt becomes a cancel. */
public final class Blocking {

    private Blocking() {}

    /** Sets the interrupt flag again and gives the exception to throw when no single call was waited for. */
    public static KimiException interrupted() {
        Thread.currentThread().interrupt();
        return Failures.cancelled(Failures.INTERRUPTED, KimiException.Details.NONE);
    }

    private static KimiException interrupted(CompletableFuture<?> call) {
        if (call instanceof CallFuture<?> ours) {
            KimiException reason = CallerStack.of(ours.interrupted());
            Thread.currentThread().interrupt();
            return reason;
        }
        call.cancel(true);
        return interrupted();
    }

    /**
     * Makes the call and gives its value. On a thread that is interrupted, or must not wait, nothing is started.
     *
     * @throws IllegalStateException on a thread of an event loop
     * @throws KimiException what the call failed with, with the caller's stack; after an interrupt
     *     {@link dev.kimi.error.CallCancelledException}, and the interrupt flag is set
     */
    public static <T> T call(Supplier<CompletableFuture<T>> start) {
        EventLoops.checkMayWait();
        if (Thread.currentThread().isInterrupted()) {
            throw interrupted();
        }
        CompletableFuture<T> call = start.get();
        try {
            return call.get();
        } catch (InterruptedException e) {
            throw interrupted(call);
        } catch (CancellationException e) {
            throw Failures.cancelled("its future was cancelled", KimiException.Details.NONE);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof KimiException failure) {
                throw CallerStack.of(failure);
            }
            throw new IllegalStateException("a call failed with something that is no failure of a call", e.getCause());
        }
    }
}
