package dev.kimi.starter.autoconfigure;

import dev.kimi.Part;
import dev.kimi.error.ConfigurationException;
import dev.kimi.retry.RetryPolicy;
import dev.kimi.spi.ProviderSettings;
import dev.kimi.starter.springretry.internal.CoreRetry;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.springframework.util.ClassUtils;

/**
 * Who decides about retries with the preset {@code spring}: a bean of Spring Framework, else beans and rules of Spring
 * Retry, which may be absent.
 */
final class RetryBeans {

    private static final Log LOG = LogFactory.getLog(RetryBeans.class);

    private static final boolean SPRING_RETRY = ClassUtils.isPresent("org.springframework.retry.RetryPolicy", null);

    private RetryBeans() {}

    /**
     * The policy that the beans and the settings make for a client with the preset {@code spring}.
     *
     * @throws ConfigurationException if there are beans that cannot both decide, or nothing that can
     */
    static RetryPolicy policy(ClientBeans beans, String client, ProviderSettings settings) {
        var core = beans.find(org.springframework.core.retry.RetryPolicy.class, client);
        if (core != null) {
            rejectBoth(core, SPRING_RETRY ? SpringRetryBeans.any(beans, client) : null);
            return CoreRetry.of(settings, core);
        }
        if (!SPRING_RETRY) {
            throw new ConfigurationException(
                    "kimi." + Part.RETRY.selector(),
                    "The preset 'spring' decides by Spring Retry, which is not on the class path, or by a bean of type "
                            + org.springframework.core.retry.RetryPolicy.class.getName() + ", of which there is none.",
                    "Add org.springframework.retry:spring-retry, which the starter brings unless it is excluded,"
                            + " publish such a bean, or choose another kimi." + Part.RETRY.selector() + ".");
        }
        return SpringRetryBeans.policy(beans, client, settings);
    }

    private static void rejectBoth(Object core, @Nullable Object other) {
        if (other != null) {
            throw new ConfigurationException(
                    "kimi." + Part.RETRY.selector(),
                    "With the preset 'spring' one policy decides, but there are beans of Spring Framework ("
                            + core.getClass().getName() + ") and of Spring Retry ("
                            + other.getClass().getName() + ").",
                    "Keep those of one of them, or give each a @Qualifier with the name of the client that it is for.");
        }
    }

    /** Says once at the start that beans which may be meant for the clients are not asked. */
    static void logUnused(ClientBeans beans, ClientSettings wanted) {
        if (SPRING_RETRY) {
            SpringRetryBeans.logUnused(beans, wanted);
        }
        logUnused(beans, wanted, org.springframework.core.retry.RetryPolicy.class);
    }

    static void logUnused(ClientBeans beans, ClientSettings wanted, Class<?> type) {
        String preset = wanted.providerOrUsual(Part.RETRY);
        beans.names(type, wanted.client())
                .forEach(bean -> LOG.info("The bean '" + bean + "' of type " + type.getName()
                        + " does not decide about retries of the client '" + wanted.client() + "', whose preset is "
                        + preset + ". Set its retry.preset to spring if it should."));
    }
}
