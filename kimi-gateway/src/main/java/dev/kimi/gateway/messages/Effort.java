package dev.kimi.gateway.messages;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** How hard a model is to think, in Anthropic's words, from little to much. */
enum Effort {
    LOW,
    MEDIUM,
    HIGH,
    XHIGH,
    MAX;

    String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Null for no such word. */
    static @Nullable Effort of(String wireName) {
        return Arrays.stream(values())
                .filter(effort -> effort.wireName().equals(wireName))
                .findFirst()
                .orElse(null);
    }

    /**
     * The word for it that a model takes: the same, or the next above it up to the highest, or else the next below.
     *
     * @param taken words that the model takes
     * @return null when it takes none of them
     */
    @Nullable String within(List<String> taken, Effort highest) {
        int wanted = Math.min(ordinal(), highest.ordinal());
        for (int i = wanted; i <= highest.ordinal(); i++) {
            if (taken.contains(values()[i].wireName())) {
                return values()[i].wireName();
            }
        }
        for (int i = wanted; i >= 0; i--) {
            if (taken.contains(values()[i].wireName())) {
                return values()[i].wireName();
            }
        }
        return null;
    }
}
