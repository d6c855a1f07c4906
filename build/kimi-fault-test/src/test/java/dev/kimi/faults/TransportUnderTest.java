package dev.kimi.faults;

import dev.kimi.KimiClient;
import dev.kimi.KimiClientBuilder;
import dev.kimi.Part;

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

    /** Whether a connection carries several exchanges at a time. */
    boolean isMultiplexed() {
        return multiplexed;
    }

    /** Whether the thread is one of those that carry the exchanges of a client. */
    boolean carriesExchanges(Thread thread) {
        return thread.getName().startsWith("vert.x-eventloop");
    }
}
