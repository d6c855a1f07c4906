package dev.kimi.service;

import dev.kimi.chat.Usage;
import java.math.BigDecimal;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a million tokens of a model cost by the service's list, without taxes, discounts for batches or surcharges for
 * other ways of serving. Immutable.
 *
 * @param currency such as {@code USD}
 * @param input of the prompt, without what the cache had to do with
 * @param output of the response, reasoning included
 * @param cacheRead of the prompt, read from the cache; null when not known
 * @param cacheWrite of the prompt, written to the cache for five minutes; null when not known
 * @param cacheWriteHour the same for an hour; null when not known
 */
public record ModelPrices(
        String currency,
        BigDecimal input,
        BigDecimal output,
        @Nullable BigDecimal cacheRead,
        @Nullable BigDecimal cacheWrite,
        @Nullable BigDecimal cacheWriteHour) {

    private static final int MILLION = 6;

    public ModelPrices {
        Objects.requireNonNull(currency, "currency");
        Objects.requireNonNull(input, "input");
        Objects.requireNonNull(output, "output");
    }

    /**
     * What a call cost, each token at its own price, exact. Tokens written to the cache were written for five minutes
     * unless the service tells how many were for an hour, as Claude does.
     *
     * @return null if tokens were used whose price is not known
     */
    public @Nullable BigDecimal cost(Usage usage) {
        long hour = Math.min(writtenForAnHour(usage), usage.cacheWriteTokens());
        BigDecimal read = of(usage.cachedTokens(), cacheRead);
        BigDecimal written = of(usage.cacheWriteTokens() - hour, cacheWrite);
        BigDecimal writtenHour = of(hour, cacheWriteHour);
        if (read == null || written == null || writtenHour == null) {
            return null;
        }
        return input.multiply(BigDecimal.valueOf(usage.uncachedTokens()))
                .add(output.multiply(BigDecimal.valueOf(usage.completionTokens())))
                .add(read)
                .add(written)
                .add(writtenHour)
                .movePointLeft(MILLION);
    }

    private static @Nullable BigDecimal of(long tokens, @Nullable BigDecimal price) {
        return tokens == 0 ? BigDecimal.ZERO : price == null ? null : price.multiply(BigDecimal.valueOf(tokens));
    }

    private static long writtenForAnHour(Usage usage) {
        return usage.extra().get("cache_creation") instanceof Map<?, ?> byLifetime
                        && byLifetime.get("ephemeral_1h_input_tokens") instanceof Number tokens
                ? Math.max(0, tokens.longValue())
                : 0;
    }
}
