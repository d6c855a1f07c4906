package dev.kimi.spi;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Makes one part of a client from settings. Each kind of part has an interface of its own that extends this one, such
 * as {@code dev.kimi.transport.TransportFactory}; it is found by {@link java.util.ServiceLoader}, so its class is
 * public and has a public constructor without parameters, and chosen by its name. Implementations are thread-safe, hold
 * nothing, and pass {@code FactoryContract} of {@code kimi-test}.
 *
 * @param <T> the part that it makes
 */
public interface ProviderFactory<T> {

    /** The name to choose it by: lower case letters, digits and dashes, unique on the class path. */
    String name();

    /**
     * Makes the part.
     *
     * @param settings those below the prefix of its kind, such as {@code kimi.transport}
     * @throws dev.kimi.error.ConfigurationException if a setting is missing or wrong
     */
    T create(ProviderSettings settings);

    /**
     * The names of the settings that {@link #create} reads, in kebab case and without the prefix. With them, a setting
     * that no provider reads is a typo and stops the start with a suggestion, and environment variables find the names
     * that have dashes.
     *
     * @return null, the default, if it does not say: then it gets whatever is set, and nothing is checked. Empty if it
     *     reads no setting
     */
    default @Nullable Set<String> settings() {
        return null;
    }
}
