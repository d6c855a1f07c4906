package dev.kimi.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.KimiClient;
import dev.kimi.KimiClientBuilder.Part;
import dev.kimi.service.ServiceRequest;
import dev.kimi.test.internal.TestCertificate;
import dev.kimi.time.Timeouts;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Phaser;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * An nginx that reloads closes each HTTP/1.1 connection as soon as nothing is under way on it, although it has said that
 * it keeps it: requests cross with the end of their connection.
 *
 * <p>{@code -Dkimi.reload.calls=15000} makes it as long as the figures of the documentation, and lets the JDK's own
 * client do the same, whose figures it prints beside ours.
 */
@Timeout(300)
@ParameterizedClass
@ValueSource(booleans = {false, true})
class NginxReloadTest {

    private static final int FULL = Integer.getInteger("kimi.reload.calls", 0);
    private static final int CALLS = FULL > 0 ? FULL : 2_000;
    private static final int IN_FLIGHT = 64;
    private static final int CALLS_BETWEEN_RELOADS = 400;
    private static final byte[] BODY = ("{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\""
                    + "Hello? ".repeat(100) + "\"}]}")
            .getBytes(StandardCharsets.US_ASCII);

    @Parameter
    boolean tls;

    @TempDir
    Path folder;

    @BeforeEach
    void installed() {
        Nginx.assumeInstalled();
    }

    @Test
    void requests_that_cross_with_the_end_of_their_connection_are_neither_lost_nor_doubled() throws Exception {
        TestCertificate certificate = TestCertificate.create("127.0.0.1");
        Path trusted = Files.writeString(folder.resolve("trusted.pem"), certificate.certificate());
        try (Nginx nginx = start(certificate);
                KimiClient client = KimiClient.builder()
                        .baseUrl(nginx.baseUrl())
                        .apiKey("sk-test")
                        // all connections are opened anew at once, which takes its time on a busy machine
                        .timeouts(Timeouts.builder()
                                .connect(Duration.ofMinutes(1))
                                .build())
                        .set(Part.TRANSPORT, "http", "http1")
                        .set(Part.TRANSPORT, "trust-certificates", trusted.toString())
                        .build()) {
            Outcome ours = run(
                    nginx,
                    number -> client.exchange(
                            ServiceRequest.post("/v1/chat/completions", BODY).header(Nginx.ID, "kimi-" + number)));
            ours.print("kimi", tls);

            if (FULL > 0) {
                run(nginx, new JdkCalls(HttpClient.Version.HTTP_1_1, nginx, certificate, BODY))
                        .print("java.net.http", tls);
            }
            assertThat(ours.reloads).isGreaterThanOrEqualTo(2);
            assertThat(ours.failures.size())
                    .as("of %s calls: %s", CALLS, ours.kinds())
                    .isLessThanOrEqualTo(1);
            // a request is logged after its response is sent
            Scene.eventually(
                    "nginx has logged all that it served", () -> ours(nginx).size() >= CALLS - ours.failures.size());
            assertThat(ours(nginx).values()).as("how often each was served").containsOnly(1L);
        }
    }

    private static Map<String, Long> ours(Nginx nginx) {
        Map<String, Long> served = nginx.served();
        served.keySet().removeIf(number -> !number.startsWith("kimi-"));
        return served;
    }

    private Nginx start(TestCertificate certificate) throws IOException {
        return tls ? Nginx.builder().tls(certificate).start() : Nginx.builder().start();
    }

    /** Keeps so many calls in flight, and reloads whenever so many more are done. */
    private static Outcome run(Nginx nginx, IntFunction<CompletableFuture<?>> call) {
        Outcome outcome = new Outcome();
        AtomicInteger next = new AtomicInteger();
        AtomicInteger done = new AtomicInteger();
        Phaser hundreds = new Phaser(1);
        for (int i = 0; i < IN_FLIGHT; i++) {
            goOn(call, next, done, hundreds, outcome);
        }
        for (int phase = 0; done.get() < CALLS; phase++) {
            hundreds.awaitAdvance(phase);
            if (done.get() < CALLS) {
                nginx.reload();
                outcome.reloads++;
            }
        }
        return outcome;
    }

    private static void goOn(
            IntFunction<CompletableFuture<?>> call,
            AtomicInteger next,
            AtomicInteger done,
            Phaser parts,
            Outcome outcome) {
        int number = next.getAndIncrement();
        if (number >= CALLS) {
            return;
        }
        call.apply(number).whenComplete((response, failure) -> {
            if (failure != null) {
                outcome.failures.add(failure);
            }
            int count = done.incrementAndGet();
            if (count % CALLS_BETWEEN_RELOADS == 0 || count == CALLS) {
                parts.arrive();
            }
            goOn(call, next, done, parts, outcome);
        });
    }

    private static final class Outcome {
        private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
        private int reloads;

        private Map<String, Long> kinds() {
            return failures.stream()
                    .collect(Collectors.groupingBy(JdkCalls::chain, TreeMap::new, Collectors.counting()));
        }

        private void print(String client, boolean tls) {
            if (FULL > 0) {
                System.out.printf(
                        "%s, %s: %d of %d calls failed over %d reloads %s%n",
                        client, tls ? "TLS" : "plain", failures.size(), CALLS, reloads, kinds());
            }
        }
    }
}
