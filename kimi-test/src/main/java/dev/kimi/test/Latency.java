package dev.kimi.test;

import java.time.Duration;
import java.util.SplittableRandom;

/**
 * How long the simulated model takes and how much it says. Immutable; every {@code with…} returns a copy. It shapes the
 * model's generated responses and, as far as pauses go, scripted ones.
 */
public final class Latency {

    private static final int DEFAULT_TOKENS = 24;
    private static final int DEFAULT_REASONING = 8;
    private static final Latency NONE =
            new Latency(Duration.ZERO, Duration.ZERO, DEFAULT_TOKENS, 0, 0, DEFAULT_REASONING);

    private final Duration firstToken;
    private final Duration gap;
    private final int tokens;
    private final double sigma;
    private final long seed;
    private final int reasoningTokens;

    private Latency(Duration firstToken, Duration gap, int tokens, double sigma, long seed, int reasoningTokens) {
        this.firstToken = firstToken;
        this.gap = gap;
        this.tokens = tokens;
        this.sigma = sigma;
        this.seed = seed;
        this.reasoningTokens = reasoningTokens;
    }

    /** No pauses at all, 24 tokens of text, 8 of reasoning: the default. */
    public static Latency none() {
        return NONE;
    }

    /**
     * Pauses as a model makes them.
     *
     * @param firstToken from the request to the first token; a streamed response sends its headers at once
     * @param gap between two tokens; a response that is not streamed takes the sum of all of them
     */
    public static Latency of(Duration firstToken, Duration gap) {
        return new Latency(firstToken, gap, DEFAULT_TOKENS, 0, 0, DEFAULT_REASONING);
    }

    /** Every response has this many tokens of text, unless the request's cap is lower. */
    public Latency withTokens(int count) {
        return new Latency(firstToken, gap, count, 0, 0, reasoningTokens);
    }

    /**
     * Lengths spread as those of real responses are: lognormal about the median, the same row of lengths for each seed.
     *
     * @param sigma spread of the logarithm; 0.5 is moderate, 1 is wide
     */
    public Latency withTokens(int median, double sigma, long seed) {
        return new Latency(firstToken, gap, median, sigma, seed, reasoningTokens);
    }

    /** Every response of a thinking model begins with this many tokens of reasoning. */
    public Latency withReasoningTokens(int count) {
        return new Latency(firstToken, gap, tokens, sigma, seed, count);
    }

    long firstTokenNanos() {
        return firstToken.toNanos();
    }

    long gapNanos() {
        return gap.toNanos();
    }

    int reasoningTokens() {
        return reasoningTokens;
    }

    int tokensOf(long request) {
        if (sigma == 0) {
            return tokens;
        }
        double spread = new SplittableRandom(seed * 0x9E3779B97F4A7C15L + request).nextGaussian();
        return (int) Math.max(1, Math.min(100_000, Math.round(tokens * Math.exp(sigma * spread))));
    }
}
