package dev.kimi.samples.customprovider;

import dev.kimi.Part;
import dev.kimi.spi.ProviderFactory;
import dev.kimi.test.contract.FactoryContract;
import dev.kimi.transport.Transport;
import java.util.Set;

class StampedTransportFactoryTest extends FactoryContract {

    @Override
    protected Part<Transport> part() {
        return Part.TRANSPORT;
    }

    @Override
    protected ProviderFactory<?> factory() {
        return new StampedTransportFactory();
    }

    /** Of the transport that it wraps. */
    @Override
    protected Set<String> freeText() {
        return Set.of("proxy.username", "proxy.password", "proxy.no-proxy");
    }
}
