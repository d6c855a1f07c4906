package dev.kimi.retry;

import dev.kimi.error.KimiException;
import java.time.Duration;

final class ClassicRetryPolicy implements RetryPolicy {

    private final int maxAttempts;
    private final double multiplier;
    private final Duration min;
    private final Duration max;
    private final Duration ceiling;

    ClassicRetryPolicy(int maxAttempts, double multiplier, Duration min, Duration max, Duration ceiling) {
        if (maxAttempts < 1 || multiplier <= 0 || min.isNegative() || max.compareTo(min) < 0) {
            throw new IllegalArgumentException(
                    "the classic policy needs at least 1 attempt, a multiplier above 0 and 0 <= min <= max");
        }
        this.maxAttempts = maxAttempts;
        this.multiplier = multiplier;
        this.min = min;
        this.max = max;
        this.ceiling = ceiling;
    }

    @Override
    public RetryDecision decide(FailedAttempt attempt) {
        KimiException failure = attempt.failure();
        if (attempt.attempt() >= maxAttempts || !Retryable.canPass(failure)) {
            return RetryDecision.stop();
        }
        Duration hint = failure.retryAfter();
        if (hint == null ? Retryable.needsHint(failure) : hint.compareTo(ceiling) > 0) {
            return RetryDecision.stop();
        }
        Duration delay = exponential(attempt.attempt());
        if (hint != null && hint.compareTo(delay) > 0) {
            delay = hint;
        }
        return Retryable.fits(delay, attempt) ? RetryDecision.after(delay) : RetryDecision.stop();
    }

    private Duration exponential(int attempt) {
        double seconds = multiplier * Math.pow(2, Math.min(attempt - 1, 30));
        double clamped = Math.max(min.toNanos() / 1e9, Math.min(max.toNanos() / 1e9, seconds));
        return Duration.ofNanos((long) (clamped * 1e9));
    }
}
