package dev.kimi.transport;

import dev.kimi.spi.ProviderSettings;

/**
 * Makes transports, found by {@link java.util.ServiceLoader} and chosen by name ({@code kimi.transport.provider}).
 * Needs a public constructor without parameters.
 */
public interface TransportFactory {

    /** The name to choose it by: lower case, unique on the class path. */
    String name();

    /**
     * Makes a transport; its caller closes it.
     *
     * @param settings the settings below {@code kimi.transport}
     * @throws dev.kimi.error.ConfigurationException if a setting is wrong
     */
    Transport create(ProviderSettings settings);
}
