package dev.kimi.event;

/**
 * Follows one call. The order is: any number of attempts, each {@code held} if it has to wait at the account's gate,
 * {@code noted} if it is the first at its service and something of the request could not be sent,
 * {@code attemptStarted}, then {@code firstEvent} if the response is a stream that began, then {@code attemptFinished},
 * then {@code retryScheduled} if another attempt follows, unless it follows at once with new credentials after a 401;
 * and exactly once, last, {@code finished}. Called by one thread at a time; must not block.
 */
public interface CallObserver {

    /** Sees nothing. */
    CallObserver NONE = new CallObserver() {};

    /** The call waits because the service asked the account to send nothing for a while. */
    default void held(CallEvent.Held event) {}

    /** The request lost something on its way to the service, which could not have read it. */
    default void noted(CallEvent.Noted event) {}

    /** A request is about to be sent. */
    default void attemptStarted(CallEvent.AttemptStarted event) {}

    /** The first event of a stream arrived. */
    default void firstEvent(CallEvent.FirstEvent event) {}

    /** An attempt ended, well or badly. */
    default void attemptFinished(CallEvent.AttemptFinished event) {}

    /** Another attempt will be made. */
    default void retryScheduled(CallEvent.RetryScheduled event) {}

    /** Something that this version has no method for; see {@link CallEvent.Other}. */
    default void other(CallEvent.Other event) {}

    /** The call ended, in whatever way. */
    default void finished(CallEvent.Finished event) {}
}
