package dev.kimi.samples.customprovider;

import dev.kimi.spi.ProviderSettings;
import dev.kimi.test.contract.TransportContract;
import dev.kimi.transport.Transport;

// snippet:transport-contract
class StampedTransportTest extends TransportContract {

    @Override
    protected Transport transport(ProviderSettings settings) {
        return new StampedTransportFactory().create(settings);
    }
}
// end
