package dev.kimi.gateway.server;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;

/** What is counted of connections. Thread-safe. */
final class ServerCounters {

    /** Why the server has closed a connection, or a stream of HTTP/2. */
    enum Closed {
        /** The head of a request has taken too long, or no request came. */
        SLOW_HEAD,
        /** The client has read nothing for too long. */
        STALLED_READER,
        /** There were too many connections. */
        TOO_MANY,
        /** There were too many of its address. */
        TOO_MANY_OF_ADDRESS,
        /** No stream of HTTP/2 for the idle time. */
        IDLE
    }

    /** Why a request was rejected before it was a call. */
    enum Rejected {
        /** The server stops. */
        STOPPING,
        /** There were too many at a time of its address. */
        ADDRESS,
        /** Its path can be read in two ways. */
        PATH,
        /** Its body is not JSON. */
        CONTENT_TYPE
    }

    private final Map<Closed, Counter> closed = new EnumMap<>(Closed.class);
    private final Map<Rejected, Counter> rejected = new EnumMap<>(Rejected.class);
    private final AtomicInteger open = new AtomicInteger();

    ServerCounters(MeterRegistry registry) {
        for (Closed reason : Closed.values()) {
            closed.put(
                    reason,
                    counter("connections.closed", "Connections and streams of HTTP/2 that the server closed", reason)
                            .register(registry));
        }
        for (Rejected reason : Rejected.values()) {
            rejected.put(
                    reason,
                    counter("server.rejections", "Requests that were rejected before they were calls", reason)
                            .register(registry));
        }
        Gauge.builder("kimi.gateway.connections", open, AtomicInteger::get)
                .description("Connections of clients that are open")
                .register(registry);
    }

    private static Counter.Builder counter(String name, String description, Enum<?> reason) {
        return Counter.builder("kimi.gateway." + name)
                .description(description)
                .tag("reason", reason.name().toLowerCase(Locale.ROOT));
    }

    void rejected(Rejected reason) {
        Objects.requireNonNull(rejected.get(reason)).increment();
    }

    void closed(Closed reason) {
        Objects.requireNonNull(closed.get(reason)).increment();
    }

    /** Connections that are open. */
    AtomicInteger open() {
        return open;
    }
}
