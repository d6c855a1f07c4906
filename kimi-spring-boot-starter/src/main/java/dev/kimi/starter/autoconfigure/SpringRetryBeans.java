package dev.kimi.starter.autoconfigure;

import dev.kimi.retry.RetryPolicy;
import dev.kimi.spi.ProviderSettings;
import dev.kimi.starter.springretry.SpringRetryPolicyFactory;
import org.jspecify.annotations.Nullable;
import org.springframework.retry.backoff.BackOffPolicy;

/** The application's beans of Spring Retry. Not loaded without it. */
final class SpringRetryBeans {

    private SpringRetryBeans() {}

    /** The policy that the beans, where there are any, and the settings make for a client. */
    static RetryPolicy policy(ClientBeans beans, String client, ProviderSettings settings) {
        return SpringRetryPolicyFactory.create(
                settings,
                beans.find(org.springframework.retry.RetryPolicy.class, client),
                beans.find(BackOffPolicy.class, client));
    }

    /** One of the beans that decide for a client, or null. */
    static @Nullable Object any(ClientBeans beans, String client) {
        Object policy = beans.find(org.springframework.retry.RetryPolicy.class, client);
        return policy == null ? beans.find(BackOffPolicy.class, client) : policy;
    }

    /** Says that beans are not asked. */
    static void logUnused(ClientBeans beans, ClientSettings wanted) {
        RetryBeans.logUnused(beans, wanted, org.springframework.retry.RetryPolicy.class);
        RetryBeans.logUnused(beans, wanted, BackOffPolicy.class);
    }
}
