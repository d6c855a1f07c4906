package dev.kimi.chat;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Tokens that a call used, in the same terms for every service. Counts are 0 where the service said nothing, and never
 * negative. Immutable.
 *
 * <pre>{@code
 * Usage usage = response.usage();
 * double cost = usage.uncachedTokens() * inputPrice + usage.cachedTokens() * cacheReadPrice
 *         + usage.cacheWriteTokens() * cacheWritePrice + usage.completionTokens() * outputPrice;
 * }</pre>
 */
public final class Usage {

    /** Nothing was used, or the service did not say. */
    public static final Usage NONE = builder().build();

    private final long promptTokens;
    private final long completionTokens;
    private final long totalTokens;
    private final long cachedTokens;
    private final long cacheWriteTokens;
    private final long reasoningTokens;
    private final Map<String, @Nullable Object> extra;

    private Usage(Builder builder) {
        this.promptTokens = builder.promptTokens;
        this.completionTokens = builder.completionTokens;
        long sum = builder.promptTokens + builder.completionTokens;
        this.totalTokens = builder.totalTokens >= 0 ? builder.totalTokens : sum < 0 ? Long.MAX_VALUE : sum;
        this.cachedTokens = builder.cachedTokens;
        this.cacheWriteTokens = builder.cacheWriteTokens;
        this.reasoningTokens = builder.reasoningTokens;
        this.extra =
                builder.extra.isEmpty() ? Map.of() : Collections.unmodifiableMap(new LinkedHashMap<>(builder.extra));
    }

    /** For decoders and tests. */
    public static Builder builder() {
        return new Builder();
    }

    /** Tokens read: those from the cache and those written to it included, whatever the service counts as its input. */
    public long promptTokens() {
        return promptTokens;
    }

    /** Tokens written, reasoning included. */
    public long completionTokens() {
        return completionTokens;
    }

    /** The service's own total, or the sum of what was read and written where it gives none. */
    public long totalTokens() {
        return totalTokens;
    }

    /** How many of the prompt's tokens were read from the cache. */
    public long cachedTokens() {
        return cachedTokens;
    }

    /** How many of the prompt's tokens were written to the cache, which some services charge for. */
    public long cacheWriteTokens() {
        return cacheWriteTokens;
    }

    /** The prompt's tokens that the cache had nothing to do with: what Claude calls {@code input_tokens}. */
    public long uncachedTokens() {
        return Math.max(0, promptTokens - cachedTokens - cacheWriteTokens);
    }

    /** How many of the completion's tokens were reasoning. */
    public long reasoningTokens() {
        return reasoningTokens;
    }

    /**
     * What else the service said about the usage, in order, as Java values, under the service's own names: such as
     * {@code service_tier}, or {@code cache_creation} with the lifetimes of what was written. Empty when nothing.
     */
    public Map<String, @Nullable Object> extra() {
        return extra;
    }

    /** The sum of the counts, as of several calls that one task took; what else the services said is left out. */
    public Usage plus(Usage other) {
        return builder()
                .promptTokens(promptTokens + other.promptTokens)
                .completionTokens(completionTokens + other.completionTokens)
                .totalTokens(totalTokens + other.totalTokens)
                .cachedTokens(cachedTokens + other.cachedTokens)
                .cacheWriteTokens(cacheWriteTokens + other.cacheWriteTokens)
                .reasoningTokens(reasoningTokens + other.reasoningTokens)
                .build();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Usage usage
                && promptTokens == usage.promptTokens
                && completionTokens == usage.completionTokens
                && totalTokens == usage.totalTokens
                && cachedTokens == usage.cachedTokens
                && cacheWriteTokens == usage.cacheWriteTokens
                && reasoningTokens == usage.reasoningTokens
                && extra.equals(usage.extra);
    }

    @Override
    public int hashCode() {
        return Objects.hash(
                promptTokens, completionTokens, totalTokens, cachedTokens, cacheWriteTokens, reasoningTokens, extra);
    }

    @Override
    public String toString() {
        return "Usage[prompt " + promptTokens + ", completion " + completionTokens + ", total " + totalTokens
                + ", cached " + cachedTokens + ", written to cache " + cacheWriteTokens + ", reasoning "
                + reasoningTokens + "]";
    }

    /** Collects the counts; negative ones count as 0. Not thread-safe. */
    public static final class Builder {
        private long promptTokens;
        private long completionTokens;
        private long totalTokens = -1;
        private long cachedTokens;
        private long cacheWriteTokens;
        private long reasoningTokens;
        private Map<String, @Nullable Object> extra = Map.of();

        private Builder() {}

        public Builder promptTokens(long value) {
            this.promptTokens = Math.max(0, value);
            return this;
        }

        public Builder completionTokens(long value) {
            this.completionTokens = Math.max(0, value);
            return this;
        }

        /** The service's own total; by default, and when negative, the sum of prompt and completion. */
        public Builder totalTokens(long value) {
            this.totalTokens = value;
            return this;
        }

        public Builder cachedTokens(long value) {
            this.cachedTokens = Math.max(0, value);
            return this;
        }

        public Builder cacheWriteTokens(long value) {
            this.cacheWriteTokens = Math.max(0, value);
            return this;
        }

        public Builder reasoningTokens(long value) {
            this.reasoningTokens = Math.max(0, value);
            return this;
        }

        public Builder extra(String name, @Nullable Object value) {
            if (extra.isEmpty()) {
                extra = new LinkedHashMap<>(4);
            }
            extra.put(name, value);
            return this;
        }

        public Usage build() {
            return new Usage(this);
        }
    }
}
