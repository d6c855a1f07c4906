package dev.kimi.quota;

import dev.kimi.spi.ProviderSettings;

/**
 * Makes quotas, found by {@link java.util.ServiceLoader} and chosen by name ({@code kimi.quota.provider}). Needs a
 * public constructor without parameters. Built in: {@code local}.
 */
public interface QuotaFactory {

    /** The name to choose it by: lower case, unique on the class path. */
    String name();

    /**
     * Makes a quota.
     *
     * @param settings the settings below {@code kimi.quota}
     * @throws dev.kimi.error.ConfigurationException if a setting is wrong
     */
    Quota create(ProviderSettings settings);
}
