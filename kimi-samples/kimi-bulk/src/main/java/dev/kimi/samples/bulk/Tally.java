package dev.kimi.samples.bulk;

import dev.kimi.chat.Usage;

/** What has come of the input so far. Thread-safe. */
final class Tally {

    private int succeeded;
    private int failed;
    private int badLines;
    private long promptTokens;
    private long completionTokens;

    synchronized void succeeded(Usage usage) {
        succeeded++;
        promptTokens += usage.promptTokens();
        completionTokens += usage.completionTokens();
    }

    synchronized void failed() {
        failed++;
    }

    synchronized void badLine() {
        badLines++;
    }

    synchronized Counts counts() {
        return new Counts(succeeded, failed, badLines, promptTokens, completionTokens);
    }

    record Counts(int succeeded, int failed, int badLines, long promptTokens, long completionTokens) {

        int outcomes() {
            return succeeded + failed + badLines;
        }

        int completed() {
            return succeeded + failed;
        }
    }
}
