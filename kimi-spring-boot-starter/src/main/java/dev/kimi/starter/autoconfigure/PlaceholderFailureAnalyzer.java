package dev.kimi.starter.autoconfigure;

import dev.kimi.error.ConfigurationException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.Environment;
import org.springframework.util.PlaceholderResolutionException;

/** For settings that a condition of Spring Boot or another module reads before the clients are made. */
@Order(Ordered.HIGHEST_PRECEDENCE)
final class PlaceholderFailureAnalyzer extends AbstractFailureAnalyzer<PlaceholderResolutionException> {

    private final @Nullable SettingSources sources;

    PlaceholderFailureAnalyzer(@Nullable Environment environment) {
        this.sources = environment == null ? null : new SettingSources(environment);
    }

    @Override
    protected @Nullable FailureAnalysis analyze(Throwable rootFailure, PlaceholderResolutionException cause) {
        if (sources == null) {
            return null;
        }
        return sources.all()
                .filter(property -> cause.getValues().contains(String.valueOf(property.getValue())))
                .map(property -> sources.unresolved(property.getName().toString(), property))
                .filter(Objects::nonNull)
                .findFirst()
                .map(PlaceholderFailureAnalyzer::analysis)
                .orElse(null);
    }

    private static FailureAnalysis analysis(ConfigurationException failure) {
        return new FailureAnalysis(failure.problem(), failure.fix(), failure);
    }
}
