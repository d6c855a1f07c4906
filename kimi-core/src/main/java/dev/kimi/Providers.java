package dev.kimi;

import dev.kimi.error.ConfigurationException;
import dev.kimi.spi.ProviderFactory;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Finds a factory by its name among those built in and those on the class path. One that cannot be loaded, because a
 * jar that it needs was left out, is skipped: it matters only to whoever names it. Immutable once made.
 *
 * @param <P> the type of factory
 */
final class Providers<P extends ProviderFactory<?>> {

    /** A service loader that fails for ever is not called for ever. */
    private static final int MAX_FAILURES = 100;

    private final String setting;
    private final Map<String, P> byName = new TreeMap<>();
    private final Set<String> unloadable = new TreeSet<>();

    /**
     * Looks for factories.
     *
     * @param setting the setting that names the wanted one, for messages
     * @param type what they are registered as
     * @param builtIn those that need no jar of their own
     * @throws ConfigurationException if two providers have the same name
     */
    Providers(String setting, Class<? extends P> type, List<? extends P> builtIn) {
        this.setting = setting;
        builtIn.forEach(provider -> byName.put(provider.name(), provider));
        for (P provider : loadable(type)) {
            P other = byName.putIfAbsent(provider.name(), provider);
            if (other != null && other.getClass() != provider.getClass()) {
                throw new ConfigurationException(
                        setting,
                        "Two providers have the name '" + provider.name() + "': "
                                + other.getClass().getName() + " and "
                                + provider.getClass().getName() + ".",
                        "Remove one of their jars, or rename one.");
            }
        }
    }

    private List<P> loadable(Class<? extends P> type) {
        List<P> found = new ArrayList<>();
        Iterator<? extends P> candidates = ServiceLoader.load(type).iterator();
        // each failure is about one entry, and the iterator goes on behind it
        for (int failures = 0; failures < MAX_FAILURES; ) {
            try {
                if (!candidates.hasNext()) {
                    break;
                }
                found.add(candidates.next());
            } catch (ServiceConfigurationError | LinkageError e) {
                failures++;
                unloadable.add(reason(e));
            }
        }
        return found;
    }

    /** Those that could be loaded, by name. */
    Collection<P> all() {
        return List.copyOf(byName.values());
    }

    /** Which provider it is and which class it lacks. */
    private static String reason(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root == failure ? String.valueOf(failure.getMessage()) : failure.getMessage() + ": " + root;
    }

    /**
     * The provider of that name.
     *
     * @throws ConfigurationException if there is none; it says which there are
     */
    P get(String wanted) {
        P found = byName.get(wanted);
        if (found == null) {
            throw new ConfigurationException(
                    setting,
                    "There is no provider named '" + wanted + "' for " + setting + "."
                            + (unloadable.isEmpty() ? "" : " Some cannot be loaded: " + unloadable + "."),
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
    P get(@Nullable String wanted, String usual) {
        if (wanted != null) {
            return get(wanted);
        }
        if (!byName.containsKey(usual) && byName.size() == 1) {
            return byName.values().iterator().next();
        }
        return get(usual);
    }
}
