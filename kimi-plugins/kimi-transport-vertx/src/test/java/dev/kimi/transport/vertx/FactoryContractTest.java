package dev.kimi.transport.vertx;

import dev.kimi.Part;
import dev.kimi.spi.ProviderFactory;
import dev.kimi.test.contract.FactoryContract;

class FactoryContractTest extends FactoryContract {

    @Override
    protected Part<?> part() {
        return Part.TRANSPORT;
    }

    @Override
    protected ProviderFactory<?> factory() {
        return new VertxTransportFactory();
    }
}
