package dev.kimi.gateway.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.kimi.test.KimiSimulator;
import dev.kimi.test.Reply;
import dev.kimi.test.support.Eventually;
import dev.kimi.time.TimeSource;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Two packaged gateways behind a proxy, with streams all the time. In short with 20 of them behind HAProxy;
 * {@code -Dkimi.gateway.streams=200} is the long form, which is run behind nginx too.
 */
class RollingRestartIT {

    private static final Path JAR = Path.of(System.getProperty("kimi.gateway.jar", "target/kimi-gateway.jar"));
    private static final Path DOCUMENTED = Path.of("../docs/gateway");
    private static final int STREAMS = Integer.getInteger("kimi.gateway.streams", 20);
    private static final boolean LONG = STREAMS > 20;
    private static final Duration PATIENCE = Duration.ofSeconds(120);
    private static final int SIGTERM = 128 + 15;

    @TempDir
    private Path folder;

    @ParameterizedTest
    @EnumSource
    void no_stream_is_lost_in_a_rolling_restart_and_those_of_a_killed_gateway_end_at_once(ProxyProcess.Kind kind)
            throws Exception {
        assumeTrue(
                kind.isInstalled() || Boolean.getBoolean("kimi." + kind.name().toLowerCase() + ".required"));
        assumeTrue(LONG || kind == ProxyProcess.Kind.HAPROXY, "nginx is for the long form");
        int proxyPort = freePort();
        try (KimiSimulator kimi = KimiSimulator.start();
                GatewayProcess one = gateway("one", kimi);
                GatewayProcess two = gateway("two", kimi)) {
            kimi.otherwise(
                    Reply.text("one two three four five six seven ".repeat(8)).drip(200, Duration.ofMillis(60)));
            one.awaitReady();
            two.awaitReady();
            try (ProxyProcess proxy = ProxyProcess.start(kind, DOCUMENTED, folder, proxyPort, one.port(), two.port())) {
                rollingRestart(kind, "http://127.0.0.1:" + proxyPort, one, two);
                killed(kind, "http://127.0.0.1:" + proxyPort, one);
                assertThat(proxy).isNotNull();
            }
        }
    }

    private void rollingRestart(ProxyProcess.Kind kind, String url, GatewayProcess... gateways) throws Exception {
        Callers callers = Callers.start(url, STREAMS);
        awaitEnds(callers, STREAMS);
        for (GatewayProcess gateway : gateways) {
            assertThat(gateway.terminate()).as(gateway.output()).isEqualTo(SIGTERM);
            gateway.restart();
            gateway.awaitReady();
            awaitEnds(callers, callers.ended().size() + STREAMS);
        }
        callers.finish();

        System.out.println(kind + ", rolling restart of two gateways under " + STREAMS + " streams: " + callers.ends());
        assertThat(callers.ends()).containsOnlyKeys("whole");
    }

    private void killed(ProxyProcess.Kind kind, String url, GatewayProcess gateway) throws Exception {
        Callers callers = Callers.start(url, STREAMS);
        awaitEnds(callers, 2 * STREAMS);
        long killed = TimeSource.system().nanoTime();
        gateway.kill();
        awaitEnds(callers, callers.ended().size() + 3 * STREAMS);
        callers.finish();

        long last = callers.ended().stream()
                .filter(end -> !end.how().equals("whole"))
                .mapToLong(end -> end.nanos() - killed)
                .max()
                .orElse(0);
        System.out.println(kind + ", kill -9 of one of two gateways under " + STREAMS + " streams: " + callers.ends()
                + ", the last that was cut or rejected "
                + Duration.ofNanos(last).toMillis() + " ms after the kill");
        int lost = callers.ended().size() - callers.ends().getOrDefault("whole", 0);
        // Those of the other gateway go on, and so do all that begin later.
        assertThat(lost).isLessThanOrEqualTo(STREAMS);
        assertThat(callers.ends()).doesNotContainKeys("without an end");
    }

    private GatewayProcess gateway(String name, KimiSimulator kimi) throws IOException {
        return GatewayProcess.start(
                JAR,
                folder.resolve(name + ".log"),
                freePort(),
                "kimi.base-url=" + kimi.baseUrl(),
                "kimi.api-key=sk-kimi",
                "kimi.gateway.server.drain.delay=2s",
                "kimi.gateway.server.drain.timeout=60s");
    }

    private static void awaitEnds(Callers callers, int count) {
        assertThat(Eventually.holds(PATIENCE, () -> callers.ended().size() >= count))
                .as("streams that ended: %s", callers.ends())
                .isTrue();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
