package dev.kimi;

import java.time.Duration;
import java.util.Iterator;

/**
 * A bulk run under way. Iterating gives every input's outcome exactly once, in the order of completion, blocking while
 * none is there; {@link BatchResult#index()} says the order of the input. Results wait in memory until they are taken,
 * and no more calls are started while as many wait as the window is wide. Iterate once, from one thread.
 *
 * <pre>{@code
 * try (BatchRun run = kimi.batch(requests, BatchOptions.fixed(16))) {
 *     for (BatchResult result : run) {
 *         if (result.succeeded()) save(result.index(), result.response().orElseThrow().text());
 *         else report(result.index(), result.failure());
 *     }
 * }
 * }</pre>
 */
public interface BatchRun extends AutoCloseable, Iterable<BatchResult> {

    /**
     * The outcomes. Interrupting the waiting thread closes the run.
     *
     * @throws IllegalStateException if the run was iterated before, or on a thread of an event loop
     */
    @Override
    Iterator<BatchResult> iterator();

    /** How far the run has come; thread-safe. */
    Progress progress();

    /**
     * Cancels calls in flight and starts no more. What was started and not taken can still be iterated, cancelled calls
     * as failures; inputs that were not started have no outcome. Idempotent, thread-safe, never blocks.
     */
    @Override
    void close();

    /**
     * How far a run has come.
     *
     * @param started inputs that were started
     * @param succeeded inputs with a response
     * @param failed inputs that failed for good
     * @param inFlight calls under way
     * @param window calls that may be under way
     * @param throttled attempts that the service rejected for want of capacity
     * @param retries attempts beyond each first one
     * @param averageLatency mean time of a successful call lately
     */
    record Progress(
            int started,
            int succeeded,
            int failed,
            int inFlight,
            int window,
            long throttled,
            long retries,
            Duration averageLatency) {}
}
