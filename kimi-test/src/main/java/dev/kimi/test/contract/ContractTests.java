package dev.kimi.test.contract;

import dev.kimi.spi.ProviderSettings;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.contract.TransportFixture.Setup;
import dev.kimi.transport.Transport;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;

/** What the tests of {@link TransportContract} stand on. */
@Timeout(60)
abstract class ContractTests {

    private final List<TransportFixture> fixtures = new ArrayList<>();

    /** Makes the transport to be tested; the kit closes it. */
    protected abstract Transport transport(ProviderSettings settings);

    /** Whether a connection carries many exchanges at a time, as with HTTP/2; no unless overridden. */
    protected boolean multiplexed() {
        return false;
    }

    /** Where requests are sent: the simulator unless overridden, for example with a gateway in front of it. */
    protected URI origin(KimiSimulator service) {
        return URI.create(service.baseUrl());
    }

    @AfterEach
    final void nothing_is_left_behind() {
        fixtures.forEach(TransportFixture::finish);
    }

    final TransportFixture fixture() {
        return fixture(Setup.DEFAULT);
    }

    final TransportFixture fixture(Setup setup) {
        KimiSimulator.Builder service = KimiSimulator.builder();
        if (setup != Setup.DEFAULT && multiplexed()) {
            // so that a cap on connections is one on exchanges, as without multiplexing
            service.maxConcurrentStreams(1);
        }
        TransportFixture fixture = new TransportFixture(service, this::origin, this::transport, setup);
        fixtures.add(fixture);
        return fixture;
    }
}
