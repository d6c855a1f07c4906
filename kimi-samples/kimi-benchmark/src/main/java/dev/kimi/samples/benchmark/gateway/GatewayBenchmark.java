package dev.kimi.samples.benchmark.gateway;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Measures our gateway beside two from npm, one after the other, each in a process of its own before the same upstream:
 * what latency a gateway adds, what CPU time and memory it takes, and what it makes of faults. Prints Markdown.
 */
public final class GatewayBenchmark {

    private static final String OURS = "kimi";
    private static final String PORTKEY = "@portkey-ai/gateway@1.15.2";
    private static final String ROUTER = "@musistudio/claude-code-router@2.0.0";

    private GatewayBenchmark() {}

    public static void main(String[] args) throws IOException, InterruptedException {
        GatewayOptions options = GatewayOptions.parse(args);
        Set<String> wanted = new HashSet<>(options.gateways());
        if (wanted.contains(OURS) && !Files.exists(options.jar())) {
            throw new IllegalArgumentException("there is no " + options.jar()
                    + "; make it with: ./mvnw -q -pl kimi-gateway -am package -DskipTests");
        }
        if (!install(options.npm())) {
            wanted.retainAll(Set.of(OURS));
        }
        Process upstream = upstream();
        try (BufferedReader output =
                new BufferedReader(new InputStreamReader(upstream.getInputStream(), StandardCharsets.UTF_8))) {
            int port = Integer.parseInt(output.readLine());
            System.out.println(new GatewayReport(options, run(options, port, wanted)));
        } finally {
            upstream.destroy();
        }
    }

    private static List<GatewayFigures> run(GatewayOptions options, int upstream, Set<String> wanted) {
        Path folder = options.npm();
        List<Supplier<Contender>> all = new ArrayList<>();
        all.add(() -> Contender.none(upstream));
        if (wanted.contains(OURS)) {
            for (Dialect dialect : Dialect.values()) {
                all.add(() -> Contender.kimi(options.jar(), dialect, upstream, options.jvm()));
            }
        }
        if (wanted.contains("portkey")) {
            all.add(() -> Contender.portkey(folder, upstream));
        }
        if (wanted.contains("router")) {
            all.add(() -> Contender.router(folder, upstream));
        }
        List<GatewayFigures> figures = new ArrayList<>();
        for (Supplier<Contender> start : all) {
            try (Contender gateway = start.get();
                    Load load = new Load()) {
                System.err.println("Measuring " + gateway.name() + ", " + gateway.dialect());
                boolean ours = gateway.name().equals("kimi-gateway");
                List<Integer> streams =
                        ours ? options.streams() : options.streams().subList(0, gateway.process() == null ? 0 : 1);
                figures.add(new Measurement(options, gateway, load).measure(streams, new Faults(upstream)));
            }
        }
        return figures;
    }

    /** @return whether the gateways from npm are there */
    private static boolean install(Path folder) throws IOException, InterruptedException {
        if (Files.exists(folder.resolve("node_modules"))) {
            return true;
        }
        Files.createDirectories(folder);
        try {
            Process npm = new ProcessBuilder(
                            "npm",
                            "install",
                            "--no-audit",
                            "--no-fund",
                            "--ignore-scripts",
                            "--prefix",
                            ".",
                            PORTKEY,
                            ROUTER)
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            if (npm.waitFor() == 0) {
                return true;
            }
            System.err.println("npm could not install the other gateways: only ours is measured");
        } catch (IOException e) {
            System.err.println("There is no npm: only our gateway is measured");
        }
        return false;
    }

    private static Process upstream() throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        UpstreamMain.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }
}
