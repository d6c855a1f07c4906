package dev.kimi.test.support;

import dev.kimi.time.TimeSource;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;

/** Waits for futures, and for states that announce themselves by no event, such as the counters of a pool. */
public final class Eventually {

    private Eventually() {}

    /**
     * Whether the condition comes to hold. Looks every millisecond; false at once when the thread is interrupted.
     *
     * @param patience when to fail; a net below the test, not a measure
     */
    public static boolean holds(Duration patience, BooleanSupplier condition) {
        TimeSource time = TimeSource.system();
        long start = time.nanoTime();
        CountDownLatch never = new CountDownLatch(1);
        while (!condition.getAsBoolean()) {
            if (time.nanoTime() - start > patience.toNanos()) {
                return false;
            }
            try {
                never.await(1, TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        }
        return true;
    }

    /**
     * What the future comes to.
     *
     * @param patience when to fail; a net below the test, not a measure
     * @param what is waited for, for the message
     * @throws AssertionError if it fails, or does not complete in time
     */
    public static <T> T completes(Duration patience, CompletableFuture<T> future, String what) {
        try {
            return future.get(patience.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while waiting for " + what, e);
        } catch (ExecutionException e) {
            throw new AssertionError(what + " failed", e.getCause());
        } catch (TimeoutException e) {
            throw new AssertionError(what + " did not come within " + patience, e);
        }
    }
}
