package dev.kimi.samples.benchmark.gateway;

import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Markdown of what was measured. */
final class GatewayReport {

    private final StringBuilder text = new StringBuilder();

    GatewayReport(GatewayOptions options, List<GatewayFigures> all) {
        line(
                "Latency at %d calls/s, CPU time with %d calls in flight, each for %d s. Java %s, %d processors, load"
                        + " %.1f at the end.",
                options.rate(),
                options.inFlight(),
                options.time().toSeconds(),
                Runtime.version(),
                Runtime.getRuntime().availableProcessors(),
                ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage());
        line("");
        line("| gateway | clients speak | p50 | p99 | added p50, p99 | failed | calls per CPU second | calls/s"
                + " | CPU per event | events/s of those offered | memory by streams |");
        line("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
        GatewayFigures none = all.get(0);
        for (GatewayFigures one : all) {
            line(
                    "| %s | %s | %.2f ms | %.2f ms | %+.2f, %+.2f ms | %d | %,.0f | %,.0f | %.1f us | %,.0f of %,.0f"
                            + " | %s |",
                    one.gateway(),
                    one.dialect().name().toLowerCase(Locale.ROOT),
                    one.latency().p50Millis(),
                    one.latency().p99Millis(),
                    one.latency().p50Millis() - none.latency().p50Millis(),
                    one.latency().p99Millis() - none.latency().p99Millis(),
                    one.latency().failed(),
                    one.callsPerCpuSecond(),
                    one.callsPerSecond(),
                    one.cpuMicrosPerEvent(),
                    one.events().arrived(),
                    one.events().offered(),
                    one.residentMib().entrySet().stream()
                            .map(entry -> String.format(
                                    Locale.ROOT,
                                    "%,d: %,d MiB%s",
                                    entry.getKey(),
                                    entry.getValue().mib(),
                                    entry.getValue().alive() == entry.getKey()
                                            ? ""
                                            : " (" + entry.getValue().alive() + " alive)"))
                            .collect(Collectors.joining(", ")));
        }
        line("");
        line(
                "| gateway | clients speak | %s |",
                String.join(" | ", none.faults().keySet()));
        line("| --- | --- %s|", "| --- ".repeat(none.faults().size()));
        for (GatewayFigures one : all) {
            line(
                    "| %s | %s | %s |",
                    one.gateway(),
                    one.dialect().name().toLowerCase(Locale.ROOT),
                    String.join(" | ", one.faults().values()));
        }
    }

    private void line(String format, Object... values) {
        text.append(values.length == 0 ? format : String.format(Locale.ROOT, format, values))
                .append('\n');
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
