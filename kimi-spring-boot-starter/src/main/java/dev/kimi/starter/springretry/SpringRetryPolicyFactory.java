package dev.kimi.starter.springretry;

import dev.kimi.error.ConfigurationException;
import dev.kimi.retry.RetryPolicy;
import dev.kimi.retry.RetryPolicyFactory;
import dev.kimi.spi.ProviderSettings;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.retry.backoff.BackOffPolicy;
import org.springframework.retry.support.RetryTemplate;

/**
 * {@code kimi.retry.preset=spring}: the rules of {@code kimi.retry.*} as a Spring Retry policy with an
 * {@code ExponentialRandomBackOffPolicy}, evaluated without sleeping.
 */
public final class SpringRetryPolicyFactory implements RetryPolicyFactory {

    /** The name to choose it by. */
    static final String NAME = "spring";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Set<String> settings() {
        return Set.of("max-attempts", "min-delay", "max-delay", "multiplier", "retry-after-ceiling");
    }

    @Override
    public RetryPolicy create(ProviderSettings settings) {
        return create(settings, null, null);
    }

    /**
     * Lets beans of the application decide where there are any, and the settings where there are none.
     *
     * @param settings those below {@code kimi.retry}
     * @param policy says whether to try again, or null
     * @param backOff says how long to wait before, or null
     * @throws ConfigurationException if a setting is wrong, or the back-off sleeps on its own
     */
    public static RetryPolicy create(
            ProviderSettings settings,
            org.springframework.retry.@Nullable RetryPolicy policy,
            @Nullable BackOffPolicy backOff) {
        SpringRetryRules rules = new SpringRetryRules(settings);
        return new EvaluatedSpringRetry(
                policy == null ? rules.retryPolicy() : policy,
                backOff == null ? rules.backOff() : backOff,
                rules::canPass);
    }

    /**
     * A template with the same rules, for code around calls. It does not repeat what a call has tried more than once
     * already, and waits as long as the service asks for.
     *
     * @param settings those below {@code kimi.retry}
     * @throws ConfigurationException if a setting is wrong
     */
    public static RetryTemplate template(ProviderSettings settings) {
        SpringRetryRules rules = new SpringRetryRules(settings);
        RetryTemplate template = new RetryTemplate();
        template.setRetryPolicy(rules.retryPolicyOfCallers());
        template.setBackOffPolicy(new HintedBackOffPolicy(rules.backOff()));
        return template;
    }
}
