package dev.kimi.starter;

import dev.kimi.KimiClientBuilder.Part;
import dev.kimi.error.ConfigurationException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.core.env.Environment;

/** Makes the settings of clients out of the properties, and of what stands beside them for providers of others. */
final class SettingsReader {

    private static final Set<String> KNOWN =
            ClientSettings.known().stream().map(SettingsReader::uniform).collect(Collectors.toUnmodifiableSet());

    private final Environment environment;
    private final KimiProperties properties;

    SettingsReader(Environment environment, KimiProperties properties) {
        this.environment = environment;
        this.properties = properties;
    }

    Set<String> clients() {
        return properties.getClients().keySet();
    }

    ClientSettings top() {
        return ClientSettings.of(ClientSettings.DEFAULT, properties, further("kimi."));
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
            ConfigurationProperty property = sources.find(prefix + name);
            ConfigurationException failure = property == null ? null : sources.unresolved(prefix + name, property);
            if (failure != null) {
                throw failure;
            }
        }
    }

    /** What is set for the named client itself. */
    ClientSettings own(String client) {
        KimiClientProperties own = properties.getClients().getOrDefault(client, new KimiClientProperties());
        return ClientSettings.of(client, own, further("kimi.clients." + client + "."));
    }

    /** What the named client is made with. */
    ClientSettings named(String client) {
        return own(client).inheriting(top());
    }

    /** A property that has no field here is some provider's own. */
    private Map<String, String> further(String prefix) {
        Binder binder = Binder.get(environment);
        Map<String, String> further = new LinkedHashMap<>();
        for (Part part : Part.values()) {
            String group = ClientSettings.prefix(part);
            binder.bind(prefix + group.substring(0, group.length() - 1), Bindable.mapOf(String.class, String.class))
                    .ifBound(found -> found.forEach((name, value) -> {
                        if (!isKnown(group + name)) {
                            further.put(group + name, value);
                        }
                    }));
        }
        return further;
    }

    static boolean isKnown(String name) {
        return KNOWN.contains(uniform(name));
    }

    /** The form in which all spellings of a name are the same. */
    private static String uniform(String name) {
        StringBuilder letters = new StringBuilder(name.length());
        name.chars().filter(c -> c != '-' && c != '_').forEach(c -> letters.append((char) Character.toLowerCase(c)));
        return letters.toString();
    }
}
