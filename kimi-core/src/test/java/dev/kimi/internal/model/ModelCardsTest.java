package dev.kimi.internal.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kimi.error.ConfigurationException;
import dev.kimi.internal.json.DataFile;
import dev.kimi.internal.util.Resource;
import dev.kimi.service.ModelCard;
import dev.kimi.service.ModelCard.Fact;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModelCardsTest {

    private static final String FILE = "model-cards.json";
    private static final CardFile BUILT_IN = CardFile.read(DataFile.read(ModelCards.class, FILE));

    private final ModelCards.Settings settings = new ModelCards.Settings();

    @Test
    void every_card_of_a_model_on_sale_says_of_each_fact_what_it_is_or_that_nobody_knows() {
        assertThat(BUILT_IN.cards()).hasSizeGreaterThan(30).allSatisfy((model, facts) -> {
            if (facts.containsKey(Fact.RETIRED) && facts.get(Fact.RETIRED) != null) {
                assertThat(facts).as(model).containsOnlyKeys(Fact.RETIRED, Fact.SUCCESSOR);
            } else {
                assertThat(facts.keySet()).as(model).isEqualTo(EnumSet.allOf(Fact.class));
            }
        });
    }

    @Test
    void every_successor_is_a_model_on_sale() {
        BUILT_IN.cards().forEach((model, facts) -> {
            Object successor = facts.get(Fact.SUCCESSOR);
            if (successor != null) {
                assertThat(new ModelCards.Settings()
                                .cards()
                                .of((String) successor)
                                .retired())
                        .as(model)
                        .isNull();
                assertThat(BUILT_IN.cards()).containsKey((String) successor);
            }
        });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "kimi-k3", "kimi-k3.1-pro", "kimi-k3.1-pro-highspeed", "kimi-k2.7-code", "kimi-k2.7-code-highspeed",
                "kimi-k2.6", "claude-fable-5-2", "claude-mythos-5-2", "claude-fable-5-1", "claude-mythos-5-1",
                "claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-5-5", "claude-opus-5", "claude-sonnet-5",
                "claude-fable-5", "claude-mythos-5", "claude-opus-4-8", "claude-opus-4-7", "claude-opus-4-6",
                "claude-sonnet-4-6", "claude-opus-4-5", "claude-sonnet-4-5", "claude-haiku-4-5"
            })
    void every_model_on_sale_has_a_card_with_its_context(String model) {
        ModelCard card = new ModelCards.Settings().cards().named(model);

        assertThat(card.id()).isEqualTo(model);
        assertThat(card.contextLength()).isPositive();
        assertThat(card.count(Fact.OUTPUT_DEFAULT)).isPositive();
        assertThat(card.retired()).isNull();
        if (card.prices() != null && card.prices().cacheWrite() != null) {
            assertThat(card.prices().cacheWriteHour())
                    .isGreaterThan(card.prices().cacheWrite());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "kimi-k3, 131072, unless-disabled, true",
        "kimi-k3.2, 131072, unless-disabled, true",
        "kimi-k2.7-code, 32768, always, true",
        "kimi-k2.7, 32768, , true",
        "kimi-, 32768, , true",
        "claude-next, 32000, , false",
        "other, 32768, , false",
        "'', 32768, , false"
    })
    void a_model_without_a_card_is_written_as_its_family_is_and_not_checked(
            String model, long cap, String thinking, boolean owes) {
        ModelCard card = new ModelCards.Settings().cards().named(model);

        assertThat(card.id()).isEqualTo(model);
        assertThat(card.count(Fact.OUTPUT_DEFAULT)).isEqualTo(cap);
        assertThat(card.text(Fact.THINKING)).isEqualTo(thinking);
        assertThat(card.flag(Fact.REASONING_OWED)).isEqualTo(owes);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"cards\"|\"rows\"|cards is missing",
                "\"families\"|\"kin\"|unknown members [kin]",
                "\"output-max\": 1048576|\"output-most\": 1|unknown members [output-most]",
                "\"output-max\": 1048576|\"output-max\": \"many\"|output-max is not a count",
                "\"thinking\": \"always\"|\"thinking\": \"often\"|thinking is none of always, unless-disabled, when-enabled",
                "\"models\": [\"kimi-k2.6\"]|\"models\": [\"kimi-k3\"]|there is a card of kimi-k3 before",
                "\"prefix\": \"kimi-\"|\"prefix\": \"kimi-\", \"x\": 1|families[1]: unknown members [x]"
            })
    void cards_with_a_mistake_are_not_read(String right, String wrong, String message) {
        String text = new String(Resource.bytes(ModelCards.class, FILE), StandardCharsets.UTF_8);
        assertThat(text).contains(right);
        byte[] changed = text.replaceFirst(Pattern.quote(right), wrong).getBytes(StandardCharsets.UTF_8);

        assertThatThrownBy(() -> CardFile.read(DataFile.of(FILE, changed)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining(message);
    }

    @Test
    void settings_win_over_files_those_over_lists_and_those_over_what_the_library_brings() {
        settings.file(json("{'cards':[{'models':['kimi-k3'],'context':3,'output-max':3,'efforts':null}]}"));
        settings.fact("kimi-k3", Fact.CONTEXT, "4");
        ModelCards cards = settings.cards();

        List<ModelCard> listed = cards.listed(List.of(ModelCard.builder("kimi-k3")
                .contextLength(2)
                .fact(Fact.OUTPUT_MAX, 2)
                .fact(Fact.EFFORT_DEFAULT, "low")
                .fact(Fact.EFFORTS, "low")
                .build()));

        ModelCard card = cards.of("kimi-k3");
        assertThat(listed).containsExactly(card);
        assertThat(card.contextLength()).isEqualTo(4);
        assertThat(card.maxOutputTokens()).isEqualTo(3);
        assertThat(card.text(Fact.EFFORT_DEFAULT)).isEqualTo("low");
        assertThat(card.efforts()).isNull();
        assertThat(card.count(Fact.OUTPUT_DEFAULT)).isEqualTo(131_072);
        assertThat(new ModelCards.Settings().cards().of("kimi-k3").contextLength())
                .isEqualTo(1_048_576);
    }

    @Test
    void what_a_later_list_does_not_say_any_more_is_forgotten() {
        ModelCards cards = new ModelCards.Settings().cards();
        cards.listed(List.of(ModelCard.builder("kimi-k3")
                .contextLength(2)
                .extra(Map.of("x", 1))
                .build()));
        cards.listed(List.of(ModelCard.builder("kimi-k3").build()));

        assertThat(cards.named("kimi-k3"))
                .isEqualTo(new ModelCards.Settings().cards().named("kimi-k3"));
    }

    @Test
    void a_dated_state_of_a_model_has_its_card() {
        settings.fact("claude-opus-4-5", Fact.CONTEXT, "3");
        ModelCards cards = settings.cards();

        assertThat(cards.named("claude-opus-4-5-20251101").id()).isEqualTo("claude-opus-4-5-20251101");
        assertThat(cards.of("claude-opus-4-5-20251101").maxOutputTokens()).isEqualTo(64_000);
        assertThat(cards.of("claude-opus-4-5-20251101").contextLength()).isEqualTo(3);
        assertThat(cards.of("claude-opus-4-5-2025110").maxOutputTokens()).isZero();
        assertThat(cards.of("claude-opus-4-5-2025110x").maxOutputTokens()).isZero();
        assertThat(cards.of("claude-opus-4-5-x0251101").maxOutputTokens()).isZero();
        assertThat(cards.of("claude-opus-4-5-20291139").maxOutputTokens()).isEqualTo(64_000);
        assertThat(cards.of("-20251101").maxOutputTokens()).isZero();
        List<ModelCard> listed = cards.listed(List.of(ModelCard.builder("claude-opus-4-5-20251101")
                .fact(Fact.EFFORTS, "low")
                .build()));
        assertThat(listed.get(0).maxOutputTokens()).isEqualTo(64_000);
        assertThat(listed.get(0).contextLength()).isEqualTo(3);
        assertThat(cards.of("claude-opus-4-5-20251101").efforts()).containsExactly("low");
        assertThat(cards.of("claude-opus-4-5").efforts()).isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "claude-opus-4-8, claude-opus-4",
        "claude-opus-4-1-20250805, claude-opus-4",
        "claude-sonnet-4-5-20250929, claude-sonnet-4",
        "claude-haiku-4-5-20251001, claude-haiku-4-5",
        "claude-opus-5-5, claude-opus-5-5",
        "kimi-k3, kimi-k3",
        "other-20251001, other-20251001"
    })
    void models_of_one_class_share_limits(String model, String limitClass) {
        assertThat(settings.cards().limitClass(model)).isEqualTo(limitClass);
    }

    @Test
    void a_model_that_is_new_gets_a_card_by_settings_on_top_of_its_family() {
        settings.fact("kimi-k9", Fact.EFFORTS, "low, max");

        ModelCard card = settings.cards().of("kimi-k9");

        assertThat(card.id()).isEqualTo("kimi-k9");
        assertThat(card.efforts()).containsExactly("low", "max");
        assertThat(card.count(Fact.TOOLS_MAX)).isEqualTo(128);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[]|is not one JSON object",
                "{}|cards is missing",
                "{'cards':[{'models':['x'],'contxt':1}]}|unknown members [contxt]",
                "{'cards':[{'models':['x'],'context':'big'}]}|context is not a count",
                "{'cards':[],'families':[{'prefix':''}]}|families are not for files"
            })
    void a_file_with_a_mistake_stops_the_start(String file, String message) {
        assertThatThrownBy(() -> settings.file(json(file))).isInstanceOfSatisfying(ConfigurationException.class, e -> {
            assertThat(e.setting()).isEqualTo("kimi.model-cards-file");
            assertThat(e.problem()).contains(message);
        });
    }

    @Test
    void a_wrong_fact_names_its_setting() {
        assertThatThrownBy(() -> settings.fact("kimi-k3", Fact.CONTEXT, "big"))
                .isInstanceOfSatisfying(
                        ConfigurationException.class,
                        e -> assertThat(e.setting()).isEqualTo("kimi.model-cards[kimi-k3].context"));
    }

    @Test
    void a_retired_model_is_no_default_from_its_day_on() {
        ModelCards cards = new ModelCards.Settings().cards();

        assertThatNoException()
                .isThrownBy(() -> cards.checkOffered("kimi.model", "kimi-k2.5", LocalDate.of(2026, 8, 30)));
        assertThatThrownBy(() -> cards.checkOffered("kimi.model", "kimi-k2.5", LocalDate.of(2026, 8, 31)))
                .isInstanceOfSatisfying(ConfigurationException.class, e -> {
                    assertThat(e.setting()).isEqualTo("kimi.model");
                    assertThat(e.problem()).isEqualTo("The model kimi-k2.5 was retired on 2026-08-31.");
                    assertThat(e.fix()).startsWith("Write kimi-k3, or, ");
                });
        assertThatNoException()
                .isThrownBy(() -> cards.checkOffered("kimi.model", "kimi-k3.1-pro", LocalDate.of(2030, 1, 1)));
        assertThatNoException().isThrownBy(() -> cards.checkOffered("kimi.model", "other", LocalDate.of(2030, 1, 1)));
    }

    @Test
    void a_retirement_can_be_forgotten_where_another_service_still_has_the_model() {
        settings.fact("kimi-k2-thinking", Fact.RETIRED, "unknown");

        assertThatNoException()
                .isThrownBy(() ->
                        settings.cards().checkOffered("kimi.model", "kimi-k2-thinking", LocalDate.of(2030, 1, 1)));
    }

    private static byte[] json(String text) {
        return text.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    }
}
