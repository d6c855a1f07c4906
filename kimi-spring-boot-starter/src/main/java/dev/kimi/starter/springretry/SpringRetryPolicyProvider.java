package dev.kimi.starter.springretry;

import dev.kimi.retry.RetryPolicy;
import dev.kimi.retry.RetryPolicyProvider;
import dev.kimi.spi.ProviderSettings;

/**
 * {@code kimi.retry.preset=spring}: the rules of {@code kimi.retry.*} as a Spring Retry policy with an
 * {@code ExponentialRandomBackOffPolicy}, evaluated without sleeping.
 */
public final class SpringRetryPolicyProvider implements RetryPolicyProvider {

    /** The name to choose it by. */
    static final String NAME = "spring";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public RetryPolicy create(ProviderSettings settings) {
        SpringRetryRules rules = new SpringRetryRules(settings);
        return new EvaluatedSpringRetry(rules.retryPolicy(), rules.backOff(), rules::canPass);
    }
}
