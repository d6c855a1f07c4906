package dev.kimi.test;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The limits of an account, shared by all its keys and all models. Immutable; every {@code with…} returns a copy. A
 * limit of 0 means none. Minutes and days slide: what counts is the 60 seconds, or 24 hours, before the request.
 */
public final class AccountLimits {

    private static final AccountLimits NONE = new AccountLimits(0, 0, 0, 0, 0, null);

    private final int concurrency;
    private final int requestsPerMinute;
    private final long tokensPerMinute;
    private final long tokensPerDay;
    private final long outputPerMinute;
    private final @Nullable Duration hint;

    private AccountLimits(int concurrency, int rpm, long tpm, long tpd, long outputPerMinute, @Nullable Duration hint) {
        this.concurrency = concurrency;
        this.requestsPerMinute = rpm;
        this.tokensPerMinute = tpm;
        this.tokensPerDay = tpd;
        this.outputPerMinute = outputPerMinute;
        this.hint = hint;
    }

    /** No limits: the default. */
    public static AccountLimits none() {
        return NONE;
    }

    /** What an account without a deposit gets: 1 request at once, 3 a minute, 500,000 tokens a minute, 1.5 M a day. */
    public static AccountLimits tier0() {
        return new AccountLimits(1, 3, 500_000, 1_500_000, 0, null);
    }

    /** Requests at once. */
    public AccountLimits withConcurrency(int limit) {
        return new AccountLimits(limit, requestsPerMinute, tokensPerMinute, tokensPerDay, outputPerMinute, hint);
    }

    /** Requests a minute; those that were rejected do not count. */
    public AccountLimits withRequestsPerMinute(int limit) {
        return new AccountLimits(concurrency, limit, tokensPerMinute, tokensPerDay, outputPerMinute, hint);
    }

    /**
     * Tokens a minute, charged up front with the estimate of the input and the whole output cap; Anthropic's service
     * charges the input that is not read from the cache, and nothing for the cap.
     */
    public AccountLimits withTokensPerMinute(long limit) {
        return new AccountLimits(concurrency, requestsPerMinute, limit, tokensPerDay, outputPerMinute, hint);
    }

    /** Tokens a day, charged as those of a minute. */
    public AccountLimits withTokensPerDay(long limit) {
        return new AccountLimits(concurrency, requestsPerMinute, tokensPerMinute, limit, outputPerMinute, hint);
    }

    /** Tokens generated a minute, which Anthropic's service charges as they are; Kimi has no such limit. */
    public AccountLimits withOutputTokensPerMinute(long limit) {
        return new AccountLimits(concurrency, requestsPerMinute, tokensPerMinute, tokensPerDay, limit, hint);
    }

    /** Names this time in every rejection, as the service does, instead of the time it really takes. */
    public AccountLimits withRetryHint(Duration wait) {
        return new AccountLimits(concurrency, requestsPerMinute, tokensPerMinute, tokensPerDay, outputPerMinute, wait);
    }

    int concurrency() {
        return concurrency;
    }

    int requestsPerMinute() {
        return requestsPerMinute;
    }

    long tokensPerMinute() {
        return tokensPerMinute;
    }

    long tokensPerDay() {
        return tokensPerDay;
    }

    long outputTokensPerMinute() {
        return outputPerMinute;
    }

    Duration hintOr(Duration wait) {
        return hint == null ? wait : hint;
    }
}
