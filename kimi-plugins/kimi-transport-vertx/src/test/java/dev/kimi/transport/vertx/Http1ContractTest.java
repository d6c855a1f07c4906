package dev.kimi.transport.vertx;

import dev.kimi.spi.ProviderSettings;
import dev.kimi.test.contract.TransportContract;
import dev.kimi.transport.Transport;

class Http1ContractTest extends TransportContract {

    @Override
    protected Transport transport(ProviderSettings settings) {
        return Transports.speaking("http1", settings);
    }
}
