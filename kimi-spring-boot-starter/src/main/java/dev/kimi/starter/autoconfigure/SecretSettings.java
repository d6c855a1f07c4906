package dev.kimi.starter.autoconfigure;

import dev.kimi.Part;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Which settings may not be shown, by their names, however these are spelled: as in a file, as an environment variable
 * or as a bean's property. What the starter knows is shown unless it is a secret; what a provider from elsewhere reads
 * is not shown, since only that provider knows what it is.
 */
final class SecretSettings {

    private static final Set<String> SECRETS =
            Set.of("api-key", FailoverSettings.KEYS, "auth.client-secret", "transport.proxy.password");

    private static final Set<String> SHOWN = Stream.concat(
                    ClientSettings.known().stream().filter(name -> !SECRETS.contains(name)),
                    UnknownSettings.OF_CONDITIONS.stream())
            .map(SecretSettings::uniform)
            .collect(Collectors.toUnmodifiableSet());

    private static final Pattern SECRET = Pattern.compile(".*(key|secret|token|passw|passphrase|pwd|credential|authori"
            + "|bearer|jwt|cookie|header|signature|private).*");

    private static final Pattern SECRET_OF_OTHERS = Pattern.compile(
            ".*(kimi|moonshot|anthropic|claude).*(key|secret|token|password|pwd|passphrase|credentials?)");

    private SecretSettings() {}

    /** Whether the setting is below {@code kimi}. */
    static boolean isOurs(String name) {
        return path(name) != null;
    }

    /** Whether the value must not be shown. */
    static boolean isHidden(String name) {
        String path = path(name);
        if (path == null) {
            return SECRET_OF_OTHERS.matcher(uniform(name)).matches();
        }
        return !SHOWN.contains(path)
                && (Part.all().stream().map(Part::prefix).anyMatch(path::startsWith)
                        || SECRET.matcher(path).matches());
    }

    /** Whether the value is a secret by its name, and not only hidden because nobody here knows what it is. */
    static boolean isSecret(String name) {
        String path = path(name);
        return path != null && isHidden(name) && SECRET.matcher(path).matches();
    }

    /** The form in which all spellings of a name are the same. */
    static String uniform(String name) {
        StringBuilder uniform = new StringBuilder();
        name.toLowerCase(Locale.ROOT).chars().filter(Character::isLetterOrDigit).forEach(uniform::appendCodePoint);
        return uniform.toString();
    }

    /** The name below {@code kimi} or below the name of a client, or null if the name is not below {@code kimi}. */
    private static @Nullable String path(String name) {
        if (!name.regionMatches(true, 0, "kimi", 0, "kimi".length())) {
            return null;
        }
        String[] elements = name.split("[._\\[\\]]+");
        if (elements.length < 2 || !elements[0].equalsIgnoreCase("kimi")) {
            return null;
        }
        int from = elements[1].equalsIgnoreCase("clients") && elements.length > 3 ? 3 : 1;
        return uniform(String.join("", Arrays.copyOfRange(elements, from, elements.length)));
    }
}
