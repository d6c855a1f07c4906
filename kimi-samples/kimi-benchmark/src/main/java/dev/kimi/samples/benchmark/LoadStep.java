package dev.kimi.samples.benchmark;

import dev.kimi.KimiClient;
import dev.kimi.Part;
import dev.kimi.chat.ChatRequest;
import dev.kimi.samples.benchmark.internal.Pause;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.Latency;
import dev.kimi.test.Reply;
import dev.kimi.time.TimeSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;

/**
 * Ten times the load from one moment to the next, over TLS: how many connections that opens, and what it adds to the
 * calls of the first second. Client and service share the process.
 */
public final class LoadStep {

    private static final TimeSource TIME = TimeSource.system();
    private static final Duration LATENCY = Duration.ofMillis(200);
    private static final int STREAMS = 20;

    private LoadStep() {}

    public static void main(String[] args) throws Exception {
        int perSecond = 50;
        for (String arg : args) {
            if (!arg.startsWith("--rate=")) {
                throw new IllegalArgumentException(arg + " is not --rate=");
            }
            perSecond = Integer.parseInt(arg.substring("--rate=".length()));
        }
        System.out.println(report(perSecond, Duration.ofSeconds(10)));
    }

    /** @param before for how long the first tenth of the load runs */
    static String report(int perSecond, Duration before) throws IOException, InterruptedException {
        StringBuilder table =
                new StringBuilder("| HTTP | calls/s | connections before | opened by the step | p99 before"
                        + " | p99 of the step's second | failed |\n| --- | --- | --- | --- | --- | --- | --- |\n");
        for (String http : List.of("http1", "h2")) {
            table.append(measure(http, perSecond, before));
        }
        return table.toString();
    }

    private static String measure(String http, int perSecond, Duration before)
            throws IOException, InterruptedException {
        Path trusted = Files.createTempFile("load-step", ".pem");
        try (KimiSimulator service = KimiSimulator.builder()
                        .tls()
                        .maxConcurrentStreams(STREAMS)
                        .latency(Latency.of(LATENCY, Duration.ZERO))
                        .start();
                KimiClient client = client(service, http, trusted)) {
            service.otherwise(Reply.text("ok"));
            run(client, perSecond, before.dividedBy(2));
            Calls calm = run(client, perSecond, before.dividedBy(2));
            long open = service.connectionsAccepted();

            Calls step = run(client, 10 * perSecond, Duration.ofSeconds(1));
            step.await();
            return String.format(
                    Locale.ROOT,
                    "| %s | %d, then %d | %d | %d | %d ms | %d ms | %d |%n",
                    http,
                    perSecond,
                    10 * perSecond,
                    open,
                    service.connectionsAccepted() - open,
                    calm.p99(),
                    step.p99(),
                    calm.failed() + step.failed());
        } finally {
            Files.delete(trusted);
        }
    }

    private static KimiClient client(KimiSimulator service, String http, Path trusted) throws IOException {
        Files.writeString(trusted, service.certificatePem());
        return KimiClient.builder()
                .baseUrl(service.baseUrl())
                .apiKey("sk-benchmark")
                .set(Part.TRANSPORT, "http", http)
                .set(Part.TRANSPORT, "max-connections", "1000")
                .set(Part.TRANSPORT, "trust-certificates", trusted.toString())
                .callbackExecutor(Runnable::run)
                .build();
    }

    /** Makes calls at an even pace, whether or not earlier ones have ended. */
    private static Calls run(KimiClient client, int perSecond, Duration time) throws InterruptedException {
        Calls calls = new Calls(new ArrayList<>());
        long begin = TIME.nanoTime();
        long count = perSecond * time.toMillis() / 1_000;
        for (long i = 0; i < count; i++) {
            long due = begin + i * 1_000_000_000L / perSecond;
            while (TIME.nanoTime() < due) {
                Pause.of(Duration.ofNanos(Math.max(1, due - TIME.nanoTime())));
            }
            long from = TIME.nanoTime();
            calls.ends.add(client.chatAsync(ChatRequest.of("Why?"))
                    .handle((response, failure) -> failure == null ? TIME.nanoTime() - from : Long.MAX_VALUE));
        }
        return calls;
    }

    /** How long each call took, {@link Long#MAX_VALUE} if it failed. */
    private record Calls(List<CompletableFuture<Long>> ends) {

        void await() {
            CompletableFuture.allOf(ends.toArray(CompletableFuture<?>[]::new)).join();
        }

        long p99() {
            long[] nanos =
                    ends.stream().mapToLong(CompletableFuture::join).sorted().toArray();
            return Arrays.stream(nanos)
                            .skip(nanos.length * 99L / 100)
                            .findFirst()
                            .orElse(0)
                    / 1_000_000;
        }

        long failed() {
            return ends.stream().filter(end -> end.join() == Long.MAX_VALUE).count();
        }
    }
}
