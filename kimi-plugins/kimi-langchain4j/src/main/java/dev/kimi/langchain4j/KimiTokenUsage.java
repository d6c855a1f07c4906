package dev.kimi.langchain4j;

import dev.kimi.chat.Usage;
import dev.langchain4j.model.output.TokenUsage;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Tokens of a call with what the cache had to do with them. The input is all that was read, what the cache gave and
 * what was written to it included, for every service; sums over the calls of a tool loop keep all counts. Immutable.
 */
public final class KimiTokenUsage extends TokenUsage {

    private final int cachedTokenCount;
    private final int cacheWriteTokenCount;
    private final int reasoningTokenCount;

    private KimiTokenUsage(TokenUsage counts, int cachedTokenCount, int cacheWriteTokenCount, int reasoningTokenCount) {
        super(counts.inputTokenCount(), counts.outputTokenCount(), counts.totalTokenCount());
        this.cachedTokenCount = cachedTokenCount;
        this.cacheWriteTokenCount = cacheWriteTokenCount;
        this.reasoningTokenCount = reasoningTokenCount;
    }

    static KimiTokenUsage of(Usage usage) {
        return new KimiTokenUsage(
                new TokenUsage(
                        count(usage.promptTokens()), count(usage.completionTokens()), count(usage.totalTokens())),
                count(usage.cachedTokens()),
                count(usage.cacheWriteTokens()),
                count(usage.reasoningTokens()));
    }

    private static int count(long tokens) {
        return (int) Math.min(tokens, Integer.MAX_VALUE);
    }

    /** How many tokens of the input were read from the cache. */
    public int cachedTokenCount() {
        return cachedTokenCount;
    }

    /** How many tokens of the input were written to the cache. */
    public int cacheWriteTokenCount() {
        return cacheWriteTokenCount;
    }

    /** How many tokens of the output were reasoning. */
    public int reasoningTokenCount() {
        return reasoningTokenCount;
    }

    /** The sum; of another kind of usage, the counts that it has. */
    @Override
    public KimiTokenUsage add(@Nullable TokenUsage that) {
        if (that == null) {
            return this;
        }
        KimiTokenUsage more = that instanceof KimiTokenUsage usage ? usage : new KimiTokenUsage(that, 0, 0, 0);
        return new KimiTokenUsage(
                new TokenUsage(
                        sum(inputTokenCount(), more.inputTokenCount()),
                        sum(outputTokenCount(), more.outputTokenCount()),
                        sum(totalTokenCount(), more.totalTokenCount())),
                cachedTokenCount + more.cachedTokenCount,
                cacheWriteTokenCount + more.cacheWriteTokenCount,
                reasoningTokenCount + more.reasoningTokenCount);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return super.equals(other)
                && other instanceof KimiTokenUsage that
                && cachedTokenCount == that.cachedTokenCount
                && cacheWriteTokenCount == that.cacheWriteTokenCount
                && reasoningTokenCount == that.reasoningTokenCount;
    }

    @Override
    public int hashCode() {
        return Objects.hash(super.hashCode(), cachedTokenCount, cacheWriteTokenCount, reasoningTokenCount);
    }

    @Override
    public String toString() {
        return "KimiTokenUsage[input " + inputTokenCount() + ", output " + outputTokenCount() + ", total "
                + totalTokenCount() + ", cached " + cachedTokenCount + ", written to cache " + cacheWriteTokenCount
                + ", reasoning " + reasoningTokenCount + "]";
    }
}
