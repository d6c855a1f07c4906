package dev.kimi.retry;

import dev.kimi.error.KimiException;
import java.time.Duration;
import java.util.Objects;

final class StandardRetryPolicy implements RetryPolicy {

    private static final long TRANSIENT_BASE_NANOS = Duration.ofMillis(50).toNanos();
    private static final long THROTTLED_BASE_NANOS = Duration.ofSeconds(1).toNanos();
    private static final long CAP_NANOS = Duration.ofSeconds(20).toNanos();
    private static final long MOST_ON_TOP_OF_HINT_NANOS = Duration.ofSeconds(5).toNanos();

    private final int maxAttempts;
    private final Duration ceiling;

    StandardRetryPolicy(int maxAttempts, Duration ceiling) {
        if (maxAttempts < 1) {
            throw new IllegalArgumentException("maxAttempts must be at least 1, but is " + maxAttempts);
        }
        this.maxAttempts = maxAttempts;
        this.ceiling = Objects.requireNonNull(ceiling, "ceiling");
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
        if (hint != null && hint.compareTo(ceiling) > 0) {
            return RetryDecision.stop();
        }
        Duration delay = hint == null ? backOff(attempt) : afterHint(hint, attempt);
        return Retryable.fits(delay, attempt) ? RetryDecision.after(delay) : RetryDecision.stop();
    }

    private static Duration backOff(FailedAttempt attempt) {
        long base = Retryable.throttled(attempt.failure()) ? THROTTLED_BASE_NANOS : TRANSIENT_BASE_NANOS;
        // beyond 2^16 the cap holds anyway, and the shift must not overflow
        long window = Math.min(CAP_NANOS, base << Math.min(attempt.attempt() - 1, 16));
        return Duration.ofNanos((long) (attempt.random().nextDouble() * window));
    }

    /** Never earlier than the service asked, and not all callers at the same moment after it. */
    private static Duration afterHint(Duration hint, FailedAttempt attempt) {
        long spread = Math.min(hint.toNanos() / 4, MOST_ON_TOP_OF_HINT_NANOS);
        return hint.plusNanos((long) (attempt.random().nextDouble() * spread));
    }
}
