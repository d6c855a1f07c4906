package dev.kimi.test.gateway;

/**
 * What a gateway for Claude Code and other clients of Anthropic's Messages API must do, with Kimi and Claude behind it.
 * A subclass starts one in front of two {@link dev.kimi.test.KimiSimulator}s; the tests call it by raw sockets and look
 * at what comes to the client, in which bytes and when, and at what came to the services, which check it as the real
 * ones do.
 *
 * <pre>{@code
 * class OurGatewayTest extends GatewayContract {
 *
 *     @Override
 *     protected GatewayUnderTest start(KimiSimulator kimi, KimiSimulator claude) {
 *         return OurGateway.start(kimi.baseUrl(), kimi.apiKey(), claude.baseUrl(), claude.apiKey());
 *     }
 * }
 * }</pre>
 *
 * <p>Each test has the number of its line in the contract, or of its acceptance case, and a form for each service where
 * the line has both. Nothing sleeps: a service that is to be seen waiting waits for the client, and a silence lasts as
 * many {@linkplain GatewayUnderTest#pingInterval() intervals} as there are pings in it.
 *
 * <p>What a line leaves to the client has no test: that a proxy is configured there (7), that it compares what it shows
 * in a given time (34, 36 but for the pings), how often it tries again (50, 54, 55) and what it mends by itself (47 but
 * for the words). That credentials are compared in constant time (5) does not show from outside; nor do sessions that
 * are used for routing (10), nor the limit of Kimi's own endpoints on bodies (32).
 */
public abstract class GatewayContract extends GatewayCases {}
