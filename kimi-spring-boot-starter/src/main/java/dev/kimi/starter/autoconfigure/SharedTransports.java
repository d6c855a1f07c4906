package dev.kimi.starter.autoconfigure;

import dev.kimi.Part;
import dev.kimi.time.TimeSource;
import dev.kimi.time.Timeouts;
import dev.kimi.time.Timer;
import dev.kimi.transport.Transport;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One transport for all clients that want the same of it: a transport has threads, and pools are per address. */
final class SharedTransports implements AutoCloseable {

    private final TimeSource time;
    private final Timer timer;
    private final BundledTls tls;
    private final Map<TransportKey, Transport> transports = new HashMap<>();

    SharedTransports(TimeSource time, Timer timer, BundledTls tls) {
        this.time = time;
        this.timer = timer;
        this.tls = tls;
    }

    synchronized Transport get(ClientSettings settings) {
        Timeouts timeouts = settings.timeouts();
        TransportKey key = new TransportKey(
                settings.provider(Part.TRANSPORT),
                settings.of(Part.TRANSPORT),
                settings.sslBundle(),
                List.of(
                        timeouts.connect(),
                        timeouts.poolWait(),
                        timeouts.headers(),
                        timeouts.idle(),
                        timeouts.quiet()));
        Transport shared = transports.get(key);
        if (shared == null) {
            shared = Part.TRANSPORT
                    .factory(key.provider())
                    .create(Part.TRANSPORT
                            .settings(timer)
                            .setAll(key.settings())
                            .time(time)
                            .timeouts(timeouts)
                            .tls(tls.get(key.sslBundle()))
                            .build());
            transports.put(key, shared);
        }
        return shared;
    }

    @Override
    public synchronized void close() {
        transports.values().forEach(Transport::close);
        transports.clear();
    }

    private record TransportKey(
            @Nullable String provider,
            Map<String, String> settings,
            @Nullable String sslBundle,
            List<Duration> timeouts) {}
}
