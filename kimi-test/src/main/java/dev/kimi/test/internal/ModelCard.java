package dev.kimi.test.internal;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the simulated service sells under one model id.
 *
 * @param id the model id
 * @param contextLength window in tokens, input and output together
 * @param defaultMaxTokens output cap when the request names none; it is also what the token quota charges
 * @param thinkingSwitchable whether {@code thinking: disabled} is accepted
 * @param efforts whether {@code reasoning_effort} and dynamic tools are offered
 */
public record ModelCard(
        String id, int contextLength, int defaultMaxTokens, boolean thinkingSwitchable, boolean efforts) {

    private static final int K2_WINDOW = 262_144;
    private static final int K2_OUTPUT = 32_768;

    /** The models on sale in November 2026. */
    public static Map<String, ModelCard> onSale() {
        Map<String, ModelCard> cards = new LinkedHashMap<>();
        add(cards, new ModelCard("kimi-k3", 1_048_576, 131_072, true, true));
        add(cards, new ModelCard("kimi-k3.1-pro", 1_048_576, 131_072, false, true));
        add(cards, new ModelCard("kimi-k3.1-pro-highspeed", 1_048_576, 131_072, false, true));
        add(cards, new ModelCard("kimi-k2.7-code", K2_WINDOW, K2_OUTPUT, false, false));
        add(cards, new ModelCard("kimi-k2.7-code-highspeed", K2_WINDOW, K2_OUTPUT, false, false));
        add(cards, new ModelCard("kimi-k2.6", K2_WINDOW, K2_OUTPUT, true, false));
        return cards;
    }

    /** A further model with the traits of {@code kimi-k2.6}. */
    public static ModelCard further(String id) {
        return new ModelCard(id, K2_WINDOW, K2_OUTPUT, true, false);
    }

    /** The entry of {@code GET /v1/models}. */
    public Map<String, Object> listing() {
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("id", id);
        entry.put("object", "model");
        entry.put("created", 1_784_000_000);
        entry.put("owned_by", "moonshot");
        entry.put("context_length", contextLength);
        entry.put("supports_image_in", true);
        entry.put("supports_video_in", true);
        entry.put("supports_reasoning", true);
        entry.put("supports_dynamic_tools", efforts);
        entry.put("supports_thinking_type", thinkingSwitchable && !efforts ? "both" : "only");
        if (efforts) {
            List<String> valid = List.of("low", "high", "max");
            entry.put("think_efforts", Map.of("support", true, "valid_efforts", valid, "default_effort", "max"));
        }
        return entry;
    }

    private static void add(Map<String, ModelCard> cards, ModelCard card) {
        cards.put(card.id(), card);
    }
}
