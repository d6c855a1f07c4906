package dev.kimi.transport.vertx;

import dev.kimi.spi.ProviderSettings;
import dev.kimi.transport.Transport;
import dev.kimi.transport.TransportFactory;
import java.util.Set;

/**
 * Makes the transport called {@code vertx}. Its settings, below {@code kimi.transport}:
 *
 * <ul>
 *   <li>{@code http}: {@code auto} (default; what the server picks on TLS, HTTP/1.1 on clear text), {@code http1}, or
 *       {@code h2} (on clear text with prior knowledge)
 *   <li>{@code sizing}: what the size of the pool comes from, where {@code max-connections} and {@code keep-alive} do
 *       not say. {@code auto} (default): at most 100 connections, of which those are kept that the load of the last
 *       minutes needs; {@code ratio}: at most 1.5 connections for each of {@code threads}, a fifth of which is kept;
 *       {@code fixed}: at most 100 connections, of which the larger of a fifth and four times the square root is kept
 *   <li>{@code threads}: with {@code ratio}, how many threads of the application make calls, default 200
 *   <li>{@code max-connections}: most connections to one origin. An HTTP/2 connection that only finishes what it
 *       carries, after GOAWAY or beyond {@code max-age}, does not count, up to as many again
 *   <li>{@code max-pending}: most exchanges that wait for a connection to one origin, default 1000
 *   <li>{@code keep-alive}: idle connections kept to one origin; further ones are closed after a second without use
 *   <li>{@code idle-timeout}: a connection unused for so long is closed, default 120 s
 *   <li>{@code max-age}: a connection takes no further exchanges when it is this old, give or take a fifth; default 10
 *       min
 *   <li>{@code event-loops}: threads that do the work, default 1. With more, connections and waiting places are divided
 *       among them; one is enough for tens of thousands of calls a second
 *   <li>{@code max-response-headers}: most bytes of the headers and trailers of one response, default 65536; a response
 *       with more fails, and says so
 *   <li>{@code trust-certificates}: path of a PEM file with the certificates to trust instead of the JDK's. See
 *       {@link ProviderSettings#tls} for client certificates and for what changes while the program runs
 *   <li>{@code proxy.url}: {@code none} (default), {@code http://host:port} for a proxy that takes CONNECT,
 *       {@code socks5://host:port}, or {@code system} for what the JVM's properties ({@code https.proxyHost} and its
 *       like) or else the environment ({@code HTTPS_PROXY}, {@code NO_PROXY}) say. The proxy resolves the names of
 *       services
 *   <li>{@code proxy.username} and {@code proxy.password}: for Basic or SOCKS5's authentication; none by default
 *   <li>{@code proxy.no-proxy}: where to connect directly, with commas between: {@code example.com} for that host and
 *       those below it, {@code *.example.com} for those below it, {@code 10.0.0.0/8} for addresses in URLs. This
 *       machine never is behind the proxy, unless {@code <-loopback>} stands in the list
 * </ul>
 *
 * <p>The name of an origin is looked up again whenever its TTL ends, 5 s at least and 300 s at most, as long as there
 * are connections. Those to an address that it has no longer take no further exchange. While it cannot be looked up,
 * the addresses last found serve on for an hour.
 *
 * <p>Over HTTP/2, an exchange whose handler does not ask for more holds up to 32 KiB of its response unread, or 128 KiB
 * once it has been read from; of the latter there are 682 at a time in a transport. What waits unread is thus at most
 * 32 KiB for each exchange that is under way and 64 MiB for all, in heap memory, and small frames take some more: a
 * response of which more than 8,192 frames wait is broken off. It stops no other exchange on its connection.
 */
public final class VertxTransportFactory implements TransportFactory {

    /** Does nothing; the service loader needs it. */
    public VertxTransportFactory() {}

    @Override
    public String name() {
        return "vertx";
    }

    @Override
    public Set<String> settings() {
        return Set.of(
                "http",
                "sizing",
                "threads",
                "max-connections",
                "max-pending",
                "keep-alive",
                "idle-timeout",
                "max-age",
                "event-loops",
                "max-response-headers",
                "trust-certificates",
                Proxies.URL,
                Proxies.USERNAME,
                Proxies.PASSWORD,
                Proxies.NO_PROXY);
    }

    @Override
    public Transport create(ProviderSettings settings) {
        return new VertxTransport(VertxSettings.of(settings));
    }
}
