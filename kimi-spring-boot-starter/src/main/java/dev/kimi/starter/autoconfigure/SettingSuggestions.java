package dev.kimi.starter.autoconfigure;

import dev.kimi.Part;
import dev.kimi.spi.ProviderSettings;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** What somebody may have meant who wrote a setting that there is not. */
final class SettingSuggestions {

    private static final String CERTIFICATES = "transport.trust-certificates";

    /** Groups that other clients have. */
    private static final Map<String, String> SYNONYMS =
            Map.of("ssl", CERTIFICATES, "tls", CERTIFICATES, "trust-store", CERTIFICATES, "truststore", CERTIFICATES);

    private SettingSuggestions() {}

    /** A sentence that says what to write instead. */
    static String fix(String prefix, String path, Set<String> further) {
        Set<String> known = new TreeSet<>(ClientSettings.known());
        known.addAll(further);
        String near = ProviderSettings.nearest(path, known);
        String meant = near == null ? SYNONYMS.get(group(path)) : near;
        if (meant != null) {
            return "Did you mean " + prefix + meant + "?";
        }
        String group = group(path);
        Set<String> siblings = known.stream()
                .filter(name -> name.startsWith(group + "."))
                .map(name -> name.substring(group.length() + 1))
                .collect(Collectors.toCollection(TreeSet::new));
        if (siblings.isEmpty()) {
            Set<String> groups = known.stream()
                    .filter(name -> name.contains("."))
                    .map(SettingSuggestions::group)
                    .collect(Collectors.toCollection(TreeSet::new));
            return "Remove it, or write one of the groups there are: " + String.join(", ", groups)
                    + ". Settings of your own need a @ConfigurationProperties class, or another name than kimi.";
        }
        boolean provided = Part.all().stream().anyMatch(part -> part.prefix().equals(group));
        return "Remove it, or write one of those below " + prefix + group + ": " + String.join(", ", siblings)
                + (provided ? ". If it is for a provider from elsewhere, name that as the group's provider." : ".");
    }

    private static String group(String path) {
        int dot = path.indexOf('.');
        return dot < 0 ? path : path.substring(0, dot);
    }
}
