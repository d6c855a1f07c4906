package dev.kimi.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.KimiClient;
import dev.kimi.KimiClientBuilder.Part;
import dev.kimi.service.ServiceRequest;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.Latency;
import dev.kimi.test.internal.TestCertificate;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
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
 * An nginx that reloads, or that ends connections after so many requests, tells by GOAWAY up to which stream it
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
    private static final byte[] BODY = ("{\"model\":\"kimi-k3\",\"messages\":[{\"role\":\"user\",\"content\":\""
                    + "Hello? ".repeat(100) + "\"}]}")
            .getBytes(StandardCharsets.US_ASCII);

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
        Path trusted = Files.writeString(folder.resolve("trusted.pem"), certificate.certificate());
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
                KimiClient client = KimiClient.builder()
                        .baseUrl(nginx.baseUrl())
                        .apiKey("sk-test")
                        .set(Part.TRANSPORT, "http", "h2")
                        .set(Part.TRANSPORT, "trust-certificates", trusted.toString())
                        .build()) {
            Outcome ours = run(
                    nginx,
                    reloads,
                    number -> client.exchange(
                            ServiceRequest.post("/v1/chat/completions", BODY).header(Nginx.ID, "kimi-" + number)));
            ours.print("kimi", upstream, "kimi-");
            if (FULL > 0) {
                run(nginx, reloads, new JdkCalls(HttpClient.Version.HTTP_2, nginx, certificate, BODY))
                        .print("java.net.http", upstream, JdkCalls.PREFIX);
            }
            assertThat(ours.failures).as("of %s calls", CALLS).isEmpty();
            Map<String, Long> counted = counted(upstream, "kimi-");
            assertThat(counted).hasSize(CALLS);
            assertThat(counted.values()).as("as the upstream counts").containsOnly(1L);
            if (reloads) {
                assertThat(ours.reloads).hasPositiveValue();
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
        Outcome outcome = new Outcome();
        ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
        try {
            if (reloads) {
                clock.scheduleWithFixedDelay(
                        () -> {
                            nginx.reload();
                            outcome.reloads.incrementAndGet();
                        },
                        BETWEEN_RELOADS_MILLIS / 2,
                        BETWEEN_RELOADS_MILLIS,
                        TimeUnit.MILLISECONDS);
            }
            for (int i = 0; i < IN_FLIGHT; i++) {
                outcome.goOn(call);
            }
            outcome.done.await();
        } finally {
            clock.shutdown();
            clock.awaitTermination(30, TimeUnit.SECONDS);
        }
        return outcome;
    }

    private static final class Outcome {
        final Queue<String> failures = new ConcurrentLinkedQueue<>();
        final AtomicInteger reloads = new AtomicInteger();
        final CountDownLatch done = new CountDownLatch(CALLS);
        private final AtomicInteger next = new AtomicInteger();

        void goOn(IntFunction<CompletableFuture<?>> call) {
            int number = next.getAndIncrement();
            if (number < CALLS) {
                call.apply(number).whenComplete((response, failure) -> {
                    if (failure != null) {
                        failures.add(JdkCalls.chain(failure));
                    }
                    done.countDown();
                    goOn(call);
                });
            }
        }

        void print(String client, KimiSimulator upstream, String prefix) {
            if (FULL > 0) {
                Map<String, Long> counted = counted(upstream, prefix);
                long doubled =
                        counted.values().stream().filter(times -> times > 1).count();
                System.out.printf(
                        "%s: %d of %d calls failed over %d reloads, %d reached the upstream, %d of them twice %s%n",
                        client,
                        failures.size(),
                        CALLS,
                        reloads.get(),
                        counted.size(),
                        doubled,
                        failures.stream().collect(Collectors.groupingBy(Function.identity(), Collectors.counting())));
            }
        }
    }
}
