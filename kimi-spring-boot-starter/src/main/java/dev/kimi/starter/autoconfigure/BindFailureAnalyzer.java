package dev.kimi.starter.autoconfigure;

import dev.kimi.error.ConfigurationException;
import dev.kimi.starter.KimiClientProperties;
import dev.kimi.starter.KimiProperties;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.Environment;

/** For values of {@code kimi.*} that are not of the right kind. The value itself is not shown: it may be a secret. */
@Order(Ordered.HIGHEST_PRECEDENCE)
final class BindFailureAnalyzer extends AbstractFailureAnalyzer<BindException> {

    private final @Nullable SettingSources sources;

    BindFailureAnalyzer(@Nullable Environment environment) {
        this.sources = environment == null ? null : new SettingSources(environment);
    }

    @Override
    protected @Nullable FailureAnalysis analyze(Throwable rootFailure, BindException cause) {
        if (!SettingSources.isOurs(cause.getName())) {
            return null;
        }
        String setting = cause.getName().toString();
        ConfigurationProperty property =
                cause.getProperty() != null || sources == null ? cause.getProperty() : sources.find(setting);
        ConfigurationException unresolved =
                sources == null || property == null ? null : sources.unresolved(setting, property);
        if (unresolved != null) {
            return new FailureAnalysis(unresolved.problem(), unresolved.fix(), unresolved);
        }
        Class<?> type = cause.getTarget().getType().resolve(Object.class);
        return new FailureAnalysis(
                "The setting " + setting + SettingSources.place(property) + " has a value that cannot be used.",
                "Write " + expected(setting, type) + ".",
                cause);
    }

    private static String expected(String setting, Class<?> type) {
        if (type == Duration.class) {
            return "a time such as 500ms, 10s or 5m";
        }
        if (type == Integer.class) {
            return "a whole number";
        }
        if (type == Double.class) {
            return "a number";
        }
        if (type == Boolean.class) {
            return "true or false";
        }
        if (type.isEnum()) {
            return "one of "
                    + Arrays.stream(type.getEnumConstants())
                            .map(constant ->
                                    constant.toString().toLowerCase(Locale.ROOT).replace('_', '-'))
                            .collect(Collectors.joining(", "));
        }
        if (type == KimiClientProperties.class) {
            return "the settings of the client below its name, such as " + setting + ".api-key";
        }
        if (type.getEnclosingClass() == KimiProperties.class) {
            return "the settings of the group below its name, as in " + setting + ".NAME";
        }
        return "what the reference says about it";
    }
}
