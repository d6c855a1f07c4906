package dev.kimi.test.support;

import dev.kimi.time.TimeSource;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Waits for states that announce themselves by no event, such as the counters of a pool. */
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
}
