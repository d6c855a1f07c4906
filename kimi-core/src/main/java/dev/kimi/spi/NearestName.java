package dev.kimi.spi;

import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The name that a typo stands for. */
final class NearestName {

    private NearestName() {}

    static @Nullable String find(String name, Collection<String> known) {
        return known.stream()
                .filter(other -> distance(name, other) <= Math.max(2, other.length() / 4))
                .min(Comparator.<String>comparingInt(other -> distance(name, other))
                        .thenComparing(Comparator.naturalOrder()))
                .orElseGet(() -> sameWords(name, known));
    }

    /** The same words in another order or below another group, if only one name has them. */
    private static @Nullable String sameWords(String name, Collection<String> known) {
        String last = name.substring(name.lastIndexOf('.') + 1);
        List<String> found = known.stream()
                .filter(other -> words(other).equals(words(name)) || other.equals(last) || other.endsWith("." + last))
                .distinct()
                .toList();
        return found.size() == 1 ? found.get(0) : null;
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
