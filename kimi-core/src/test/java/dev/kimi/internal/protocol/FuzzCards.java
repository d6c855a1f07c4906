package dev.kimi.internal.protocol;

import dev.kimi.error.ConfigurationException;
import dev.kimi.internal.model.ModelCards;
import dev.kimi.service.ModelCard;
import dev.kimi.service.ModelCard.Fact;
import java.nio.charset.StandardCharsets;

/** Files of model cards, and single facts as settings have them: taken, or rejected with the setting's name. */
final class FuzzCards {

    private static final int LONGEST_MESSAGE = 100_000;

    private FuzzCards() {}

    static void file(FuzzInput input) {
        byte[] text = input.text();
        ModelCards.Settings settings = new ModelCards.Settings();
        try {
            settings.file(text);
        } catch (ConfigurationException e) {
            rejected(e);
        }
        Fact[] facts = Fact.values();
        Fact fact = facts[input.below(facts.length)];
        String value = new String(text, 0, Math.min(text.length, input.below(40)), StandardCharsets.UTF_8);
        try {
            settings.fact("kimi-k3", fact, value);
        } catch (ConfigurationException e) {
            rejected(e);
        }
        // what was taken can be looked up
        ModelCards cards = settings.cards();
        for (String model : new String[] {"kimi-k3", "claude-opus-5-5-20260922", "m", ""}) {
            ModelCard card = cards.named(model);
            FuzzCheck.same(model, card.id(), "the card's name");
            card.facts()
                    .forEach((known, said) -> FuzzCheck.hold(
                            said == null
                                    || card.toBuilder()
                                            .fact(known, said)
                                            .build()
                                            .equals(card),
                            known + " reads differently"));
            card.retired();
            cards.limitClass(model);
        }
    }

    private static void rejected(ConfigurationException e) {
        String message = String.valueOf(e.getMessage());
        FuzzCheck.hold(!message.isBlank() && message.length() < LONGEST_MESSAGE, "no message, or too long");
        FuzzCheck.hold(e.setting().startsWith("kimi.model-cards"), "another setting: " + e.setting());
    }
}
