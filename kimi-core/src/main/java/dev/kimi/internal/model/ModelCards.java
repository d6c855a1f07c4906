package dev.kimi.internal.model;

import dev.kimi.error.ConfigurationException;
import dev.kimi.internal.json.DataFile;
import dev.kimi.service.ModelCard;
import dev.kimi.service.ModelCard.Fact;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The cards of one client's models. What settings say wins over what the service lists, and that over the data of this
 * library. Thread-safe.
 */
public final class ModelCards {

    private static final String RESOURCE = "model-cards.json";
    private static final String SETTING = "kimi.model-cards";
    /** Digits of a date at the end of a name. */
    private static final int DATE = 8;

    /** More than any service has; what a service lists beyond is not kept. */
    private static final int MAX_LISTED = 10_000;

    private final Map<String, Map<Fact, @Nullable Object>> set;
    /** Those that were asked for, and those of models that the service listed. */
    private final Map<String, ModelCard> cards = new ConcurrentHashMap<>();

    private final List<ModelCard> families = new ArrayList<>();

    /** Cards and families of the library, read when the first client is made. */
    private static final class BuiltIn {
        private static final CardFile FILE = CardFile.read(DataFile.read(ModelCards.class, RESOURCE));
    }

    /** @param set facts by model, those that are null being forgotten */
    private ModelCards(Map<String, Map<Fact, @Nullable Object>> set) {
        this.set = set;
        for (CardFile.Family family : BuiltIn.FILE.families()) {
            families.add(
                    with(ModelCard.builder(family.prefix()), family.facts()).build());
        }
    }

    /**
     * The card for what a request to the model must keep to: that of a dated state is the model's, and that of a model
     * without one its family's, which have names of their own.
     */
    public ModelCard of(String model) {
        ModelCard card = known(model);
        return card == null ? family(model) : card;
    }

    /** What is known of the model, under its own name. */
    public ModelCard named(String model) {
        ModelCard card = of(model);
        return card.id().equals(model) ? card : card.toBuilder().id(model).build();
    }

    /** What the service counts the model's calls as, where it counts them by model. */
    public String limitClass(String model) {
        String shared = of(model).text(Fact.LIMIT_CLASS);
        if (shared != null) {
            return shared;
        }
        String undated = withoutDate(model);
        return isDescribed(undated) ? undated : model;
    }

    /** Made when it is asked for: a client has few models, and the library many cards. */
    private @Nullable ModelCard known(String model) {
        ModelCard card = cards.get(model);
        if (card != null) {
            return card;
        }
        String described = isDescribed(model) ? model : withoutDate(model);
        return isDescribed(described) ? cards.computeIfAbsent(described, id -> card(id, null)) : null;
    }

    /** Whether there is a card of the model itself and not only of its family. */
    public boolean isKnown(String model) {
        return isDescribed(model) || isDescribed(withoutDate(model));
    }

    private boolean isDescribed(String model) {
        return cards.containsKey(model) || BuiltIn.FILE.cards().containsKey(model) || set.containsKey(model);
    }

    /** The name of which {@code claude-opus-4-5-20251101} is one state, or the name itself. */
    private static String withoutDate(String model) {
        int dash = model.length() - DATE - 1;
        if (dash <= 0 || model.charAt(dash) != '-') {
            return model;
        }
        for (int i = dash + 1; i < model.length(); i++) {
            if (model.charAt(i) < '0' || model.charAt(i) > '9') {
                return model;
            }
        }
        return model.substring(0, dash);
    }

    /**
     * Takes in what the service lists.
     *
     * @return the cards of the same models with all that is known of them
     */
    public List<ModelCard> listed(List<ModelCard> models) {
        List<ModelCard> known = new ArrayList<>(models.size());
        for (ModelCard model : models) {
            ModelCard card = card(model.id(), model);
            if (cards.size() < MAX_LISTED || cards.containsKey(model.id())) {
                cards.put(model.id(), card);
            }
            known.add(card);
        }
        return List.copyOf(known);
    }

    private ModelCard card(String model, @Nullable ModelCard listed) {
        ModelCard.Builder card = family(model).toBuilder().id(model);
        with(card, facts(BuiltIn.FILE.cards(), model));
        if (listed != null) {
            with(card, listed.facts());
            card.extra(listed.extra());
        }
        return with(card, facts(set, model)).build();
    }

    private static Map<Fact, @Nullable Object> facts(Map<String, Map<Fact, @Nullable Object>> cards, String model) {
        Map<Fact, @Nullable Object> own = cards.get(model);
        return own == null ? cards.getOrDefault(withoutDate(model), Map.of()) : own;
    }

    private static ModelCard.Builder with(ModelCard.Builder card, Map<Fact, ? extends @Nullable Object> facts) {
        facts.forEach(card::fact);
        return card;
    }

    /** The first whose prefix fits. */
    private ModelCard family(String model) {
        for (ModelCard family : families) {
            if (model.startsWith(family.id())) {
                return family;
            }
        }
        throw new IllegalStateException(RESOURCE + ": the last family must have the prefix \"\"");
    }

    /**
     * Says whether the model can be one that settings name.
     *
     * @param setting that which names it
     * @param today the day in UTC
     * @throws ConfigurationException if the service does not offer it any more
     */
    public void checkOffered(String setting, String model, LocalDate today) {
        ModelCard card = of(model);
        LocalDate retired = card.retired();
        if (retired == null || today.isBefore(retired)) {
            return;
        }
        String successor = card.text(Fact.SUCCESSOR);
        throw new ConfigurationException(
                setting,
                "The model " + model + " was retired on " + retired + ".",
                (successor == null ? "Choose another" : "Write " + successor)
                        + ", or, if your service still offers it, set the fact retired of its card to unknown: "
                        + SETTING + "[" + model + "].retired.");
    }

    /** What a program or its settings say of models. Not thread-safe. */
    public static final class Settings {
        private final Map<String, Map<Fact, @Nullable Object>> file = new LinkedHashMap<>();
        private final Map<String, Map<Fact, @Nullable Object>> single = new LinkedHashMap<>();

        /**
         * Takes all cards of a file; of several files the last that states a fact wins.
         *
         * @throws ConfigurationException if it is no such file
         */
        public void file(byte[] json) {
            CardFile read;
            try {
                read = CardFile.read(DataFile.of("the file", json));
            } catch (IllegalStateException e) {
                throw wrongFile(e.getMessage());
            }
            if (!read.families().isEmpty()) {
                throw wrongFile("families are not for files");
            }
            read.cards().forEach((model, facts) -> of(file, model).putAll(facts));
        }

        private static ConfigurationException wrongFile(@Nullable String problem) {
            return new ConfigurationException(
                    SETTING + "-file",
                    "The model cards cannot be read: " + problem + ".",
                    "Write {\"cards\":[{\"models\":[\"…\"], \"context\": 1048576}]} with facts of ModelCard.Fact.");
        }

        /**
         * States one fact, over what files say.
         *
         * @throws ConfigurationException if it is no value of the fact
         */
        public void fact(String model, Fact fact, @Nullable String value) {
            try {
                of(single, model).put(fact, fact.read(value));
            } catch (IllegalArgumentException e) {
                String setting = SETTING + "[" + model + "]." + fact.setting();
                throw new ConfigurationException(
                        setting,
                        "The value '" + value + "' of " + setting + " " + e.getMessage() + ".",
                        "Write such a value, or unknown for what is not to be checked.");
            }
        }

        private static Map<Fact, @Nullable Object> of(Map<String, Map<Fact, @Nullable Object>> cards, String model) {
            return cards.computeIfAbsent(model, m -> new EnumMap<>(Fact.class));
        }

        public ModelCards cards() {
            Map<String, Map<Fact, @Nullable Object>> all = new LinkedHashMap<>();
            file.forEach((model, facts) -> of(all, model).putAll(facts));
            single.forEach((model, facts) -> of(all, model).putAll(facts));
            return new ModelCards(all);
        }
    }
}
