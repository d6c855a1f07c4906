package dev.kimi.transport.vertx;

import dev.kimi.Part;
import dev.kimi.spi.ProviderFactory;
import dev.kimi.test.contract.FactoryContract;
import java.util.Set;

class FactoryContractTest extends FactoryContract {

    @Override
    protected Part<?> part() {
        return Part.TRANSPORT;
    }

    @Override
    protected ProviderFactory<?> factory() {
        return new VertxTransportFactory();
    }

    @Override
    protected Set<String> freeText() {
        return Set.of("proxy.username", "proxy.password", "proxy.no-proxy");
    }
}
