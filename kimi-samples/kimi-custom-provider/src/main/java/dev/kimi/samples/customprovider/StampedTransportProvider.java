package dev.kimi.samples.customprovider;

import dev.kimi.error.ConfigurationException;
import dev.kimi.spi.ProviderSettings;
import dev.kimi.transport.Transport;
import dev.kimi.transport.TransportProvider;
import java.util.ServiceLoader;

/**
 * {@code kimi.transport.provider: stamped} gives every request an id of its own in {@code X-Client-Request-Id}, by
 * which a gateway's log can be matched with that of the application, and leaves the rest to the usual transport.
 */
public final class StampedTransportProvider implements TransportProvider {

    private static final String CARRIER = "vertx";

    @Override
    public String name() {
        return "stamped";
    }

    @Override
    public Transport create(ProviderSettings settings) {
        for (TransportProvider provider : ServiceLoader.load(TransportProvider.class)) {
            if (provider.name().equals(CARRIER)) {
                return new StampedTransport(provider.create(settings), settings.random());
            }
        }
        throw new ConfigurationException(
                settings.fullName("provider"),
                "The transport \"stamped\" needs the transport \"" + CARRIER + "\", which is not on the class path.",
                "Add the dependency dev.kimi:kimi-transport-vertx.");
    }
}
