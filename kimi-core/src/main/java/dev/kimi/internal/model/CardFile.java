package dev.kimi.internal.model;

import dev.kimi.internal.json.DataFile;
import dev.kimi.service.ModelCard.Fact;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Cards as a JSON file has them: {@code {"cards":[{"models":["kimi-k3"],"context":"1M"}]}}. A fact that is null is not
 * known, whatever is said of it elsewhere. The library's own file has families too, {@code {"prefix":"kimi-"}}, for
 * models without a card.
 *
 * @param cards facts by model
 * @param families in the order in which they are looked at
 */
record CardFile(Map<String, Map<Fact, @Nullable Object>> cards, List<Family> families) {

    /** Facts of models whose names begin alike. */
    record Family(String prefix, Map<Fact, @Nullable Object> facts) {}

    /** @throws IllegalStateException naming what is wrong */
    static CardFile read(DataFile data) {
        Map<String, Map<Fact, @Nullable Object>> cards = new LinkedHashMap<>();
        for (DataFile card : data.objects("cards")) {
            List<String> models = card.texts("models");
            Map<Fact, @Nullable Object> facts = facts(card);
            for (String model : models) {
                if (cards.put(model, facts) != null) {
                    throw new IllegalStateException(card.place() + ": there is a card of " + model + " before");
                }
            }
        }
        List<Family> families = new ArrayList<>();
        if (data.names().contains("families")) {
            for (DataFile family : data.objects("families")) {
                families.add(new Family(family.text("prefix"), facts(family)));
            }
        }
        data.end();
        return new CardFile(cards, families);
    }

    private static Map<Fact, @Nullable Object> facts(DataFile data) {
        Map<Fact, @Nullable Object> facts = new EnumMap<>(Fact.class);
        for (String name : data.names()) {
            Fact fact = Fact.of(name);
            if (fact != null) {
                try {
                    facts.put(fact, fact.read(data.value(name)));
                } catch (IllegalArgumentException e) {
                    throw new IllegalStateException(data.place() + ": " + name + " " + e.getMessage(), e);
                }
            }
        }
        data.end();
        return facts;
    }
}
