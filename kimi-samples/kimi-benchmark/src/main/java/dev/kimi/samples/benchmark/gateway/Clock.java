package dev.kimi.samples.benchmark.gateway;

import dev.kimi.samples.benchmark.internal.Pause;
import dev.kimi.time.TimeSource;
import java.time.Duration;

/** The time of the measurements. */
final class Clock {

    private static final TimeSource TIME = TimeSource.system();

    private Clock() {}

    static long now() {
        return TIME.nanoTime();
    }

    static void waitUntil(long nanoTime) {
        try {
            Pause.of(Duration.ofNanos(nanoTime - now()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }
}
