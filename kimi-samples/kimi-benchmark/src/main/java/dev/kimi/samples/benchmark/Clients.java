package dev.kimi.samples.benchmark;

import dev.kimi.KimiClient;
import dev.kimi.Part;
import dev.kimi.chat.Provenance;
import dev.kimi.observability.MicrometerCallListener;
import dev.kimi.time.Timeouts;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;

/** Clients with everything on: key, quota, retry policy, meters. */
final class Clients {

    private Clients() {}

    /** Of the simulated service, which speaks Messages below a path of its own and gives the same texts there. */
    static KimiClient everythingOn(String baseUrl, String protocol, int connections) {
        return KimiClient.builder()
                .baseUrl(protocol.equals(Provenance.ANTHROPIC) ? baseUrl + "/anthropic" : baseUrl)
                .protocol(protocol)
                .apiKey("sk-benchmark")
                // All streams are requested at once, which is more than a service on the same machine begins in a
                // minute.
                .timeouts(Timeouts.builder()
                        .poolWait(Duration.ofMinutes(3))
                        .headers(Duration.ofMinutes(3))
                        .firstEvent(Duration.ofMinutes(3))
                        .build())
                .set(Part.TRANSPORT, "max-connections", String.valueOf(connections))
                .set(Part.TRANSPORT, "max-pending", String.valueOf(connections))
                .set(Part.QUOTA, "concurrency", "100k")
                .set(Part.QUOTA, "requests-per-minute", "1000M")
                .set(Part.QUOTA, "tokens-per-minute", "10000000M")
                .set(Part.RETRY, "max-attempts", "3")
                .listener(MicrometerCallListener.meters(new SimpleMeterRegistry()))
                // Callbacks here only count, so they may run where the bytes arrive.
                .callbackExecutor(Runnable::run)
                .build();
    }
}
