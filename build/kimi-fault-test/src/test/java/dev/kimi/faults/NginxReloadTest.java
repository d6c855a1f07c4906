package dev.kimi.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.KimiClient;
import dev.kimi.test.support.TestCertificate;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Phaser;
import java.util.function.IntFunction;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * An nginx that reloads closes each HTTP/1.1 connection as soon as nothing is under way on it, although it has said
 * that it keeps it: requests cross with the end of their connection.
 *
 * <p>{@code -Dkimi.reload.calls=15000} makes it as long as the figures of the documentation, and lets the JDK's own
 * client do the same, whose figures it prints beside ours.
 */
@Timeout(300)
@ParameterizedClass
@ValueSource(booleans = {false, true})
class NginxReloadTest {

    private static final int FULL = Integer.getInteger("kimi.reload.calls", 0);
    private static final int CALLS = FULL > 0 ? FULL : 6_000;
    private static final int IN_FLIGHT = 64;
    private static final int CALLS_BETWEEN_RELOADS = 1_000;

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
        try (Nginx nginx = start(certificate);
                KimiClient client = NginxLoad.client(nginx, certificate, folder, TransportUnderTest.HTTP1)) {
            Outcome ours = run(nginx, NginxLoad.calls(client));
            ours.print("kimi", tls);
            if (FULL > 0) {
                run(nginx, new JdkCalls(HttpClient.Version.HTTP_1_1, nginx, certificate, NginxLoad.BODY))
                        .print("java.net.http", tls);
            }
            int failed = ours.load.failed();
            assertThat(ours.reloads).isGreaterThanOrEqualTo(2);
            assertThat(failed).as("of %s calls: %s", CALLS, ours.load.kinds()).isLessThanOrEqualTo(1);
            // a request is logged after its response is sent
            CancelFixture.eventually(
                    "nginx has logged all that it served", () -> ours(nginx).size() >= CALLS - failed);
            assertThat(ours(nginx).values()).as("how often each was served").containsOnly(1L);
        }
    }

    private static Map<String, Long> ours(Nginx nginx) {
        Map<String, Long> served = nginx.served();
        served.keySet().removeIf(number -> !number.startsWith(NginxLoad.PREFIX));
        return served;
    }

    private Nginx start(TestCertificate certificate) throws IOException {
        return tls ? Nginx.builder().tls(certificate).start() : Nginx.builder().start();
    }

    /** Reloads whenever so many more calls are done. */
    private static Outcome run(Nginx nginx, IntFunction<CompletableFuture<?>> call) {
        Phaser parts = new Phaser(1);
        NginxLoad load = new NginxLoad(CALLS, call, count -> {
            if (count % CALLS_BETWEEN_RELOADS == 0 || count == CALLS) {
                parts.arrive();
            }
        });
        load.start(IN_FLIGHT);
        int reloads = 0;
        for (int phase = 0; !load.isOver(); phase++) {
            parts.awaitAdvance(phase);
            if (!load.isOver()) {
                nginx.reload();
                reloads++;
            }
        }
        return new Outcome(load, reloads);
    }

    private record Outcome(NginxLoad load, int reloads) {

        private void print(String client, boolean tls) {
            if (FULL > 0) {
                System.out.printf(
                        "%s, %s: %d of %d calls failed over %d reloads %s%n",
                        client, tls ? "TLS" : "plain", load.failed(), CALLS, reloads, load.kinds());
            }
        }
    }
}
