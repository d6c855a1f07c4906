package dev.kimi.auth;

import dev.kimi.spi.ProviderSettings;

/**
 * Makes credentials providers, found by {@link java.util.ServiceLoader} and chosen by name
 * ({@code kimi.auth.provider}). Needs a public constructor without parameters.
 */
public interface CredentialsProviderFactory {

    /** The name to choose it by: lower case, unique on the class path. */
    String name();

    /**
     * Makes a provider.
     *
     * @param settings the settings below {@code kimi.auth}
     * @throws dev.kimi.error.ConfigurationException if a setting is wrong
     */
    CredentialsProvider create(ProviderSettings settings);
}
