package dev.kimi.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.KimiClient;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.Latency;
import dev.kimi.test.support.TestCertificate;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * An nginx that reloads, or that ends connections after so many requests, says by GOAWAY up to which stream it
 * processes.
 *
 * <p>{@code -Dkimi.reload.http2.calls=6000} makes it as long as the figures of the documentation, and lets the JDK's
 * own client do the same, whose figures it prints beside ours.
 */
@Timeout(300)
class NginxHttp2ReloadTest {

    private static final int FULL = Integer.getInteger("kimi.reload.http2.calls", 0);
    private static final int CALLS = FULL > 0 ? FULL : 1_000;
    private static final int IN_FLIGHT = 200;
    private static final long BETWEEN_RELOADS_MILLIS = 700;

    @TempDir
    Path folder;

    @BeforeEach
    void installed() {
        Nginx.assumeInstalled();
    }

    @Test
    void requests_under_way_at_a_reload_are_neither_lost_nor_doubled() throws Exception {
        check("", true);
    }

    /** With and without a reload; the limit falls amid the streams of a connection. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void requests_beyond_those_that_a_connection_may_carry_are_neither_lost_nor_doubled(boolean reloads)
            throws Exception {
        check("keepalive_requests 50;", reloads);
    }

    private void check(String directives, boolean reloads) throws Exception {
        TestCertificate certificate = TestCertificate.create("127.0.0.1");
        try (KimiSimulator upstream = KimiSimulator.builder()
                        .latency(Latency.of(Duration.ofMillis(200), Duration.ofMillis(1)))
                        .recordedRequests(3 * CALLS)
                        .start();
                Nginx nginx = Nginx.builder()
                        .tls(certificate)
                        .http2()
                        .upstream(upstream.port())
                        .directives("http2_max_concurrent_streams 256; " + directives)
                        .start();
                KimiClient client = NginxLoad.client(nginx, certificate, folder, TransportUnderTest.HTTP2)) {
            Outcome ours = run(nginx, reloads, NginxLoad.calls(client));
            Map<String, Long> counted = counted(upstream, NginxLoad.PREFIX);
            ours.print("kimi", counted);
            if (FULL > 0) {
                run(nginx, reloads, new JdkCalls(HttpClient.Version.HTTP_2, nginx, certificate, NginxLoad.BODY))
                        .print("java.net.http", counted(upstream, JdkCalls.PREFIX));
            }
            assertThat(ours.load.failed())
                    .as("of %s calls: %s", CALLS, ours.load.kinds())
                    .isZero();
            assertThat(counted).hasSize(CALLS);
            assertThat(counted.values()).as("as the upstream counts").containsOnly(1L);
            if (reloads) {
                assertThat(ours.reloads).isPositive();
            }
        }
    }

    /** How often the upstream got each request. */
    private static Map<String, Long> counted(KimiSimulator upstream, String prefix) {
        return upstream.requests().stream()
                .map(request -> request.header(Nginx.ID).orElse(""))
                .filter(number -> number.startsWith(prefix))
                .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
    }

    private static Outcome run(Nginx nginx, boolean reloads, IntFunction<CompletableFuture<?>> call)
            throws InterruptedException {
        NginxLoad load = new NginxLoad(CALLS, call, count -> {});
        AtomicInteger reloaded = new AtomicInteger();
        ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
        try {
            if (reloads) {
                clock.scheduleWithFixedDelay(
                        () -> {
                            nginx.reload();
                            reloaded.incrementAndGet();
                        },
                        BETWEEN_RELOADS_MILLIS / 2,
                        BETWEEN_RELOADS_MILLIS,
                        TimeUnit.MILLISECONDS);
            }
            load.start(IN_FLIGHT);
            load.awaitEnd();
        } finally {
            clock.shutdown();
            assertThat(clock.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
        }
        return new Outcome(load, reloaded.get());
    }

    private record Outcome(NginxLoad load, int reloads) {

        private void print(String client, Map<String, Long> counted) {
            if (FULL > 0) {
                long doubled =
                        counted.values().stream().filter(times -> times > 1).count();
                System.out.printf(
                        "%s: %d of %d calls failed over %d reloads, %d reached the upstream, %d of them twice %s%n",
                        client, load.failed(), CALLS, reloads, counted.size(), doubled, load.kinds());
            }
        }
    }
}
