package dev.kimi.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kimi.service.ModelCard.Fact;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelCardTest {

    @Test
    void values_are_read_from_texts_and_from_values() {
        assertThat(Fact.CONTEXT.read("1048576")).isEqualTo(1_048_576L);
        assertThat(Fact.CONTEXT.read("1")).isEqualTo(1L);
        assertThat(Fact.CONTEXT.read("128k")).isEqualTo(128_000L);
        assertThat(Fact.CONTEXT.read("1.5M")).isEqualTo(1_500_000L);
        assertThat(Fact.CONTEXT.read(7)).isEqualTo(7L);
        assertThat(Fact.PREFILL.read("false")).isEqualTo(false);
        assertThat(Fact.PREFILL.read(true)).isEqualTo(true);
        assertThat(Fact.EFFORTS.read("low, high")).isEqualTo(List.of("low", "high"));
        assertThat(Fact.EFFORTS.read("none")).isEqualTo(List.of());
        assertThat(Fact.TEMPERATURES.read(List.of("1", "0.6"))).isEqualTo(List.of(1.0, 0.6));
        assertThat(Fact.PRICE_INPUT.read("0.20")).isEqualTo(new BigDecimal("0.20"));
        assertThat(Fact.PRICE_INPUT.read("0")).isEqualTo(BigDecimal.ZERO);
        assertThat(Fact.RETIRED.read("2026-08-31")).isEqualTo(LocalDate.of(2026, 8, 31));
        assertThat(Fact.THINKING.read("always")).isEqualTo("always");
        assertThat(Fact.THINKING.read("unknown")).isNull();
        assertThat(Fact.THINKING.read(null)).isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "CONTEXT, 0, is not a count",
        "CONTEXT, -1, is not a count",
        "CONTEXT, '', is not a count",
        "CONTEXT, 1.5, is not a count",
        "CONTEXT, 1G, is not a count",
        "CONTEXT, 99999999999999M, is not a count",
        "PREFILL, yes, is not true or false",
        "SUCCESSOR, ' ', is not a text",
        "EFFORTS, 'low,,high', is not a list of texts",
        "TEMPERATURES, 'hot', is not a list of numbers",
        "PRICE_INPUT, -1, is not a price",
        "PRICE_INPUT, free, is not a price",
        "RETIRED, soon, is not a date",
        "THINKING, sometimes, 'is none of always, unless-disabled, when-enabled'"
    })
    void a_wrong_value_says_what_it_must_be(Fact fact, String value, String message) {
        assertThatThrownBy(() -> fact.read(value))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(message);
    }

    @ParameterizedTest
    @CsvSource({"PRICE_INPUT", "PRICE_OUTPUT", "CURRENCY"})
    void without_one_of_the_three_that_a_price_list_needs_there_are_no_prices(Fact missing) {
        ModelCard.Builder all = ModelCard.builder("m")
                .fact(Fact.PRICE_INPUT, "1")
                .fact(Fact.PRICE_OUTPUT, "2")
                .fact(Fact.CURRENCY, "USD");

        assertThat(all.build().prices()).isNotNull();
        assertThat(all.fact(missing, null).build().prices()).isNull();
    }

    @Test
    void a_card_without_facts_knows_nothing() {
        ModelCard card = ModelCard.builder("new").build();

        assertThat(card.contextLength()).isZero();
        assertThat(card.maxOutputTokens()).isZero();
        assertThat(card.reasoning()).isFalse();
        assertThat(card.efforts()).isNull();
        assertThat(card.retired()).isNull();
        assertThat(card.prices()).isNull();
        assertThat(card.facts()).isEmpty();
    }

    @Test
    void prices_are_known_when_currency_input_and_output_are() {
        ModelCard.Builder card =
                ModelCard.builder("new").fact(Fact.PRICE_INPUT, "2").fact(Fact.PRICE_OUTPUT, "10");

        assertThat(card.build().prices()).isNull();
        assertThat(card.fact(Fact.CURRENCY, "USD").build().prices())
                .isEqualTo(new ModelPrices("USD", new BigDecimal("2"), new BigDecimal("10"), null, null, null));
    }

    @Test
    void a_fact_can_be_forgotten() {
        ModelCard card =
                ModelCard.builder("new").fact(Fact.EFFORTS, List.of("low")).build();

        assertThat(card.toBuilder().fact(Fact.EFFORTS, "unknown").build())
                .isEqualTo(ModelCard.builder("new").build())
                .hasSameHashCodeAs(ModelCard.builder("new").build());
    }
}
