package dev.kimi.faults;

import dev.kimi.KimiClient;
import dev.kimi.KimiClientBuilder;
import dev.kimi.Part;
import dev.kimi.service.ServiceRequest;
import dev.kimi.test.support.TestCertificate;
import dev.kimi.time.Timeouts;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import java.util.function.IntFunction;
import java.util.stream.Collectors;

/** Keeps numbered calls in flight through an nginx until so many are done, and notes what became of them. */
final class NginxLoad {

    /** What the numbers of our requests begin with. */
    static final String PREFIX = "kimi-";

    static final byte[] BODY = ("{\"model\":\"kimi-k3\",\"messages\":[{\"role\":\"user\",\"content\":\""
                    + "Hello? ".repeat(100) + "\"}]}")
            .getBytes(StandardCharsets.US_ASCII);

    private final int calls;
    private final IntFunction<CompletableFuture<?>> call;
    private final IntConsumer onDone;
    private final AtomicInteger next = new AtomicInteger();
    private final AtomicInteger done = new AtomicInteger();
    private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
    private final CompletableFuture<Void> end = new CompletableFuture<>();

    /**
     * @param call makes the call of a number
     * @param onDone is given, after each call, how many are done
     */
    NginxLoad(int calls, IntFunction<CompletableFuture<?>> call, IntConsumer onDone) {
        this.calls = calls;
        this.call = call;
        this.onDone = onDone;
    }

    /** A client that trusts the certificate and speaks the version to the nginx. */
    static KimiClient client(Nginx nginx, TestCertificate certificate, Path folder, TransportUnderTest transport)
            throws IOException {
        Path trusted = Files.writeString(folder.resolve("trusted.pem"), certificate.certificate());
        KimiClientBuilder builder = transport
                .client()
                .baseUrl(nginx.baseUrl())
                .apiKey("sk-test")
                // all connections are opened anew at once, which takes its time on a busy machine
                .timeouts(Timeouts.builder().connect(Duration.ofMinutes(1)).build())
                .set(Part.TRANSPORT, "trust-certificates", trusted.toString());
        return builder.build();
    }

    static IntFunction<CompletableFuture<?>> calls(KimiClient client) {
        return number -> client.exchangeAsync(
                ServiceRequest.post("/v1/chat/completions", BODY).header(Nginx.ID, PREFIX + number));
    }

    void start(int inFlight) {
        for (int i = 0; i < inFlight; i++) {
            goOn();
        }
    }

    private void goOn() {
        int number = next.getAndIncrement();
        if (number < calls) {
            call.apply(number).whenComplete((response, failure) -> {
                if (failure != null) {
                    failures.add(failure);
                }
                int count = done.incrementAndGet();
                onDone.accept(count);
                if (count == calls) {
                    end.complete(null);
                }
                goOn();
            });
        }
    }

    boolean isOver() {
        return done.get() == calls;
    }

    void awaitEnd() {
        end.join();
    }

    int failed() {
        return failures.size();
    }

    /** How often calls failed with each chain of exceptions. */
    Map<String, Long> kinds() {
        return failures.stream().collect(Collectors.groupingBy(JdkCalls::chain, TreeMap::new, Collectors.counting()));
    }
}
