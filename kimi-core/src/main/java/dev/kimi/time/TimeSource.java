package dev.kimi.time;

import java.time.Instant;

/**
 * Reads clocks. Everything in this library that needs the time asks one of these, so that a test can hand in
 * {@link VirtualTime}. Implementations are thread-safe.
 */
public interface TimeSource {

    /** Monotonic time in nanoseconds from an arbitrary origin; only differences mean anything. */
    long nanoTime();

    /** Wall-clock time, used only to read and report calendar times such as {@code Retry-After} dates. */
    Instant now();

    /** The machine's clocks. */
    static TimeSource system() {
        return SystemTime.INSTANCE;
    }
}
