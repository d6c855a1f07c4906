package dev.kimi.gateway.server;

import java.time.Duration;
import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What the server asks of its clients, beside Boot's {@code server.*}.
 *
 * @param headerTimeout time for the head of a request, from its first byte; and for the first request of a connection
 * @param requestTimeout time for all of a request's body
 * @param readTimeout longest silence within a request's body
 * @param writeTimeout longest time in which a client reads nothing of what is ready for it
 * @param maxConnections connections in total
 * @param maxConnectionsPerAddress connections of a client address; calls at a time of an address behind a trusted proxy
 * @param trustedProxies addresses and networks such as {@code 10.0.0.0/8} whose {@code x-forwarded-for} counts, and
 *     whose connections are not limited per address
 * @param drain what happens on SIGTERM
 */
@ConfigurationProperties("kimi.gateway.server")
record ServerLimits(
        @DefaultValue("10s") Duration headerTimeout,
        @DefaultValue("5m") Duration requestTimeout,
        @DefaultValue("30s") Duration readTimeout,
        @DefaultValue("1m") Duration writeTimeout,
        @DefaultValue("10000") int maxConnections,
        @DefaultValue("1000") int maxConnectionsPerAddress,
        @DefaultValue({"127.0.0.0/8", "::1"}) List<String> trustedProxies,
        @DefaultValue Drain drain) {

    ServerLimits {
        positive("header-timeout", headerTimeout);
        positive("request-timeout", requestTimeout);
        positive("read-timeout", readTimeout);
        positive("write-timeout", writeTimeout);
        positive("max-connections", maxConnections);
        positive("max-connections-per-address", maxConnectionsPerAddress);
        trustedProxies = List.copyOf(trustedProxies);
    }

    /**
     * How the server stops.
     *
     * @param delay how long new calls are still served after readiness is down, for balancers that look now and then
     * @param timeout how long calls may go on after that
     */
    record Drain(
            @DefaultValue("0s") Duration delay,
            @DefaultValue("30s") Duration timeout) {

        Drain {
            notNegative("drain.delay", delay);
            notNegative("drain.timeout", timeout);
        }
    }

    private static void positive(String name, Duration value) {
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException(
                    "kimi.gateway.server." + name + " is " + value + ", and must be more than 0: such as 30s");
        }
    }

    private static void positive(String name, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(
                    "kimi.gateway.server." + name + " is " + value + ", and must be at least 1");
        }
    }

    private static void notNegative(String name, Duration value) {
        if (value.isNegative()) {
            throw new IllegalArgumentException(
                    "kimi.gateway.server." + name + " is " + value + ", and must not be negative");
        }
    }
}
