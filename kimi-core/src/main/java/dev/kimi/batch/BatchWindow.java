package dev.kimi.batch;

import java.util.List;

/**
 * Decides how many calls of a bulk run may be in flight. It only decides: the run starts calls while fewer are in
 * flight. A window that looks at nothing but the observation is a lambda:
 *
 * <pre>{@code
 * BatchWindow careful = seen -> seen.throttled() == 0 ? 32 : 8;
 * }</pre>
 *
 * <p>One object serves one run. Its methods are called by one thread at a time, each of which sees what the one before
 * it wrote, so that fields need no guard: on the callback executor of the client, or on the thread that starts,
 * iterates or closes the run; never under a lock, and on no thread of the transport or the timer unless the callback
 * executor runs there. They must not block.
 *
 * <p>What a method throws is logged as a warning, the first of a run only, and costs no item of the run: the permits
 * stay those of the last call of {@link #permits}, 1 before the first, and all methods are called as before.
 * Implementations pass the contract kit in {@code kimi-test}.
 */
@FunctionalInterface
public interface BatchWindow {

    /**
     * How many calls may be in flight. Called before each call that might start, after all samples and ticks that are
     * due; twice at one moment, it returns the same.
     *
     * @return the most calls in flight; below 1 counts as 1, so that a run always moves on
     */
    int permits(WindowObservation seen);

    /**
     * An attempt of a call has ended, so that a call that is sent three times gives three samples, in order; or a call
     * has ended that was never sent, for want of credentials or quota for example, which gives one. A request that the
     * client itself rejects gives none. Called at once for an attempt that was {@linkplain CallSample#throttled()
     * throttled}, otherwise soon; it may be after the consumer of the run has seen the outcome of the call, also that
     * of the last one. Does nothing by default.
     */
    default void sampled(CallSample sample) {}

    /**
     * A second has passed since the first call or the last tick; a little more on a busy machine. Ticks pause while
     * nothing is in flight, and end when the run ends or is closed. Does nothing by default.
     *
     * @param seen the same as for {@link #permits}
     * @param inFlight the calls in flight as they are now, in the order of their {@link CallSample#index()}; not
     *     modifiable
     */
    default void tick(WindowObservation seen, List<CallSample> inFlight) {}

    /** Always the same number. */
    static BatchWindow fixed(int permits) {
        if (permits < 1) {
            throw new IllegalArgumentException("a window has at least 1 permit, but " + permits + " were requested");
        }
        return seen -> permits;
    }

    /**
     * A window after Little's law: {@code min(maxBatchSize, ceil(throughputTarget / (1 / averageLatency)))}.
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
