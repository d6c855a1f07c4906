package dev.kimi.internal.protocol;

import dev.kimi.error.KimiException;
import java.time.Duration;
import java.time.Instant;

/**
 * What the engine knows when an exception is made.
 *
 * @param attempt number of the attempt, from 1
 * @param elapsed time since the call began
 * @param now wall-clock time, for {@code Retry-After} dates
 */
public record ErrorContext(int attempt, Duration elapsed, Instant now) {

    /** Details with the attempt and the time filled in. */
    public KimiException.Details.Builder details() {
        return KimiException.Details.builder().attempts(attempt).elapsed(elapsed);
    }
}
