package dev.kimi.samples.benchmark.failover;

import dev.kimi.service.ModelPrices;
import java.lang.management.ManagementFactory;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Markdown of what was measured, beside what it should be. */
final class FailoverReport {

    private final StringBuilder table = new StringBuilder();
    private final StringBuilder failures = new StringBuilder();
    private final ModelPrices kimi;
    private final ModelPrices claude;
    private double without;

    FailoverReport(FailoverOptions options, boolean haproxy, ModelPrices kimi, ModelPrices claude) {
        this.kimi = kimi;
        this.claude = claude;
        line(
                "%d calls/s (%s) over %s, %s; each fault lasts %d s. Java %s, %d processors, load %.1f at the end.",
                options.perSecond(),
                options.form().name().toLowerCase(Locale.ROOT),
                options.http(),
                haproxy ? "HAProxy before the simulated Kimi" : "the simulated Kimi alone",
                options.times().fault().toSeconds(),
                Runtime.version(),
                Runtime.getRuntime().availableProcessors(),
                ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage());
        line("");
        line("| fault | calls | failed | perhaps paid | after content | delivered twice | completed twice"
                + " | begun twice | all at Claude after | none is stuck after | all back after | 1,000 calls cost"
                + " | p50, p99 |");
        line("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
        line("| wanted | | 0 | | | 0 | 0 | | <= 1 s | | <= 5 s | | |");
    }

    void add(Figures figures) {
        boolean fault = figures.fault() != Fault.NONE;
        double cost = figures.costOfThousand(kimi, claude);
        without = fault ? without : cost;
        line(
                "| %s | %,d | %d | %d | %d | %d | %d | %d | %s | %s | %s | %s | %.0f, %,.0f ms |",
                figures.fault().label(),
                figures.calls(),
                figures.failed(),
                figures.failedPerhapsPaid(),
                figures.failedAfterContent(),
                figures.deliveredTwice(),
                figures.billing().completedTwice(),
                figures.billing().begunTwice(),
                fault ? seconds(figures.secondsToMove()) : "",
                fault ? seconds(figures.secondsToFree()) : "",
                fault ? seconds(figures.secondsToReturn()) : "",
                cost(cost),
                figures.millis(0.5),
                figures.millis(0.99));
        figures.failures()
                .forEach((how, count) ->
                        failures.append(figures.fault().label() + ": " + count + " times " + how + "\n"));
    }

    private String cost(double cost) {
        String amount = String.format(Locale.ROOT, "%.2f %s", cost, kimi.currency());
        return without == 0 || without == cost
                ? amount
                : amount + String.format(Locale.ROOT, " (%+.2f)", cost - without);
    }

    private static String seconds(@Nullable Double seconds) {
        return seconds == null ? "never" : String.format(Locale.ROOT, "%.2f s", seconds);
    }

    private void line(String format, Object... values) {
        table.append(values.length == 0 ? format : String.format(Locale.ROOT, format, values))
                .append('\n');
    }

    @Override
    public String toString() {
        return table + "\n" + failures;
    }
}
