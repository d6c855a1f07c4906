package dev.kimi.test;

import dev.kimi.test.internal.ApiError;
import dev.kimi.test.internal.PromptCache;
import dev.kimi.test.internal.SlidingWindow;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What one organisation has used of its limits. Lives on the event loop. */
final class Account {

    private static final long MANY_REQUESTS = 10_000;
    private static final long MANY_INPUT = 10_000_000;
    private static final long MANY_OUTPUT = 2_000_000;

    private final String organisation;
    private final SlidingWindow requests =
            new SlidingWindow(Duration.ofMinutes(1).toNanos());
    private final Tokens minute = new Tokens("TPM", Duration.ofMinutes(1));
    private final Tokens output = new Tokens(ApiError.OUTPUT, Duration.ofMinutes(1));
    private final Tokens day = new Tokens("TPD", Duration.ofDays(1));
    private final PromptCache cache = new PromptCache();
    private int open;

    Account(String organisation) {
        this.organisation = organisation;
    }

    String organisation() {
        return organisation;
    }

    /** What of its prompts is cached. */
    PromptCache cache() {
        return cache;
    }

    /** What is left of the limits, in the headers of Anthropic's service; where there is no limit, a high one. */
    Map<String, String> rateLimits(AccountLimits limits, long nowNanos, long nowSeconds) {
        Map<String, String> headers = new LinkedHashMap<>();
        long requestLimit = limits.requestsPerMinute() > 0 ? limits.requestsPerMinute() : MANY_REQUESTS;
        long inputLimit = limits.tokensPerMinute() > 0 ? limits.tokensPerMinute() : MANY_INPUT;
        long requestsLeft = Math.max(0, requestLimit - requests.sum(nowNanos));
        long inputLeft = Math.max(0, inputLimit - minute.used.sum(nowNanos));
        long requestReset = nowSeconds + seconds(requests.nanosUntilAtMost(nowNanos, 0));
        long inputReset = nowSeconds + seconds(minute.used.nanosUntilAtMost(nowNanos, 0));
        put(headers, "input-tokens", inputLimit, thousands(inputLeft), inputReset);
        long outputLimit = limits.outputTokensPerMinute() > 0 ? limits.outputTokensPerMinute() : MANY_OUTPUT;
        long outputLeft = Math.max(0, outputLimit - output.used.sum(nowNanos));
        long outputReset = nowSeconds + seconds(output.used.nanosUntilAtMost(nowNanos, 0));
        put(headers, "output-tokens", outputLimit, thousands(outputLeft), outputReset);
        put(headers, "requests", requestLimit, requestsLeft, requestReset);
        long left = thousands(inputLeft) + thousands(outputLeft);
        put(headers, "tokens", inputLimit + outputLimit, left, Math.max(inputReset, outputReset));
        return headers;
    }

    private static void put(Map<String, String> headers, String name, long limit, long left, long resetSeconds) {
        String prefix = "anthropic-ratelimit-" + name;
        headers.put(prefix + "-limit", Long.toString(limit));
        headers.put(prefix + "-remaining", Long.toString(left));
        headers.put(prefix + "-reset", Instant.ofEpochSecond(resetSeconds).toString());
    }

    private static long thousands(long tokens) {
        return tokens < 1_000 ? tokens : tokens / 1_000 * 1_000;
    }

    private static long seconds(long nanos) {
        return Duration.ofNanos(nanos + 999_999_999).toSeconds();
    }

    /** Charges the request, or says why not. What was charged is not refunded, except the place. */
    @Nullable ApiError enter(AccountLimits limits, long nowNanos, long tokens) {
        ApiError error = requests(limits, nowNanos);
        error = error != null ? error : minute.check(limits.tokensPerMinute(), limits, nowNanos, tokens);
        error = error != null ? error : day.check(limits.tokensPerDay(), limits, nowNanos, tokens);
        if (error == null) {
            open++;
            charge(limits, nowNanos, tokens);
        }
        return error;
    }

    private void charge(AccountLimits limits, long nowNanos, long tokens) {
        if (limits.requestsPerMinute() > 0) {
            requests.add(nowNanos, 1);
        }
        if (limits.tokensPerMinute() > 0) {
            minute.used.add(nowNanos, tokens);
        }
        if (limits.tokensPerDay() > 0) {
            day.used.add(nowNanos, tokens);
        }
    }

    /** Why the tokens that were generated leave no room for more, or null. */
    @Nullable ApiError outputSpent(AccountLimits limits, long nowNanos) {
        long most = limits.outputTokensPerMinute();
        return most > 0 ? output.check(most, limits, nowNanos, 1) : null;
    }

    /** Charges what was generated. */
    void generated(long nowNanos, int tokens) {
        output.used.add(nowNanos, tokens);
    }

    void leave() {
        open--;
    }

    private @Nullable ApiError requests(AccountLimits limits, long nowNanos) {
        if (limits.concurrency() > 0 && open >= limits.concurrency()) {
            Duration wait = limits.hintOr(Duration.ofSeconds(1));
            return ApiError.tooManyAtOnce(organisation, limits.concurrency(), wait);
        }
        int most = limits.requestsPerMinute();
        if (most > 0 && requests.sum(nowNanos) >= most) {
            Duration wait = Duration.ofNanos(requests.nanosUntilAtMost(nowNanos, most - 1));
            return ApiError.tooManyRequests(organisation, most, limits.hintOr(wait));
        }
        return null;
    }

    private final class Tokens {

        private final String name;
        private final SlidingWindow used;

        Tokens(String name, Duration span) {
            this.name = name;
            this.used = new SlidingWindow(span.toNanos());
        }

        @Nullable ApiError check(long most, AccountLimits limits, long nowNanos, long tokens) {
            if (most <= 0) {
                return null;
            }
            long current = used.sum(nowNanos) + tokens;
            if (current <= most) {
                return null;
            }
            Duration wait = Duration.ofNanos(used.nanosUntilAtMost(nowNanos, most - tokens));
            return ApiError.tooManyTokens(organisation, name, current, most, limits.hintOr(wait));
        }
    }
}
