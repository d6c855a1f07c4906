package dev.kimi.internal.protocol;

import dev.kimi.service.ModelCard;
import dev.kimi.service.ModelCard.Fact;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Facts among the further fields of a listed model, which stay where they are: Kimi's efforts, and what Claude's list
 * says. What cannot be understood is not known. What Kimi says of the switch of thinking is left alone: it has been
 * seen to say less than the model takes.
 */
final class ListedFacts {

    /** Length of a date, with which times begin. */
    private static final int DATE = 10;

    private ListedFacts() {}

    static void take(ModelCard.Builder card, Map<String, @Nullable Object> fields) {
        kimiEfforts(card, fields.get("think_efforts"));
        // only beside this one is the other known to be a limit
        Object input = fields.get("max_input_tokens");
        if (input != null) {
            take(card, Fact.CONTEXT, input);
            take(card, Fact.OUTPUT_MAX, fields.get("max_tokens"));
        }
        if (fields.get("retires_at") instanceof String time && time.length() >= DATE) {
            take(card, Fact.RETIRED, time.substring(0, DATE));
        }
        if (fields.get("capabilities") instanceof Map<?, ?> capabilities) {
            claude(card, capabilities);
        }
    }

    private static void kimiEfforts(ModelCard.Builder card, @Nullable Object said) {
        if (said instanceof Map<?, ?> efforts && Boolean.TRUE.equals(efforts.get("support"))) {
            if (efforts.get("valid_efforts") instanceof List<?> valid && !valid.isEmpty()) {
                take(card, Fact.EFFORTS, valid);
            }
            take(card, Fact.EFFORT_DEFAULT, efforts.get("default_effort"));
        }
    }

    private static void claude(ModelCard.Builder card, Map<?, ?> capabilities) {
        if (capabilities.get("effort") instanceof Map<?, ?> effort && isSupported(effort)) {
            supported(card, Fact.EFFORTS, effort);
        }
        if (capabilities.get("thinking") instanceof Map<?, ?> thinking
                && isSupported(thinking)
                && thinking.get("types") instanceof Map<?, ?> types) {
            supported(card, Fact.THINKING_TYPES, types);
            card.reasoning(true);
        }
        if (isSupported(capabilities.get("image_input"))) {
            card.imageInput(true);
        }
        if (capabilities.get("structured_outputs") instanceof Map<?, ?> structured) {
            take(card, Fact.STRUCTURED_OUTPUT, structured.get("supported"));
        }
    }

    /** The names of those that are supported, if there are any. */
    private static void supported(ModelCard.Builder card, Fact fact, Map<?, ?> all) {
        List<Object> names = new ArrayList<>();
        all.forEach((name, said) -> {
            if (isSupported(said) && !"supported".equals(name)) {
                names.add(String.valueOf(name));
            }
        });
        if (!names.isEmpty()) {
            take(card, fact, names);
        }
    }

    private static boolean isSupported(@Nullable Object said) {
        return Boolean.TRUE.equals(said instanceof Map<?, ?> more ? more.get("supported") : said);
    }

    private static void take(ModelCard.Builder card, Fact fact, @Nullable Object said) {
        try {
            card.fact(fact, said);
        } catch (IllegalArgumentException e) {
            card.fact(fact, null);
        }
    }
}
