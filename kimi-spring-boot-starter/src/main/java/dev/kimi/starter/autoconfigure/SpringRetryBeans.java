package dev.kimi.starter.autoconfigure;

import dev.kimi.Part;
import dev.kimi.error.ConfigurationException;
import dev.kimi.retry.RetryPolicy;
import dev.kimi.spi.ProviderSettings;
import dev.kimi.starter.springretry.SpringRetryPolicyFactory;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.springframework.retry.backoff.BackOffPolicy;

/** The application's beans of Spring Retry and of Spring Framework's retries. Not loaded without Spring Retry. */
final class SpringRetryBeans {

    private static final Log LOG = LogFactory.getLog(SpringRetryBeans.class);

    private SpringRetryBeans() {}

    /**
     * The policy that the beans and the settings make for a client with the preset {@code spring}.
     *
     * @throws ConfigurationException if there are beans that cannot both decide
     */
    static RetryPolicy policy(ClientBeans beans, String client, ProviderSettings settings) {
        var policy = beans.find(org.springframework.retry.RetryPolicy.class, client);
        BackOffPolicy backOff = beans.find(BackOffPolicy.class, client);
        var core = beans.find(org.springframework.core.retry.RetryPolicy.class, client);
        if (core == null) {
            return SpringRetryPolicyFactory.create(settings, policy, backOff);
        }
        Object other = policy == null ? backOff : policy;
        if (other != null) {
            throw new ConfigurationException(
                    "kimi." + Part.RETRY.selector(),
                    "With the preset 'spring' one policy decides, but there are beans of Spring Framework ("
                            + core.getClass().getName() + ") and of Spring Retry ("
                            + other.getClass().getName() + ").",
                    "Keep those of one of them, or give each a @Qualifier with the name of the client that it is for.");
        }
        return SpringRetryPolicyFactory.create(settings, core);
    }

    /** Says once at the start that beans which may be meant for the clients are not asked. */
    static void logUnused(ClientBeans beans, ClientSettings wanted) {
        logUnused(beans, wanted, org.springframework.retry.RetryPolicy.class);
        logUnused(beans, wanted, BackOffPolicy.class);
        logUnused(beans, wanted, org.springframework.core.retry.RetryPolicy.class);
    }

    private static void logUnused(ClientBeans beans, ClientSettings wanted, Class<?> type) {
        String preset = wanted.providerOrUsual(Part.RETRY);
        beans.names(type, wanted.client())
                .forEach(bean -> LOG.info("The bean '" + bean + "' of type " + type.getName()
                        + " does not decide about retries of the client '" + wanted.client() + "', whose preset is "
                        + preset + ". Set its retry.preset to spring if it should."));
    }
}
