package dev.kimi.event;

/**
 * Notified of what happens to one call after {@link CallEvent.Started}, which its {@link CallListener} got. Look at the
 * kinds that matter and ignore the others; new ones come as {@link CallEvent.Other}.
 *
 * <p>The order is:
 *
 * <ol>
 *   <li>any number of attempts, each
 *       <ol>
 *         <li>{@link CallEvent.Rerouted} if it goes to another endpoint than it was at, or would have begun at,
 *         <li>{@link CallEvent.Held} if it has to wait at a gate,
 *         <li>{@link CallEvent.Noted} for each thing of the request that could not be sent, before the first attempt at
 *             an endpoint, and for what was changed of a request that the service had rejected before,
 *         <li>{@link CallEvent.AttemptStarted},
 *         <li>{@link CallEvent.FirstEvent} if the response is a stream that began,
 *         <li>{@link CallEvent.Noted} for each thing that the service says it left out,
 *         <li>{@link CallEvent.AttemptFinished},
 *         <li>{@link CallEvent.RetryScheduled} if another attempt follows, unless it follows at once with new
 *             credentials after a 401. Without an attempt before it, it was obtaining credentials that failed;
 *       </ol>
 *   <li>{@link CallEvent.Finished}: exactly once, last, whatever happened.
 * </ol>
 *
 * <p>Called by one thread at a time, each of which sees what the one before it wrote, so that fields need no guard. The
 * thread may be one that carries the exchanges of all calls: an observer must not block. What it throws does not touch
 * the call, and is logged as a warning the first time that an observer of its listener throws.
 */
@FunctionalInterface
public interface CallObserver {

    /** Ignores every event. */
    CallObserver NONE = event -> {};

    /**
     * Something happened.
     *
     * @param event any kind but {@link CallEvent.Started}
     */
    void onEvent(CallEvent event);
}
