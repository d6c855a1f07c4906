package dev.kimi.starter.autoconfigure;

import dev.kimi.Part;
import dev.kimi.error.ConfigurationException;
import dev.kimi.starter.KimiClientProperties;
import dev.kimi.starter.KimiConnectionDetails;
import dev.kimi.starter.KimiProperties;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.core.env.Environment;

/**
 * Makes the settings of clients out of the properties, of what stands beside them for providers of others, and of
 * connections that win over them.
 */
final class SettingsReader {

    private static final Set<ConfigurationPropertyName> KNOWN =
            ClientSettings.known().stream().map(ClientNames::spelling).collect(Collectors.toUnmodifiableSet());

    private final Environment environment;
    private final KimiProperties properties;
    private final Function<String, @Nullable KimiConnectionDetails> connections;
    private final DeclaredSettings declared;
    private final Set<String> clients;

    /** @param connections the connection of a client by its name, or null for that of the properties */
    SettingsReader(
            Environment environment,
            KimiProperties properties,
            Function<String, @Nullable KimiConnectionDetails> connections,
            DeclaredSettings declared) {
        this.environment = environment;
        this.properties = properties;
        this.connections = connections;
        this.declared = declared;
        this.clients = ClientNames.of(environment);
    }

    /** The named clients, each once. */
    Set<String> clients() {
        return clients;
    }

    ClientSettings top() {
        return ClientSettings.of(ClientSettings.DEFAULT, properties, further("kimi."))
                .connectingTo(connections.apply(ClientSettings.DEFAULT));
    }

    /**
     * Looks whether every value that a client reads could be resolved: the binder leaves a reference to a variable that
     * is not set in the text, and it would be sent as the key.
     *
     * @throws ConfigurationException for the first one that refers to what is not set
     */
    void checkReferences() {
        checkReferences("kimi.", top());
        clients().forEach(client -> checkReferences("kimi.clients." + client + ".", own(client)));
    }

    private void checkReferences(String prefix, ClientSettings settings) {
        SettingSources sources = new SettingSources(environment);
        for (String name : settings.names()) {
            if (settings.isOfConnection(name)) {
                continue;
            }
            ConfigurationProperty property = sources.find(prefix + name);
            ConfigurationException failure = property == null ? null : sources.unresolved(prefix + name, property);
            if (failure != null) {
                throw failure;
            }
        }
    }

    /** What is set for the named client itself. */
    ClientSettings own(String client) {
        // each spelling was bound to all that is set for the client
        KimiClientProperties own = properties.getClients().entrySet().stream()
                .filter(entry -> ClientNames.same(entry.getKey(), client))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElseGet(KimiClientProperties::new);
        return ClientSettings.of(client, own, further("kimi.clients." + client + "."))
                .connectingTo(connections.apply(client));
    }

    /** What the named client is made with. */
    ClientSettings named(String client) {
        return own(client).inheriting(top());
    }

    /** A property that has no field here is some provider's own: one that it declares, in any spelling, or any. */
    private Map<String, String> further(String prefix) {
        Binder binder = Binder.get(environment);
        Map<String, String> further = new LinkedHashMap<>();
        for (Part<?> part : Part.all()) {
            String group = part.prefix() + ".";
            binder.bind(ClientNames.spelling(prefix + group), Bindable.mapOf(String.class, String.class))
                    .ifBound(found -> found.forEach((key, value) -> {
                        if (!isKnown(group + key)) {
                            further.put(group + key, value);
                        }
                    }));
        }
        for (String name : declared.all()) {
            if (!hasProperty(name)) {
                binder.bind(ClientNames.spelling(prefix + name), Bindable.of(String.class))
                        .ifBound(value -> further.put(name, value));
            }
        }
        return further;
    }

    private static boolean hasProperty(String name) {
        return KNOWN.contains(ClientNames.spelling(name));
    }

    /** Whether a property has the name, or a provider declares it. */
    boolean isKnown(String name) {
        return hasProperty(name) || declared.all().stream().anyMatch(other -> ClientNames.same(other, name));
    }
}
