package dev.kimi.starter;

import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.origin.Origin;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/** For values of {@code kimi.*} that are not of the right kind. The value itself is not shown: it may be a secret. */
@Order(Ordered.HIGHEST_PRECEDENCE)
final class BindFailureAnalyzer extends AbstractFailureAnalyzer<BindException> {

    private static final ConfigurationPropertyName KIMI = ConfigurationPropertyName.of("kimi");

    @Override
    protected @Nullable FailureAnalysis analyze(Throwable rootFailure, BindException cause) {
        if (!KIMI.isAncestorOf(cause.getName())) {
            return null;
        }
        Class<?> type = cause.getTarget().getType().resolve(Object.class);
        Origin origin = cause.getProperty() == null ? null : cause.getProperty().getOrigin();
        return new FailureAnalysis(
                "The setting " + cause.getName() + (origin == null ? "" : " (" + origin + ")")
                        + " has a value that cannot be used.",
                "Write " + expected(type) + ".",
                cause);
    }

    private static String expected(Class<?> type) {
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
                            .map(constant -> constant.toString().toLowerCase(Locale.ROOT))
                            .collect(Collectors.joining(", "));
        }
        return "what the reference says about it";
    }
}
