package dev.kimi.gateway.face;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * How the gateway speaks with its clients.
 *
 * @param models names that clients may use for models, each with a model of a service; where that is not of the default
 *     client, with the client's name and a slash before it, such as {@code claude/claude-sonnet-5-5}
 * @param pingInterval how long nothing may flow in a stream until the gateway sends a ping
 * @param messagesBodyLimit largest body of a request to {@code /v1/messages}
 * @param bodyLimit largest body of any other request
 * @param forwardHeaders names of request headers that services get besides those of their protocol
 */
@ConfigurationProperties("kimi.gateway")
record GatewayProperties(
        @DefaultValue Map<String, String> models,
        @DefaultValue("15s") Duration pingInterval,
        @DefaultValue("32MB") DataSize messagesBodyLimit,
        @DefaultValue("100MB") DataSize bodyLimit,
        @DefaultValue List<String> forwardHeaders) {

    private static final Duration SHORTEST = Duration.ofSeconds(1);

    GatewayProperties {
        models = Map.copyOf(models);
        forwardHeaders = forwardHeaders.stream()
                .map(name -> name.toLowerCase(Locale.ROOT))
                .toList();
        if (pingInterval.compareTo(SHORTEST) < 0) {
            throw new IllegalArgumentException(
                    "kimi.gateway.ping-interval must be at least 1s, so that pings stay rare; it is " + pingInterval);
        }
        checkLimit("messages-body-limit", messagesBodyLimit);
        checkLimit("body-limit", bodyLimit);
        for (String name : forwardHeaders) {
            if (dev.kimi.service.ServiceRequest.isReserved(name)) {
                throw new IllegalArgumentException("kimi.gateway.forward-headers: " + name
                        + " is written by the gateway itself and cannot be forwarded; remove it");
            }
        }
    }

    private static void checkLimit(String name, DataSize limit) {
        if (limit.toBytes() < 1 || limit.toBytes() > Integer.MAX_VALUE - 64) {
            throw new IllegalArgumentException(
                    "kimi.gateway." + name + " must be between 1B and 2047MB, since a body is read as one piece");
        }
    }
}
