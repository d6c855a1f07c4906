package dev.kimi.starter.autoconfigure;

import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.actuate.endpoint.SanitizableData;
import org.springframework.boot.actuate.endpoint.SanitizingFunction;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.ConfigurableEnvironment;

/**
 * Keeps secrets out of the endpoints {@code env} and {@code configprops}, whatever their {@code show-values} says. A
 * secret within a longer text, such as a command line, is replaced there, and the rest of the text is shown. Secrets
 * are looked up anew each time, since a refresh may change them. Safe for many threads.
 */
@Order(Ordered.HIGHEST_PRECEDENCE)
final class SettingsSanitizer implements SanitizingFunction {

    private static final String MASK = String.valueOf(SanitizableData.SANITIZED_VALUE);

    /** What an option of a command line or a line of JSON gives a setting. */
    private static final Pattern ASSIGNMENT =
            Pattern.compile("(?i)(kimi[\\w.\\[\\]-]*)(\"?\\s*[=:]\\s*)(\"[^\"]*\"|'[^']*'|[^\\s\"']+)");

    private static final Pattern USER_INFO = Pattern.compile("://\\S*@");
    private static final Pattern QUERY = Pattern.compile("(://[^\\s?]*)\\?\\S*");

    private final ConfigurableEnvironment environment;
    private final ObjectProvider<SanitizingFunction> all;

    SettingsSanitizer(ConfigurableEnvironment environment, ObjectProvider<SanitizingFunction> all) {
        this.environment = environment;
        this.all = all;
    }

    @Override
    public SanitizableData apply(SanitizableData data) {
        Object value = data.getValue();
        if (value == null || value instanceof Boolean) {
            return data;
        }
        KnownSecrets secrets = KnownSecrets.of(environment);
        if (SecretSettings.isHidden(data.getKey()) || secrets.isReferredTo(data.getKey())) {
            return data.withSanitizedValue();
        }
        String text = value.toString();
        String shown = withoutSecrets(text, secrets);
        if (SecretSettings.isOurs(data.getKey())) {
            shown = USER_INFO.matcher(shown).replaceAll("://" + MASK + "@");
            shown = QUERY.matcher(shown).replaceAll("$1?" + MASK);
        }
        return shown.equals(text) ? data : byOthers(data.withValue(shown));
    }

    /** The first function that changes a value is the last one asked, and other secrets may stand beside ours. */
    private SanitizableData byOthers(SanitizableData data) {
        return all.orderedStream()
                .filter(function -> function != this)
                .reduce(data, (sanitized, function) -> function.applyUnlessFiltered(sanitized), (one, other) -> other);
    }

    private static String withoutSecrets(String text, KnownSecrets secrets) {
        String shown = text;
        for (String secret : secrets.values()) {
            shown = shown.replace(secret, MASK);
        }
        return ASSIGNMENT.matcher(shown).replaceAll(SettingsSanitizer::masked);
    }

    private static String masked(MatchResult found) {
        String all = found.group();
        return Matcher.quoteReplacement(
                SecretSettings.isHidden(found.group(1)) ? found.group(1) + found.group(2) + MASK : all);
    }
}
