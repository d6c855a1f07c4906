package dev.kimi.samples.benchmark.failover;

import dev.kimi.KimiClient;
import dev.kimi.service.ModelPrices;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Lets Kimi fail in each way while calls arrive, with Claude to go on at, and prints what their callers saw, what the
 * services counted and how long it took, as a table in Markdown. The services are simulated, in a process of their own;
 * HAProxy, where it is installed, stands before Kimi.
 */
public final class FailoverBenchmark {

    static final String KIMI = "kimi";
    static final String CLAUDE = "claude";
    static final String KIMI_MODEL = "kimi-k3.1-pro";
    static final String CLAUDE_MODEL = "claude-sonnet-5-5";

    /** A cold process gets this part of the load. */
    private static final int COLD = 5;

    private FailoverBenchmark() {}

    public static void main(String[] args) throws IOException, InterruptedException {
        FailoverOptions options = FailoverOptions.parse(args);
        System.out.println(report(options, run(options)));
    }

    static FailoverReport report(FailoverOptions options, List<Figures> figures) {
        FailoverReport report =
                new FailoverReport(options, haproxy(options) != null, prices(KIMI_MODEL), prices(CLAUDE_MODEL));
        figures.forEach(report::add);
        return report;
    }

    /** What came of each fault, in their order. */
    static List<Figures> run(FailoverOptions options) throws IOException, InterruptedException {
        List<Figures> all = new ArrayList<>();
        try (Services services = Services.start(haproxy(options), options.http())) {
            new FailoverRun(options, services, Math.max(1, options.perSecond() / COLD)).warmUp();
            for (Fault fault : options.faults()) {
                System.err.println("Measuring " + fault.label());
                all.add(new FailoverRun(options, services, options.perSecond()).measure(fault));
            }
        }
        return all;
    }

    private static @Nullable Path haproxy(FailoverOptions options) {
        return options.haproxy() ? Haproxy.executable() : null;
    }

    private static ModelPrices prices(String model) {
        try (KimiClient client =
                KimiClient.builder().apiKey("sk-benchmark").model(model).build()) {
            return Objects.requireNonNull(client.modelCard(model).prices(), () -> "no prices of " + model);
        }
    }
}
