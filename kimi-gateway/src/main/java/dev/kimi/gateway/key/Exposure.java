package dev.kimi.gateway.key;

import dev.kimi.error.ConfigurationException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName.Form;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.IterableConfigurationPropertySource;
import org.springframework.core.env.ConfigurableEnvironment;

/** Whether a gateway may do without keys: not where strangers could spend its owner's money. */
final class Exposure {

    private static final String FILE = "kimi.gateway.keys.file";
    /** What the gateway sets where its own simulator responds. */
    private static final String SIMULATED = "simulated";

    private static final ConfigurationPropertyName KIMI = ConfigurationPropertyName.of("kimi");
    private static final ConfigurationPropertyName GATEWAY = ConfigurationPropertyName.of("kimi.gateway");
    private static final Set<String> CREDENTIALS = Set.of("apikey", "apikeys", "keys", "clientsecret");

    private final ConfigurableEnvironment environment;

    Exposure(ConfigurableEnvironment environment) {
        this.environment = environment;
    }

    /**
     * Checks a gateway without keys.
     *
     * @throws ConfigurationException if it could be reached from elsewhere, and has credentials of a service
     */
    void checkOpen() {
        String address = environment.getProperty("server.address");
        if (!isLoopback(address) && hasCredentials()) {
            throw new ConfigurationException(
                    FILE,
                    "The gateway has keys of a service and none of its own, and listens on "
                            + (address == null ? "all addresses" : address)
                            + ", so that everybody who reaches it could call at your expense.",
                    "Set " + FILE + " to a file that the gateway may write (or spring.datasource.url, for several"
                            + " gateways) and issue keys, or set server.address to 127.0.0.1.");
        }
    }

    private static boolean isLoopback(@Nullable String address) {
        if (address == null || address.isBlank()) {
            return false;
        }
        try {
            return InetAddress.getByName(address).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }

    /** Whether a client or an endpoint has something to pay with. */
    private boolean hasCredentials() {
        for (var source : ConfigurationPropertySources.get(environment)) {
            if (source instanceof IterableConfigurationPropertySource names
                    && names.stream().anyMatch(this::isCredential)) {
                return true;
            }
        }
        return false;
    }

    private boolean isCredential(ConfigurationPropertyName name) {
        if (!KIMI.isAncestorOf(name) || GATEWAY.isAncestorOf(name)) {
            return false;
        }
        int last = name.getNumberOfElements() - 1;
        boolean credential = CREDENTIALS.contains(name.getElement(last, Form.UNIFORM))
                || name.isLastElementIndexed() && CREDENTIALS.contains(name.getElement(last - 1, Form.UNIFORM));
        String value = credential ? environment.getProperty(name.toString()) : null;
        return value != null && !value.isBlank() && !value.equals(SIMULATED);
    }

    static ConfigurationException twoStores() {
        return new ConfigurationException(
                FILE,
                "There are two stores for the gateway's keys: a file and a database.",
                "Remove " + FILE + " or spring.datasource.url.");
    }
}
