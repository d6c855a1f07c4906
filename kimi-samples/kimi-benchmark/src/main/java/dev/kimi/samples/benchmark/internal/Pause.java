package dev.kimi.samples.benchmark.internal;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Lets time pass while others work. */
public final class Pause {

    private Pause() {}

    public static void of(Duration duration) throws InterruptedException {
        if (new CountDownLatch(1).await(duration.toNanos(), TimeUnit.NANOSECONDS)) {
            throw new IllegalStateException("nobody opens this latch");
        }
    }
}
