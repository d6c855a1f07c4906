package dev.kimi.starter.autoconfigure;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.PropertySource;

/**
 * The secrets that the sources of an environment hold at one moment, wherever else they are written: in a variable that
 * a setting refers to, on the command line, in a URL. Sources that a setting has lost to another one count too.
 */
final class KnownSecrets {

    private static final Pattern REFERENCE = Pattern.compile("\\$\\{([^${}:]+)");
    private static final Pattern SCHEME = Pattern.compile("(?i)(?:bearer|basic|token)\\s+(\\S+)");
    private static final Pattern OPAQUE = Pattern.compile("(?=.*\\d)[A-Za-z0-9+_=.~-]{16,}");

    /** Short words and numbers, which are common in other values: a key that is one of them is for a test. */
    private static final Pattern HARMLESS = Pattern.compile("(?i)\\d{1,7}|[a-z]{1,7}");

    private static final Pattern USER_INFO = Pattern.compile("://(?:[^:@/?#\\s]*:)?([^@\\s]+)@");
    private static final Pattern QUERY =
            Pattern.compile("(?i)[?&#;]([\\w.-]*(?:key|secret|token|password|sig)[\\w.-]*)" + "=([^&#;\\s]+)");

    /** Shorter ones are found in everything. */
    private static final int SHORTEST = 4;

    private final ConfigurableEnvironment environment;
    private final Set<String> names = new HashSet<>();
    private final Set<String> values = new HashSet<>();

    private KnownSecrets(ConfigurableEnvironment environment) {
        this.environment = environment;
    }

    static KnownSecrets of(ConfigurableEnvironment environment) {
        KnownSecrets secrets = new KnownSecrets(environment);
        for (PropertySource<?> source : environment.getPropertySources()) {
            if (source instanceof EnumerablePropertySource<?> names) {
                for (String name : names.getPropertyNames()) {
                    if (SecretSettings.isOurs(name)) {
                        secrets.read(name, source.getProperty(name));
                    }
                }
            }
        }
        return secrets;
    }

    /** Whether a secret setting takes its value from the name. */
    boolean isReferredTo(String name) {
        return names.contains(SecretSettings.uniform(name));
    }

    /** The values, longest first, since one may contain another. */
    List<String> values() {
        return values.stream()
                .sorted(Comparator.comparingInt(String::length).reversed())
                .toList();
    }

    private void read(String name, @Nullable Object raw) {
        String text = raw == null ? "" : raw.toString();
        String value = resolve(text);
        boolean secret = SecretSettings.isSecret(name);
        if (addPartsOfUrls(value) || secret || SecretSettings.isHidden(name) && isOneReference(text)) {
            follow(text);
        }
        if (secret || SecretSettings.isHidden(name) && OPAQUE.matcher(value).matches()) {
            add(value);
        }
    }

    /** Whether there were any. */
    private boolean addPartsOfUrls(String value) {
        return addAll(USER_INFO.matcher(value), 1) | addAll(QUERY.matcher(value), 2);
    }

    private boolean addAll(Matcher found, int group) {
        boolean any = false;
        while (found.find()) {
            any = true;
            add(found.group(group));
        }
        return any;
    }

    private static boolean isOneReference(String text) {
        return text.startsWith("${") && text.indexOf("${", 1) < 0 && text.endsWith("}");
    }

    private String resolve(String text) {
        try {
            return environment.resolvePlaceholders(text);
        } catch (IllegalArgumentException e) {
            // it refers to itself; there is no other value than the text
            return text;
        }
    }

    private void follow(String text) {
        Matcher reference = REFERENCE.matcher(text);
        while (reference.find()) {
            String name = reference.group(1).strip();
            if (names.add(SecretSettings.uniform(name))) {
                for (PropertySource<?> source : environment.getPropertySources()) {
                    Object value = source.getProperty(name);
                    if (value != null) {
                        follow(value.toString());
                    }
                }
            }
        }
    }

    private void add(String secret) {
        String value = secret.strip();
        if (value.length() < SHORTEST || HARMLESS.matcher(value).matches()) {
            return;
        }
        values.add(value);
        values.add(URLEncoder.encode(value, StandardCharsets.UTF_8));
        values.add(value.replace("\\", "\\\\").replace("\"", "\\\""));
        Matcher scheme = SCHEME.matcher(value);
        if (scheme.matches()) {
            add(scheme.group(1));
        }
    }
}
