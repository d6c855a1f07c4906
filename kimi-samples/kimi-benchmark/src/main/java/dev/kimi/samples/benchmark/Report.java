package dev.kimi.samples.benchmark;

import java.util.Locale;

/** Markdown of what was measured, beside what it should be. */
final class Report {

    private final StringBuilder text = new StringBuilder();

    Report(Options options) {
        line(
                "Protocol %s, Java %s, %d processors; %d s each after %d s of warm-up; CPU is that of the client"
                        + " process, user and system.",
                options.protocol(),
                Runtime.version(),
                Runtime.getRuntime().availableProcessors(),
                options.measured().toSeconds(),
                options.warmUp().toSeconds());
        double load = Meter.load();
        if (load > 1) {
            line(
                    "**The machine was busy with other things (load %.1f at the start): the figures are too high.**",
                    load);
        }
        line("");
    }

    void callsHead(int inFlight) {
        line("| chat, %d in flight | calls/s | CPU per call | wanted | allocated per call | failed |", inFlight);
        line("| --- | --- | --- | --- | --- | --- |");
    }

    void calls(CallScenario.Form form, CallScenario.Result result) {
        String name = switch (form) {
            case ASYNC -> "asynchronous";
            case PLATFORM_THREADS -> "platform threads";
            case VIRTUAL_THREADS -> "virtual threads";
        };
        int wanted = switch (form) {
            case ASYNC -> 20;
            case VIRTUAL_THREADS -> 26;
            case PLATFORM_THREADS -> 34;
        };
        line(
                "| %s | %,.0f | %.1f us | <= %d us | %.1f KiB | %d |",
                name, result.perSecond(), result.cpuMicros(), wanted, result.allocated() / 1024.0, result.failed());
    }

    void streamsHead() {
        line("");
        line("| streams | an event every | events/s of those offered | CPU per event | allocated per event |"
                + " threads | heap per stream | failed |");
        line("| --- | --- | --- | --- | --- | --- | --- | --- |");
        line("| wanted | | all | <= 14 us | | <= 8 | <= 16 KiB | 0 |");
    }

    void streams(int count, StreamScenario.Result result) {
        line(
                "| %,d | %d ms | %,.0f of %,.0f | %.1f us | %.2f KiB | %d | %.1f KiB | %d |",
                count,
                result.gapMillis(),
                result.perSecond(),
                result.offered(),
                result.cpuMicros(),
                result.allocated() / 1024.0,
                result.threads(),
                result.heapPerStream() / 1024.0,
                result.failed());
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
