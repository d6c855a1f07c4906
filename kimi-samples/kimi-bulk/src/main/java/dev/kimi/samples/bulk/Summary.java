package dev.kimi.samples.bulk;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** The table at the end of a run. */
final class Summary {

    private Summary() {}

    static String table(ProgressReport.State end, int total, Duration elapsed) {
        Tally.Counts counts = end.counts();
        double seconds = Math.max(1e-3, elapsed.toNanos() / 1e9);
        Map<String, String> rows = new LinkedHashMap<>();
        rows.put("input lines", String.valueOf(total));
        rows.put("ok", String.valueOf(counts.succeeded()));
        rows.put("failed", String.valueOf(counts.failed()));
        rows.put("bad lines", String.valueOf(counts.badLines()));
        if (total > counts.outcomes()) {
            rows.put("not sent", String.valueOf(total - counts.outcomes()));
        }
        rows.put("429s", String.valueOf(end.rateLimited()));
        rows.put("retries", String.valueOf(end.run().retries()));
        rows.put("tokens in", String.format(Locale.ROOT, "%,d", counts.promptTokens()));
        rows.put("tokens out", String.format(Locale.ROOT, "%,d", counts.completionTokens()));
        rows.put("elapsed", String.format(Locale.ROOT, "%.1f s", seconds));
        rows.put("rate", String.format(Locale.ROOT, "%.1f/s", counts.completed() / seconds));
        StringBuilder table = new StringBuilder();
        rows.forEach((name, value) -> table.append(String.format("  %-12s%12s%n", name, value)));
        return table.toString().stripTrailing();
    }
}
