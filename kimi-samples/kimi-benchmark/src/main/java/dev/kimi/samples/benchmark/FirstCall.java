package dev.kimi.samples.benchmark;

import dev.kimi.KimiClient;
import dev.kimi.KimiClient.WarmUp;
import dev.kimi.Part;
import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatStream;
import dev.kimi.time.TimeSource;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * How long the first call of a process takes, by what was done before it, beside the calls that follow. Each round is a
 * process of its own; the service is another that has served before.
 */
public final class FirstCall {

    private static final TimeSource TIME = TimeSource.system();
    private static final String CHILD = "child";
    private static final int STEADY_FROM = 1_500;
    private static final int STEADY = 1_000;
    private static final Duration LIMIT = Duration.ofSeconds(10);

    private FirstCall() {}

    /** @param args {@code --rounds=} for each line of the table, {@code --latency=} of the service in milliseconds */
    public static void main(String[] args) throws IOException, InterruptedException {
        if (args.length > 0 && args[0].equals(CHILD)) {
            child(WarmUp.valueOf(args[1]), args[2], args[3], args[4], Integer.parseInt(args[5]));
            return;
        }
        int rounds = 7;
        int latency = 0;
        for (String arg : args) {
            if (arg.startsWith("--rounds=")) {
                rounds = Integer.parseInt(arg.substring("--rounds=".length()));
            } else if (arg.startsWith("--latency=")) {
                latency = Integer.parseInt(arg.substring("--latency=".length()));
            } else {
                throw new IllegalArgumentException(arg + " is neither --rounds= nor --latency=");
            }
        }
        Path certificate = Files.createTempFile("kimi-first-call", ".pem");
        try (ServerProcess service = ServerProcess.start(latency, 1, "--certificate", certificate.toString())) {
            System.out.println(report(service.baseUrl(), certificate, rounds, latency));
        } finally {
            Files.delete(certificate);
        }
    }

    private static String report(String url, Path certificate, int rounds, int latency)
            throws IOException, InterruptedException {
        StringBuilder table = new StringBuilder("| HTTP over TLS | warm-up | takes | first chat: median, max | first"
                + " stream: median, max | steady p99 |\n| --- | --- | --- | --- | --- | --- |\n");
        // fewer calls follow where each takes long
        int steady = latency == 0 ? STEADY_FROM : 0;
        for (String http : List.of("h2", "http1")) {
            run(WarmUp.OFF, url, certificate, http, steady);
            List<double[]>[] byMode = lists();
            for (int round = 0; round < rounds; round++) {
                for (WarmUp mode : WarmUp.values()) {
                    byMode[mode.ordinal()].add(run(mode, url, certificate, http, steady));
                }
            }
            for (WarmUp mode : WarmUp.values()) {
                table.append(line(http, mode, byMode[mode.ordinal()]));
            }
        }
        return table.toString();
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    private static List<double[]>[] lists() {
        List<double[]>[] lists = new List[WarmUp.values().length];
        Arrays.setAll(lists, i -> new ArrayList<double[]>());
        return lists;
    }

    private static String line(String http, WarmUp mode, List<double[]> rounds) {
        return String.format(
                Locale.ROOT,
                "| %s | %s | %.0f ms | %.1f, %.1f ms | %.1f, %.1f ms | %.1f ms |%n",
                http,
                mode.name().toLowerCase(Locale.ROOT).replace('_', '-'),
                at(rounds, 0, 0.5),
                at(rounds, 1, 0.5),
                at(rounds, 1, 1),
                at(rounds, 2, 0.5),
                at(rounds, 2, 1),
                at(rounds, 3, 0.5));
    }

    private static double at(List<double[]> rounds, int column, double rank) {
        double[] sorted =
                rounds.stream().mapToDouble(round -> round[column]).sorted().toArray();
        return sorted[(int) Math.round(rank * (sorted.length - 1))];
    }

    private static double[] run(WarmUp mode, String url, Path certificate, String http, int steady)
            throws IOException, InterruptedException {
        Process child = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        FirstCall.class.getName(),
                        CHILD,
                        mode.name(),
                        url,
                        certificate.toString(),
                        http,
                        String.valueOf(steady))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String line = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        if (child.waitFor() != 0) {
            throw new IllegalStateException("a round failed");
        }
        return Arrays.stream(line.split(" ")).mapToDouble(Double::parseDouble).toArray();
    }

    private static void child(WarmUp mode, String url, String certificate, String http, int steadyFrom) {
        try (KimiClient client = KimiClient.builder()
                .baseUrl(url)
                .apiKey("sk-benchmark")
                .set(Part.TRANSPORT, "http", http)
                .set(Part.TRANSPORT, "trust-certificates", certificate)
                .build()) {
            long begin = TIME.nanoTime();
            client.warmUp(mode, LIMIT).join();
            double warm = millisSince(begin);
            double chat = chat(client);
            double stream = stream(client);
            for (int i = 0; i < steadyFrom; i++) {
                chat(client);
            }
            double[] steady = new double[steadyFrom == 0 ? STEADY / 10 : STEADY];
            Arrays.setAll(steady, i -> chat(client));
            Arrays.sort(steady);
            System.out.println(warm + " " + chat + " " + stream + " " + steady[steady.length * 99 / 100]);
        }
    }

    private static double chat(KimiClient client) {
        long from = TIME.nanoTime();
        client.chat("Why?");
        return millisSince(from);
    }

    private static double stream(KimiClient client) {
        long from = TIME.nanoTime();
        try (ChatStream stream = client.stream(ChatRequest.of("Why?"))) {
            stream.forEach(event -> {});
        }
        return millisSince(from);
    }

    private static double millisSince(long nanos) {
        return (TIME.nanoTime() - nanos) / 1e6;
    }
}
