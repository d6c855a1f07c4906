package dev.kimi.samples.benchmark.gateway;

import dev.kimi.time.TimeSource;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** The time of the measurements. */
final class Clock {

    private static final TimeSource TIME = TimeSource.system();

    private Clock() {}

    static long now() {
        return TIME.nanoTime();
    }

    static void waitUntil(long nanoTime) {
        try {
            if (new CountDownLatch(1).await(nanoTime - now(), TimeUnit.NANOSECONDS)) {
                throw new IllegalStateException("nobody opens this latch");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }
}
