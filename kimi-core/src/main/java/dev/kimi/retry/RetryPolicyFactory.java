package dev.kimi.retry;

import dev.kimi.spi.ProviderSettings;

/**
 * Makes retry policies, found by {@link java.util.ServiceLoader} and chosen by name ({@code kimi.retry.preset}). Needs
 * a public constructor without parameters. Built in: {@code standard}, {@code classic}, {@code never}.
 */
public interface RetryPolicyFactory {

    /** The name to choose it by: lower case, unique on the class path. */
    String name();

    /**
     * Makes a policy.
     *
     * @param settings the settings below {@code kimi.retry}
     * @throws dev.kimi.error.ConfigurationException if a setting is wrong
     */
    RetryPolicy create(ProviderSettings settings);
}
