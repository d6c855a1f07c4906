package dev.kimi.starter.autoconfigure;

import dev.kimi.error.ConfigurationException;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.core.env.Environment;

/**
 * The names below {@code kimi.clients}. As for every name of Spring Boot, capitals and dashes do not make another one:
 * {@code my-client}, {@code myClient} and {@code KIMI_CLIENTS_MYCLIENT_…} are one client.
 */
final class ClientNames {

    private ClientNames() {}

    /**
     * Every client once, spelled as in the source that comes last, usually the application's own file: the environment,
     * which comes before, cannot say where a dash belongs.
     *
     * @throws ConfigurationException for a name that no client can have
     */
    static Set<String> of(Environment environment) {
        Map<ConfigurationPropertyName, String> names = new LinkedHashMap<>();
        Binder.get(environment)
                .bind("kimi.clients", Bindable.mapOf(String.class, Object.class))
                .orElse(Map.of())
                .keySet()
                .forEach(name -> names.put(spelling(check(name)), name));
        return new LinkedHashSet<>(names.values());
    }

    static boolean same(String one, String other) {
        return spelling(one).equals(spelling(other));
    }

    /** Equal for all spellings of a name. */
    static ConfigurationPropertyName spelling(String name) {
        return ConfigurationPropertyName.adapt(name, '.');
    }

    private static String check(String client) {
        if (!client.matches("[A-Za-z0-9][A-Za-z0-9-]*") || same(client, ClientSettings.DEFAULT)) {
            throw new ConfigurationException(
                    "kimi.clients",
                    "A client cannot be named '" + client + "'.",
                    "Use letters, digits and dashes, and not the name " + ClientSettings.DEFAULT + ".");
        }
        return client;
    }
}
