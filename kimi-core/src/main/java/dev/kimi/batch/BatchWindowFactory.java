package dev.kimi.batch;

import dev.kimi.spi.ProviderSettings;

/**
 * Makes batch windows, found by {@link java.util.ServiceLoader} and chosen by name ({@code kimi.batch.window}). Needs a
 * public constructor without parameters. Built in: {@code fixed}, {@code littles-law}.
 */
public interface BatchWindowFactory {

    /** The name to choose it by: lower case, unique on the class path. */
    String name();

    /**
     * Makes a window for one run.
     *
     * @param settings the settings below {@code kimi.batch}
     * @throws dev.kimi.error.ConfigurationException if a setting is wrong
     */
    BatchWindow create(ProviderSettings settings);
}
