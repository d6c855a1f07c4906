package dev.kimi.batch;

final class LittlesLawWindow implements BatchWindow {

    private final int maxBatchSize;
    private final double throughputTarget;

    LittlesLawWindow(int maxBatchSize, double throughputTarget) {
        if (maxBatchSize < 1 || !(throughputTarget > 0) || Double.isInfinite(throughputTarget)) {
            throw new IllegalArgumentException(
                    "a littles-law window needs a max-batch-size of at least 1 and a throughput-target above 0");
        }
        this.maxBatchSize = maxBatchSize;
        this.throughputTarget = throughputTarget;
    }

    @Override
    public int permits(WindowObservation observation) {
        double seconds = observation.averageLatency().toNanos() / 1e9;
        // Written as in the document, target / (1 / latency), it divides by zero before the first response.
        double window = Math.ceil(round(throughputTarget * seconds));
        return (int) Math.max(1, Math.min(maxBatchSize, window));
    }

    /** 20 x 0.15 is 3.0000000000000004 in binary, which must not become 4. */
    private static double round(double value) {
        return Math.rint(value * 1e9) / 1e9;
    }
}
