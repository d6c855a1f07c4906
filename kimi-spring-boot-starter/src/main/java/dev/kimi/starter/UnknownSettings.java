package dev.kimi.starter;

import dev.kimi.KimiClientBuilder.Part;
import dev.kimi.error.ConfigurationException;
import java.util.Comparator;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.IterableConfigurationPropertySource;
import org.springframework.boot.context.properties.source.UnboundElementsSourceFilter;
import org.springframework.boot.origin.Origin;
import org.springframework.core.env.Environment;

/**
 * Finds settings that nobody reads, since a typo in a limit would otherwise be found in production. Names below a group
 * that is not ours belong to other modules, and names below a group whose provider is not ours to that provider; what
 * the operating system's environment holds is not judged.
 */
final class UnknownSettings {

    private static final ConfigurationPropertyName KIMI = ConfigurationPropertyName.of("kimi");

    private static final Map<Part, Set<String>> OURS = Map.of(
            Part.AUTH, Set.of("api-key", "oauth2"),
            Part.TRANSPORT, Set.of("vertx"),
            Part.RETRY, Set.of("standard", "classic", "never", "spring"),
            Part.QUOTA, Set.of("local"),
            Part.BATCH, Set.of("fixed", "littles-law"));

    private static final Set<String> GROUPS = ClientSettings.known().stream()
            .filter(name -> name.indexOf('.') > 0)
            .map(name -> name.substring(0, name.indexOf('.')))
            .collect(Collectors.toUnmodifiableSet());

    private final SettingsReader reader;

    UnknownSettings(SettingsReader reader) {
        this.reader = reader;
    }

    /**
     * Looks through all sources.
     *
     * @throws ConfigurationException for the first name that nobody reads
     */
    void check(Environment environment) {
        UnboundElementsSourceFilter judged = new UnboundElementsSourceFilter();
        for (ConfigurationPropertySource source : ConfigurationPropertySources.get(environment)) {
            if (source instanceof IterableConfigurationPropertySource names && judged.apply(source)) {
                names.stream().filter(KIMI::isAncestorOf).forEach(name -> check(name, names));
            }
        }
    }

    private void check(ConfigurationPropertyName name, ConfigurationPropertySource source) {
        String path = path(name, 1);
        if (!name.getElement(1, ConfigurationPropertyName.Form.UNIFORM).equals("clients")) {
            check("kimi.", path, reader.top(), name, source);
        } else if (name.getNumberOfElements() > 3) {
            String client = name.getElement(2, ConfigurationPropertyName.Form.ORIGINAL);
            check("kimi.clients." + client + ".", path(name, 3), reader.named(client), name, source);
        }
    }

    private static void check(
            String prefix,
            String path,
            ClientSettings settings,
            ConfigurationPropertyName name,
            ConfigurationPropertySource source) {
        if (SettingsReader.isKnown(path) || isOfOthers(path, settings)) {
            return;
        }
        if (path.equals("protocol")) {
            throw new ConfigurationException(
                    prefix + path,
                    "Clients speak Kimi's own protocol only; others are not available yet.",
                    "Remove " + prefix + path
                            + ", and use base-url and key of a service that speaks chat completions.");
        }
        var property = source.getConfigurationProperty(name);
        Origin origin = property == null ? null : property.getOrigin();
        String meant = nearest(path);
        throw new ConfigurationException(
                prefix + path,
                "There is no setting " + prefix + path + (origin == null ? "" : " (" + origin + ")") + ".",
                meant == null
                        ? "Remove it, or name the provider that it is for as the group's provider."
                        : "Did you mean " + prefix + meant + "?");
    }

    private static boolean isOfOthers(String path, ClientSettings settings) {
        int dot = path.indexOf('.');
        if (dot < 0) {
            return false;
        }
        String group = path.substring(0, dot);
        for (Part part : Part.values()) {
            if (ClientSettings.prefix(part).equals(group + ".")) {
                String provider = settings.provider(part);
                return provider != null && !OURS.getOrDefault(part, Set.of()).contains(provider);
            }
        }
        // timeout is a group of ours without a provider
        return !GROUPS.contains(group)
                && distance(group, "clients") > 2
                && GROUPS.stream().allMatch(ours -> distance(group, ours) > 2);
    }

    private static String path(ConfigurationPropertyName name, int from) {
        StringBuilder path = new StringBuilder();
        for (int i = from; i < name.getNumberOfElements(); i++) {
            path.append(i == from ? "" : ".").append(name.getElement(i, ConfigurationPropertyName.Form.ORIGINAL));
        }
        return path.toString();
    }

    private static @Nullable String nearest(String path) {
        return new TreeSet<>(ClientSettings.known())
                .stream()
                        .filter(known -> distance(path, known) <= Math.max(2, known.length() / 4))
                        .min(Comparator.comparingInt(known -> distance(path, known)))
                        .orElse(null);
    }

    /** Levenshtein's: the fewest letters to insert, remove or replace. */
    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }
}
