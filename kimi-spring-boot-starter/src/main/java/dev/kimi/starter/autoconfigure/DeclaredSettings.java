package dev.kimi.starter.autoconfigure;

import dev.kimi.Part;
import dev.kimi.error.ConfigurationException;
import dev.kimi.spi.ProviderFactory;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Which settings the providers on the class path read, as their factories declare it. All names are those below
 * {@code kimi}. Looks for the factories when it is made. Immutable.
 */
final class DeclaredSettings {

    private static final String KEY = "api-key";

    private final Map<Part<?>, Collection<? extends ProviderFactory<?>>> factories = new HashMap<>();
    private final Set<String> all = new TreeSet<>();

    DeclaredSettings() {
        for (Part<?> part : Part.all()) {
            Collection<? extends ProviderFactory<?>> found = load(part);
            factories.put(part, found);
            found.forEach(factory -> all.addAll(declared(part, factory)));
        }
    }

    /** Every name that a provider declares. */
    Set<String> all() {
        return all;
    }

    /**
     * What a provider reads of its part's settings.
     *
     * @param provider its name, or null for the usual one
     * @return null if it does not say, or there is no such provider
     */
    @Nullable Set<String> read(Part<?> part, @Nullable String provider) {
        ProviderFactory<?> factory = find(part, provider);
        return factory == null || factory.settings() == null ? null : declared(part, factory);
    }

    /** Whether a provider gets whatever is set, for it does not say what it reads; also of one that there is not. */
    boolean isUndeclared(Part<?> part, @Nullable String provider) {
        ProviderFactory<?> factory = find(part, provider);
        return factory == null ? provider != null : factory.settings() == null;
    }

    /** The providers of a part that declare a setting, in order. */
    Set<String> readers(Part<?> part, String name) {
        Set<String> readers = new TreeSet<>();
        for (ProviderFactory<?> factory : factories(part)) {
            if (declared(part, factory).contains(name)) {
                readers.add(factory.name());
            }
        }
        return readers;
    }

    /** The part that a setting belongs to, or null if it is one of the client's own. */
    static @Nullable Part<?> part(String name) {
        for (Part<?> part : Part.all()) {
            boolean below = name.startsWith(part.prefix() + ".");
            if (below ? !isClients(part, name) : name.equals(KEY) && part == Part.AUTH) {
                return part;
            }
        }
        return null;
    }

    private static boolean isClients(Part<?> part, String name) {
        return name.equals(part.selector())
                || name.equals(ClientSettings.SSL_BUNDLE)
                || part.clientSettings().contains(name.substring(part.prefix().length() + 1));
    }

    private @Nullable ProviderFactory<?> find(Part<?> part, @Nullable String provider) {
        Collection<? extends ProviderFactory<?>> all = factories(part);
        String wanted = provider == null ? part.usual() : provider;
        for (ProviderFactory<?> factory : all) {
            if (factory.name().equals(wanted)) {
                return factory;
            }
        }
        return provider == null && all.size() == 1 ? all.iterator().next() : null;
    }

    private Collection<? extends ProviderFactory<?>> factories(Part<?> part) {
        return factories.getOrDefault(part, List.of());
    }

    private static Collection<? extends ProviderFactory<?>> load(Part<?> part) {
        try {
            return part.factories();
        } catch (ConfigurationException twoOfOneName) {
            // reported to whoever needs one of them
            return List.of();
        }
    }

    private static Set<String> declared(Part<?> part, ProviderFactory<?> factory) {
        Set<String> settings = factory.settings();
        Set<String> names = new TreeSet<>();
        if (settings != null) {
            settings.forEach(setting -> names.add(part.path(setting)));
        }
        return names;
    }
}
