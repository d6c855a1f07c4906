package dev.kimi.samples.customprovider;

import dev.kimi.Part;
import dev.kimi.spi.ProviderFactory;
import dev.kimi.spi.ProviderSettings;
import dev.kimi.transport.Transport;
import dev.kimi.transport.TransportFactory;
import java.util.Set;
import org.jspecify.annotations.Nullable;

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

    /** Those of the usual transport, which gets them; null without it, and then {@link #create} fails. */
    @Override
    public @Nullable Set<String> settings() {
        return Part.TRANSPORT.factories().stream()
                .filter(factory -> factory.name().equals(CARRIER))
                .findFirst()
                .map(ProviderFactory::settings)
                .orElse(null);
    }

    @Override
    public Transport create(ProviderSettings settings) {
        Transport carrier = Part.TRANSPORT.factory(CARRIER).create(settings);
        return new StampedTransport(carrier, settings.random());
    }
}
