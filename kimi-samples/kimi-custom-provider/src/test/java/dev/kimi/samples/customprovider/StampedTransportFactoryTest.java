package dev.kimi.samples.customprovider;

import dev.kimi.Part;
import dev.kimi.spi.ProviderFactory;
import dev.kimi.test.contract.FactoryContract;
import dev.kimi.transport.Transport;

class StampedTransportFactoryTest extends FactoryContract {

    @Override
    protected Part<Transport> part() {
        return Part.TRANSPORT;
    }

    @Override
    protected ProviderFactory<?> factory() {
        return new StampedTransportFactory();
    }
}
