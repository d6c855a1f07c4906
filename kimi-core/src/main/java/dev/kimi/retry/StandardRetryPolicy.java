package dev.kimi.retry;

import dev.kimi.error.KimiException;
import java.time.Duration;
import java.util.Objects;

final class StandardRetryPolicy implements RetryPolicy {

    private static final long TRANSIENT_BASE_NANOS = Duration.ofMillis(50).toNanos();
    private static final long THROTTLED_BASE_NANOS = Duration.ofSeconds(1).toNanos();
    private static final Duration CAP = Duration.ofSeconds(20);
    private static final int FIRST_SERVER_ERROR = 500;
    private static final long MAX_ON_TOP_OF_HINT_NANOS = Duration.ofSeconds(5).toNanos();

    private final int maxAttempts;
    private final Duration ceiling;
    private final long capNanos;

    StandardRetryPolicy(int maxAttempts, Duration ceiling) {
        this(maxAttempts, ceiling, CAP);
    }

    /** @param cap the longest back-off */
    StandardRetryPolicy(int maxAttempts, Duration ceiling, Duration cap) {
        if (maxAttempts < 1) {
            throw new IllegalArgumentException("maxAttempts must be at least 1, but is " + maxAttempts);
        }
        this.maxAttempts = maxAttempts;
        this.ceiling = Objects.requireNonNull(ceiling, "ceiling");
        this.capNanos = cap.toNanos();
    }

    @Override
    public RetryDecision decide(FailedAttempt attempt) {
        KimiException failure = attempt.failure();
        if (attempt.attempt() >= maxAttempts || !Retryable.canPass(failure)) {
            return RetryDecision.stop();
        }
        Duration hint = failure.retryAfter();
        if (hint == null && Retryable.needsHint(failure)) {
            return RetryDecision.stop();
        }
        Duration delay;
        if (hint == null) {
            delay = backOff(attempt);
        } else if (failure.status() >= FIRST_SERVER_ERROR) {
            delay = nearHint(hint, backOff(attempt));
        } else if (hint.compareTo(ceiling) <= 0) {
            delay = hint.toNanos() < TRANSIENT_BASE_NANOS ? later(hint, backOff(attempt)) : afterHint(hint, attempt);
        } else {
            return RetryDecision.stop();
        }
        return Retryable.fits(delay, attempt) ? RetryDecision.after(delay) : RetryDecision.stop();
    }

    /** A server in trouble knows less about the future than one that counts: its word is taken for up to 5 s more. */
    private static Duration nearHint(Duration hint, Duration backOff) {
        Duration most = backOff.plusNanos(MAX_ON_TOP_OF_HINT_NANOS);
        return hint.compareTo(backOff) < 0 ? backOff : hint.compareTo(most) > 0 ? most : hint;
    }

    /** Who asks for less than the shortest back-off asks for nothing: callers must not all be back at once. */
    private static Duration later(Duration hint, Duration backOff) {
        return hint.compareTo(backOff) > 0 ? hint : backOff;
    }

    private Duration backOff(FailedAttempt attempt) {
        long base = attempt.throttled() ? THROTTLED_BASE_NANOS : TRANSIENT_BASE_NANOS;
        // beyond 2^16 the cap holds anyway, and the shift must not overflow
        long window = Math.min(capNanos, base << Math.min(attempt.attempt() - 1, 16));
        return Duration.ofNanos((long) (attempt.random().nextDouble() * window));
    }

    /** Never earlier than the service asked, and not all callers at the same moment after it. */
    private static Duration afterHint(Duration hint, FailedAttempt attempt) {
        long spread = Math.min(hint.toNanos() / 4, MAX_ON_TOP_OF_HINT_NANOS);
        return hint.plusNanos((long) (attempt.random().nextDouble() * spread));
    }
}
