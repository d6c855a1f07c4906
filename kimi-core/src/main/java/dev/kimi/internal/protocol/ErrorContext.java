package dev.kimi.internal.protocol;

import dev.kimi.error.KimiException;
import dev.kimi.transport.Headers;
import java.time.Duration;
import java.time.Instant;

/**
 * What the engine knows when an exception is made.
 *
 * @param attempt number of the attempt, from 1
 * @param elapsed time since the call began
 * @param now wall-clock time, for {@code Retry-After} dates
 * @param status HTTP status of the answer that is being read, 0 when there is none
 * @param headers headers of that answer, empty when there is none
 */
public record ErrorContext(int attempt, Duration elapsed, Instant now, int status, Headers headers) {

    /** For an exception that no answer belongs to. */
    public ErrorContext(int attempt, Duration elapsed, Instant now) {
        this(attempt, elapsed, now, 0, Headers.empty());
    }

    /** Details with attempt, time, and status and id of the answer filled in. */
    public KimiException.Details.Builder details() {
        return KimiException.Details.builder()
                .attempts(attempt)
                .elapsed(elapsed)
                .status(status)
                .requestId(RequestIds.find(headers, null));
    }
}
