package dev.kimi.samples.benchmark.internal;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/** The arguments of a program, each {@code --name=value}, over their defaults. */
public final class Arguments {

    private final Map<String, String> values;

    /**
     * @param defaults of all that there are, by name
     * @throws IllegalArgumentException if an argument is none of them
     */
    public Arguments(Map<String, String> defaults, String... arguments) {
        this.values = new LinkedHashMap<>(defaults);
        for (String argument : arguments) {
            String[] parts = argument.split("=", 2);
            if (parts.length < 2 || values.replace(parts[0], parts[1]) == null) {
                throw new IllegalArgumentException(argument + " is none of " + defaults);
            }
        }
    }

    public String text(String name) {
        return Objects.requireNonNull(values.get(name), name);
    }

    public int number(String name) {
        return Integer.parseInt(text(name));
    }

    public Duration seconds(String name) {
        return Duration.ofSeconds(number(name));
    }
}
