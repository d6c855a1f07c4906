package dev.kimi.starter.autoconfigure;

import dev.kimi.KimiClientBuilder.Part;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

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
        String meant = nearest(path, known);
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
        boolean provided =
                Arrays.stream(Part.values()).anyMatch(part -> part.prefix().equals(group));
        return "Remove it, or write one of those below " + prefix + group + ": " + String.join(", ", siblings)
                + (provided ? ". If it is for a provider from elsewhere, name that as the group's provider." : ".");
    }

    private static String group(String path) {
        int dot = path.indexOf('.');
        return dot < 0 ? path : path.substring(0, dot);
    }

    private static @Nullable String nearest(String path, Set<String> known) {
        return known.stream()
                .filter(name -> distance(path, name) <= Math.max(2, name.length() / 4))
                .min(Comparator.comparingInt(name -> distance(path, name)))
                .orElseGet(() -> sameWords(path, known));
    }

    /** The same words in another order or below another group, if only one name has them. */
    private static @Nullable String sameWords(String path, Set<String> known) {
        String last = path.substring(path.lastIndexOf('.') + 1);
        List<String> found = known.stream()
                .filter(name -> words(name).equals(words(path)) || name.equals(last) || name.endsWith("." + last))
                .toList();
        return found.size() == 1 ? found.get(0) : SYNONYMS.get(group(path));
    }

    private static Set<String> words(String name) {
        return Set.copyOf(Arrays.asList(name.split("[.-]")));
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
