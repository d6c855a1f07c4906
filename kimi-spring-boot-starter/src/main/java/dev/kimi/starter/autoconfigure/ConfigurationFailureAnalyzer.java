package dev.kimi.starter.autoconfigure;

import dev.kimi.error.ConfigurationException;
import java.util.regex.Matcher;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.Environment;

/** What is wrong and where it is written, and what to write. */
@Order(Ordered.HIGHEST_PRECEDENCE)
final class ConfigurationFailureAnalyzer extends AbstractFailureAnalyzer<ConfigurationException> {

    private final @Nullable SettingSources sources;

    ConfigurationFailureAnalyzer(@Nullable Environment environment) {
        this.sources = environment == null ? null : new SettingSources(environment);
    }

    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, ConfigurationException cause) {
        return new FailureAnalysis(description(cause), cause.fix(), cause);
    }

    private String description(ConfigurationException cause) {
        String setting = cause.setting();
        String problem = cause.problem();
        String place = sources == null ? "" : SettingSources.place(sources.find(setting));
        if (!place.isEmpty() && !problem.contains(place)) {
            return problem.contains(setting)
                    ? problem.replaceFirst("\\Q" + setting + "\\E", "$0" + Matcher.quoteReplacement(place))
                    : setting + place + ": " + problem;
        }
        return (problem + cause.fix()).contains(setting) ? problem : setting + ": " + problem;
    }
}
