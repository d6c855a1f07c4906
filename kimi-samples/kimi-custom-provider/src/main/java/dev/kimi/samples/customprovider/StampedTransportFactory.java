package dev.kimi.samples.customprovider;

import dev.kimi.error.ConfigurationException;
import dev.kimi.spi.ProviderSettings;
import dev.kimi.transport.Transport;
import dev.kimi.transport.TransportFactory;
import java.util.ServiceLoader;

/**
 * {@code kimi.transport.provider: stamped} gives every request an id of its own in {@code X-Client-Request-Id}, by
 * which a gateway's log can be matched with that of the application, and leaves the rest to the usual transport.
 */
public final class StampedTransportFactory implements TransportFactory {

    private static final String CARRIER = "vertx";

    @Override
    public String name() {
        return "stamped";
    }

    @Override
    public Transport create(ProviderSettings settings) {
        for (TransportFactory provider : ServiceLoader.load(TransportFactory.class)) {
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
