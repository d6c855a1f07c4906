package dev.kimi.spi;

import dev.kimi.error.ConfigurationException;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Finds a provider by its name among those built in and those on the class path. Immutable once made.
 *
 * @param <P> the type of provider
 */
public final class Providers<P> {

    private final String setting;
    private final Map<String, P> byName = new TreeMap<>();

    /**
     * Looks for providers.
     *
     * @param setting the setting that names the wanted one, for messages
     * @param type the type of provider
     * @param builtIn those that need no jar of their own
     * @param name the name of a provider
     * @throws ConfigurationException if two providers have the same name
     */
    public Providers(String setting, Class<P> type, List<P> builtIn, Function<P, String> name) {
        this.setting = setting;
        builtIn.forEach(provider -> byName.put(name.apply(provider), provider));
        for (P provider : ServiceLoader.load(type)) {
            P other = byName.putIfAbsent(name.apply(provider), provider);
            if (other != null && other.getClass() != provider.getClass()) {
                throw new ConfigurationException(
                        setting,
                        "Two providers have the name '" + name.apply(provider) + "': "
                                + other.getClass().getName() + " and "
                                + provider.getClass().getName() + ".",
                        "Remove one of their jars, or rename one.");
            }
        }
    }

    /**
     * The provider of that name.
     *
     * @throws ConfigurationException if there is none; it says which there are
     */
    public P get(String wanted) {
        P found = byName.get(wanted);
        if (found == null) {
            throw new ConfigurationException(
                    setting,
                    "There is no provider named '" + wanted + "' for " + setting + ".",
                    byName.isEmpty()
                            ? "None was found at all: add the jar of one, such as kimi-transport-vertx."
                            : "Write one of " + byName.keySet() + ", or add the jar that brings it.");
        }
        return found;
    }

    /**
     * The one wanted; else the usual one; else the only one there is.
     *
     * @throws ConfigurationException if there is no such provider
     */
    public P get(@Nullable String wanted, String usual) {
        if (wanted != null) {
            return get(wanted);
        }
        if (!byName.containsKey(usual) && byName.size() == 1) {
            return byName.values().iterator().next();
        }
        return get(usual);
    }
}
