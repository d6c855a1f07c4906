package dev.kimi.internal.protocol;

import dev.kimi.error.KimiException;
import dev.kimi.internal.util.ErrorTextRedactor;
import dev.kimi.transport.Headers;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What the engine knows when an exception is made.
 *
 * @param attempt number of the attempt, from 1
 * @param elapsed time since the call began
 * @param now wall-clock time, for {@code Retry-After} dates
 * @param status HTTP status of the response that is being read, 0 when there is none
 * @param headers headers of that response, empty when there is none
 * @param model the model that was asked, as the service calls it; null when the operation has none or it is not known
 * @param counting whether a count of tokens was requested
 */
public record ErrorContext(
        int attempt,
        Duration elapsed,
        Instant now,
        int status,
        Headers headers,
        @Nullable String model,
        boolean counting) {

    private static final int LONGEST_MODEL = 64;

    /** For what is no count. */
    public ErrorContext(
            int attempt, Duration elapsed, Instant now, int status, Headers headers, @Nullable String model) {
        this(attempt, elapsed, now, status, headers, model, false);
    }

    /** For a failure of which no model is known. */
    public ErrorContext(int attempt, Duration elapsed, Instant now, int status, Headers headers) {
        this(attempt, elapsed, now, status, headers, null);
    }

    /** The same for the response to a request for a count. */
    public ErrorContext ofCount() {
        return new ErrorContext(attempt, elapsed, now, status, headers, model, true);
    }

    /** For an exception that no response belongs to. */
    public ErrorContext(int attempt, Duration elapsed, Instant now) {
        this(attempt, elapsed, now, 0, Headers.empty());
    }

    /** The model as a message may show it, or null: its name comes from the caller, and need not be one. */
    public @Nullable String shownModel() {
        return model != null && ErrorTextRedactor.isIdentifier(model, LONGEST_MODEL) ? model : null;
    }

    /** Details with attempt, time, and status and id of the response filled in. */
    public KimiException.Details.Builder details() {
        return KimiException.Details.builder()
                .attempts(attempt)
                .elapsed(elapsed)
                .status(status)
                .requestId(RequestIds.find(headers, null));
    }
}
