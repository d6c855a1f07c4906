package dev.kimi.batch;

/**
 * Decides how many calls of a bulk run may be in flight. It only decides: the run starts calls while fewer are in
 * flight. One object serves one run; it is asked by one thread at a time. Implementations pass the contract kit in
 * {@code kimi-test}.
 */
@FunctionalInterface
public interface BatchWindow {

    /** Calls that may be in flight now; at least 1 so that a run always moves on. */
    int permits(WindowObservation observation);

    /** Always the same number. */
    static BatchWindow fixed(int permits) {
        if (permits < 1) {
            throw new IllegalArgumentException("a window has at least 1 permit, but " + permits + " was asked for");
        }
        return observation -> permits;
    }

    /**
     * The founding document's window, after Little's law: {@code min(maxBatchSize, ceil(throughputTarget / (1 /
     * averageLatency)))}.
     *
     * <p><strong>Warning:</strong> it grows when the service slows down, which slows it down further. It is safe as
     * long as the service is not congested; keep {@code maxBatchSize} below the account's concurrency.
     *
     * @param maxBatchSize the most calls in flight
     * @param throughputTarget calls per second to reach
     */
    static BatchWindow littlesLaw(int maxBatchSize, double throughputTarget) {
        return new LittlesLawWindow(maxBatchSize, throughputTarget);
    }
}
