package dev.kimi.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.chat.Usage;
import java.math.BigDecimal;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ModelPricesTest {

    private static final ModelPrices ALL = new ModelPrices(
            "USD",
            new BigDecimal("2.00"),
            new BigDecimal("10.00"),
            new BigDecimal("0.20"),
            new BigDecimal("2.50"),
            new BigDecimal("4.00"));
    private static final ModelPrices PLAIN =
            new ModelPrices("USD", new BigDecimal("3"), new BigDecimal("15"), null, null, null);

    @Test
    void each_token_costs_its_own_price() {
        Usage usage = Usage.builder()
                .promptTokens(1_000_000)
                .cachedTokens(300_000)
                .cacheWriteTokens(200_000)
                .completionTokens(100_000)
                .reasoningTokens(90_000)
                .build();

        // 500,000 uncached, 300,000 read, 200,000 written, 100,000 of the response
        assertThat(ALL.cost(usage)).isEqualByComparingTo("2.56");
    }

    @Test
    void what_was_written_for_an_hour_costs_more_where_the_service_tells() {
        Usage usage = Usage.builder()
                .promptTokens(200_000)
                .cacheWriteTokens(200_000)
                .extra(
                        "cache_creation",
                        Map.of("ephemeral_5m_input_tokens", 150_000L, "ephemeral_1h_input_tokens", 50_000L))
                .build();

        assertThat(ALL.cost(usage)).isEqualByComparingTo("0.575");
    }

    @Test
    void no_more_is_charged_for_an_hour_than_was_written() {
        Usage usage = Usage.builder()
                .promptTokens(100)
                .cacheWriteTokens(100)
                .extra("cache_creation", Map.of("ephemeral_1h_input_tokens", 1_000_000L))
                .build();

        assertThat(ALL.cost(usage)).isEqualByComparingTo("0.0004");
    }

    @Test
    void a_price_that_is_not_known_counts_only_where_tokens_were_used() {
        Usage.Builder usage = Usage.builder().promptTokens(10).completionTokens(1);

        assertThat(PLAIN.cost(usage.build())).isEqualByComparingTo("0.000045");
        assertThat(PLAIN.cost(usage.cachedTokens(1).build())).isNull();
        assertThat(PLAIN.cost(usage.cachedTokens(0).cacheWriteTokens(1).build()))
                .isNull();
    }

    @Test
    void a_single_token_is_not_rounded_away_and_nothing_costs_nothing() {
        assertThat(ALL.cost(Usage.builder().promptTokens(1).cachedTokens(1).build()))
                .isEqualByComparingTo("0.0000002");
        assertThat(PLAIN.cost(Usage.NONE)).isZero();
    }
}
