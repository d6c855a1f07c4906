package dev.kimi.internal.protocol.openai;

import dev.kimi.internal.json.DataFile;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** What is known of Kimi's models, measured or documented, from {@code model-facts.json}. */
final class ModelFacts {

    static final ModelFacts KIMI = new ModelFacts(DataFile.read(ModelFacts.class, "model-facts.json"));

    private final Set<String> checked;
    private final List<Family> families = new ArrayList<>();
    final double temperature;
    final double temperatureWithoutThinking;
    final double topP;
    final int maxStops;
    final int maxStopBytes;
    final int maxTools;

    /** Whether a model thinks. */
    enum Thinking {
        /** The request says so, either way. */
        AS_REQUESTED,
        /** Unless the request disables it; there is no way to enable it. */
        ON_UNLESS_DISABLED,
        /** Nothing disables it. */
        ALWAYS;

        private static Thinking of(String name) {
            for (Thinking thinking : values()) {
                if (thinking.name().replace('_', '-').equalsIgnoreCase(name)) {
                    return thinking;
                }
            }
            throw new IllegalStateException("model-facts.json: there is no thinking " + name);
        }
    }

    /**
     * Models whose names begin alike.
     *
     * @param outputCap tokens that the service counts for the response of a request without a cap, by its documentation
     * @param owesReasoning whether a turn with tool calls and without reasoning is rejected
     */
    record Family(String prefix, long outputCap, Thinking thinking, boolean owesReasoning) {}

    ModelFacts(DataFile data) {
        checked = Set.copyOf(data.texts("checked"));
        temperature = data.decimal("temperature");
        temperatureWithoutThinking = data.decimal("temperature-without-thinking");
        topP = data.decimal("top-p");
        maxStops = data.number("max-stops");
        maxStopBytes = data.number("max-stop-bytes");
        maxTools = data.number("max-tools");
        for (DataFile family : data.objects("families")) {
            families.add(new Family(
                    family.text("prefix"),
                    family.number("output-cap"),
                    Thinking.of(family.text("thinking")),
                    family.flag("owes-reasoning")));
            family.end();
        }
        data.end();
        if (families.isEmpty() || !families.get(families.size() - 1).prefix().isEmpty()) {
            throw new IllegalStateException("model-facts.json: the last family must have the prefix \"\"");
        }
    }

    /** Whether the service's rules were measured with exactly this model. */
    boolean isChecked(String model) {
        return checked.contains(model);
    }

    /** The first family whose prefix fits; the last fits all. */
    Family family(String model) {
        int last = families.size() - 1;
        for (int i = 0; i < last; i++) {
            if (model.startsWith(families.get(i).prefix())) {
                return families.get(i);
            }
        }
        return families.get(last);
    }
}
