package dev.kimi.faults;

import dev.kimi.KimiClient;
import dev.kimi.KimiClientBuilder;
import dev.kimi.Part;
import dev.kimi.spi.ProviderSettings;
import dev.kimi.transport.Transport;
import dev.kimi.transport.TransportFactory;
import java.util.ServiceLoader;

/** What whole clients are tested over. A further transport is a constant here and a dependency of the module. */
enum TransportUnderTest {
    HTTP1("http1", false),
    HTTP2("h2", true);

    private final String http;
    private final boolean multiplexed;

    TransportUnderTest(String http, boolean multiplexed) {
        this.http = http;
        this.multiplexed = multiplexed;
    }

    /** A client over this transport, which knows nothing but that. */
    KimiClientBuilder client() {
        return KimiClient.builder().provider(Part.TRANSPORT, "vertx").set(Part.TRANSPORT, "http", http);
    }

    /** The transport alone, made from these settings. */
    Transport transport(ProviderSettings.Builder settings) {
        return ServiceLoader.load(TransportFactory.class).stream()
                .map(ServiceLoader.Provider::get)
                .filter(provider -> provider.name().equals("vertx"))
                .findFirst()
                .orElseThrow()
                .create(settings.set("http", http).build());
    }

    /** Whether a connection carries several exchanges at a time. */
    boolean isMultiplexed() {
        return multiplexed;
    }

    /** Whether the thread is one of those that carry the exchanges of a client. */
    boolean carriesExchanges(Thread thread) {
        return thread.getName().startsWith("vert.x-eventloop");
    }
}
