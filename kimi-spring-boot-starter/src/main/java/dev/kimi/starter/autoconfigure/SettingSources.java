package dev.kimi.starter.autoconfigure;

import dev.kimi.error.ConfigurationException;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.IterableConfigurationPropertySource;
import org.springframework.boot.origin.Origin;
import org.springframework.core.env.Environment;
import org.springframework.util.PlaceholderResolutionException;

/** Where settings are written. As for the binder, the first source that has a name wins. */
final class SettingSources {

    private static final ConfigurationPropertyName KIMI = ConfigurationPropertyName.of("kimi");

    private final Environment environment;

    SettingSources(Environment environment) {
        this.environment = environment;
    }

    static boolean isOurs(ConfigurationPropertyName name) {
        return KIMI.isAncestorOf(name);
    }

    /** The settings below {@code kimi} of every source that can list its own, those of the environment included. */
    Stream<ConfigurationProperty> all() {
        return StreamSupport.stream(
                        ConfigurationPropertySources.get(environment).spliterator(), false)
                .filter(IterableConfigurationPropertySource.class::isInstance)
                .flatMap(source -> ((IterableConfigurationPropertySource) source).stream())
                .filter(SettingSources::isOurs)
                .distinct()
                .map(this::find)
                .filter(Objects::nonNull);
    }

    /** The value that counts, or null if no source has the name. */
    @Nullable ConfigurationProperty find(String setting) {
        return find(ConfigurationPropertyName.adapt(setting, '.'));
    }

    private @Nullable ConfigurationProperty find(ConfigurationPropertyName name) {
        return StreamSupport.stream(
                        ConfigurationPropertySources.get(environment).spliterator(), false)
                .map(source -> source.getConfigurationProperty(name))
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
    }

    /** File and line in parentheses, to follow the name of a setting, or nothing where that is not known. */
    static String place(@Nullable ConfigurationProperty property) {
        Origin origin = property == null ? null : property.getOrigin();
        return origin == null ? "" : " (" + origin + ")";
    }

    /**
     * What is wrong with a value that refers to something which is not set, or to itself; else null. The value is not
     * repeated: what stands beside the reference may be a secret.
     */
    @Nullable ConfigurationException unresolved(String setting, ConfigurationProperty property) {
        if (!(property.getValue() instanceof CharSequence value)) {
            return null;
        }
        try {
            environment.resolveRequiredPlaceholders(value.toString());
            return null;
        } catch (PlaceholderResolutionException e) {
            String reference = e.getPlaceholder().strip();
            String who = "The setting " + setting + place(property);
            if (environment.containsProperty(reference)) {
                return new ConfigurationException(
                        setting,
                        who + " refers to itself through ${" + reference + "}.",
                        "Write the value itself, or the name of a variable that holds it, such as ${"
                                + variable(setting) + "}.");
            }
            return new ConfigurationException(
                    setting,
                    who + " takes its value from " + reference + ", which is not set.",
                    "Set " + variableOrProperty(reference) + ", or write ${" + reference
                            + ":} if the setting may be missing.");
        }
    }

    private static String variableOrProperty(String reference) {
        return reference.matches("[A-Z0-9_]+")
                ? "the environment variable " + reference
                : "the property " + reference + " (as an environment variable " + variable(reference) + ")";
    }

    /** The environment variable that Spring Boot reads a setting from. */
    static String variable(String setting) {
        return setting.replace("-", "").replaceAll("[^A-Za-z0-9]", "_").toUpperCase(Locale.ROOT);
    }
}
