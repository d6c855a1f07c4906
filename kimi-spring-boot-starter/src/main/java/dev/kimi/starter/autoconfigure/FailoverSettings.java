package dev.kimi.starter.autoconfigure;

import dev.kimi.KimiClientBuilder;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;

/** The settings {@code failover}, {@code models} and {@code api-keys}: where calls go on, and under which names. */
final class FailoverSettings {

    static final String CLIENTS = "failover";
    static final String MODELS = "models";
    static final String KEYS = "api-keys";

    private static final String PREFIX = MODELS + "[";

    private FailoverSettings() {}

    /** One name for each model, as in {@code models[kimi-k3]}. */
    static Map<String, String> flatten(Map<?, ?> models, boolean unset) {
        Map<String, String> values = new LinkedHashMap<>();
        if (unset) {
            values.put(MODELS, "");
        }
        models.forEach((model, here) -> values.put(PREFIX + model + "]", String.valueOf(here)));
        return values;
    }

    static void applyTo(KimiClientBuilder builder, Map<String, String> values) {
        builder.apiKeys(list(values.get(KEYS)));
        Map<String, String> names = new LinkedHashMap<>();
        values.forEach((name, value) -> {
            if (name.startsWith(PREFIX)) {
                names.put(name.substring(PREFIX.length(), name.length() - 1), value);
            }
        });
        builder.modelNames(names);
    }

    /** What stands between commas, without blanks. */
    static List<String> list(@Nullable String text) {
        return text == null
                ? List.of()
                : Arrays.stream(text.split(","))
                        .map(String::strip)
                        .filter(item -> !item.isEmpty())
                        .toList();
    }

    /**
     * Whether the name is below {@code models}, where names of models stand.
     *
     * @param from the number of elements before it
     */
    static boolean isBelow(ConfigurationPropertyName name, int from) {
        return name.getNumberOfElements() > from + 1
                && name.getElement(from, ConfigurationPropertyName.Form.UNIFORM).equals(MODELS);
    }
}
