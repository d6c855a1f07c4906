package dev.kimi.starter;

import dev.kimi.error.ConfigurationException;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/** What is wrong, and what to write. */
@Order(Ordered.HIGHEST_PRECEDENCE)
final class ConfigurationFailureAnalyzer extends AbstractFailureAnalyzer<ConfigurationException> {

    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, ConfigurationException cause) {
        boolean named = (cause.problem() + cause.fix()).contains(cause.setting());
        return new FailureAnalysis(
                named ? cause.problem() : cause.setting() + ": " + cause.problem(), cause.fix(), cause);
    }
}
