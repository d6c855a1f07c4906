package dev.kimi.architecture.samples.time;

import java.time.Instant;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

final class Watch {
    long now() {
        return System.nanoTime();
    }

    LongSupplier later() {
        return () -> System.currentTimeMillis();
    }

    Supplier<Instant> reference() {
        return Instant::now;
    }
}
