package dev.kimi.starter.autoconfigure;

import dev.kimi.KimiClientBuilder;
import dev.kimi.error.ConfigurationException;
import dev.kimi.service.ModelCard.Fact;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.springframework.boot.context.properties.bind.DataObjectPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.core.io.DefaultResourceLoader;
import org.springframework.core.io.FileSystemResource;
import org.springframework.core.io.Resource;
import org.springframework.util.ResourceUtils;

/** The settings {@code model-cards} and {@code model-cards-file}: what is known of models. */
final class ModelCardSettings {

    static final String CARDS = "model-cards";
    static final String FILE = "model-cards-file";

    private static final Pattern NAME = Pattern.compile(CARDS + "\\[(.*)]\\.([^.]+)");

    private ModelCardSettings() {}

    /** One name for each fact, as in {@code model-cards[kimi-k3].context}. */
    static Map<String, String> flatten(String name, Map<?, ?> cards, boolean unset) {
        Map<String, String> values = new LinkedHashMap<>();
        if (unset) {
            values.put(name, "");
        }
        cards.forEach((model, facts) -> {
            if (facts instanceof Map<?, ?> map) {
                map.forEach((fact, value) -> values.put(
                        name + "[" + model + "]." + DataObjectPropertyName.toDashedForm(String.valueOf(fact)),
                        String.valueOf(value)));
            }
        });
        return values;
    }

    /** @throws ConfigurationException if one of them is no fact, or its value is not one of the fact */
    static void applyTo(KimiClientBuilder builder, Map<String, String> values) {
        values.forEach((name, value) -> {
            Matcher card = NAME.matcher(name);
            if (card.matches()) {
                Fact fact = Fact.of(card.group(2));
                if (fact == null) {
                    throw unknown("kimi." + name);
                }
                builder.modelCard(card.group(1), fact, value);
            }
        });
    }

    private static ConfigurationException unknown(String setting) {
        return new ConfigurationException(
                setting,
                "There is no fact of a model with the name that " + setting + " ends with.",
                "Write one of "
                        + Arrays.stream(Fact.values()).map(Fact::setting).collect(Collectors.joining(", ")) + ".");
    }

    /**
     * Whether the name is below {@code model-cards}, where facts stand.
     *
     * @param from the number of elements before it
     */
    static boolean isBelow(ConfigurationPropertyName name, int from) {
        return name.getNumberOfElements() > from + 1
                && name.getElement(from, ConfigurationPropertyName.Form.UNIFORM).equals("modelcards");
    }

    /**
     * Looks whether a name below {@code model-cards} is of a model and a fact.
     *
     * @throws ConfigurationException if dots in the name of the model take it apart
     */
    static void check(ConfigurationPropertyName name, int from) {
        int below = name.getNumberOfElements() - from - 1;
        String last = name.getLastElement(ConfigurationPropertyName.Form.DASHED);
        if (below == 2 && Fact.of(last) == null) {
            throw unknown(name.toString());
        }
        if (below != 2) {
            throw new ConfigurationException(
                    name.toString(),
                    "The setting " + name + " is not of one model and one fact.",
                    "Write the name of the model in brackets, in YAML with quotes around them, as in"
                            + " kimi.model-cards[kimi-k3.1-pro].context, and a list as a text such as 'low, high'.");
        }
    }

    /**
     * Reads a file.
     *
     * @param place a path, or a URL such as {@code classpath:model-cards.json}
     * @throws ConfigurationException if that is not possible
     */
    static String file(String place) {
        Resource resource = ResourceUtils.isUrl(place)
                ? new DefaultResourceLoader().getResource(place)
                : new FileSystemResource(place);
        try {
            return resource.getContentAsString(StandardCharsets.UTF_8);
        } catch (IOException e) {
            String setting = "kimi." + FILE;
            throw new ConfigurationException(
                    setting,
                    "The file " + place + " of " + setting + " cannot be read.",
                    "Write the path of a JSON file, or classpath: and its name.");
        }
    }
}
