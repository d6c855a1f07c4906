package dev.kimi.gateway.key;

import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Where the gateway's keys are, and how they are counted.
 *
 * @param file File with the keys, made when the first is issued. Without it and without spring.datasource.url there are
 *     no keys, and anybody may call.
 * @param spendingFile File with what was spent. By default beside the keys, with "-spending" in its name.
 * @param interval How often stores are read, and what was spent is written.
 * @param zone Time zone in which days and months of budgets begin.
 * @param budgetStatus HTTP status when a budget is spent, 429 or 402.
 * @param fallbackPrices Prices of models whose card has none in US dollars.
 */
@ConfigurationProperties(prefix = "kimi.gateway.keys", ignoreUnknownFields = false)
public record KeysProperties(
        @Nullable Path file,
        @Nullable Path spendingFile,
        @DefaultValue("1s") Duration interval,
        @DefaultValue("UTC") ZoneId zone,
        @DefaultValue("429") int budgetStatus,
        @DefaultValue FallbackPrices fallbackPrices) {

    public KeysProperties {
        if (budgetStatus != 429 && budgetStatus != 402) {
            throw new IllegalArgumentException("kimi.gateway.keys.budget-status is 429 or 402, not " + budgetStatus);
        }
        if (interval.compareTo(Duration.ofMillis(100)) < 0) {
            throw new IllegalArgumentException("kimi.gateway.keys.interval is at least 100ms, not " + interval);
        }
    }

    /** Where what was spent is kept beside a file of keys. */
    public Path spendingBeside(Path keys) {
        if (spendingFile != null) {
            return spendingFile;
        }
        String name = keys.getFileName().toString();
        int dot = name.lastIndexOf('.');
        return keys.resolveSibling(
                dot < 1 ? name + "-spending" : name.substring(0, dot) + "-spending" + name.substring(dot));
    }

    /**
     * US dollars for a million tokens.
     *
     * @param input US dollars for a million tokens read.
     * @param output US dollars for a million tokens written.
     */
    public record FallbackPrices(
            @DefaultValue("10") BigDecimal input,
            @DefaultValue("50") BigDecimal output) {

        public FallbackPrices {
            if (input.signum() < 0 || output.signum() < 0) {
                throw new IllegalArgumentException("kimi.gateway.keys.fallback-prices cannot be negative");
            }
        }
    }
}
