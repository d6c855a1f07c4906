package dev.kimi.event;

/**
 * Notified of every call that begins. It returns an observer per call, so that the state of a call needs no map; one
 * that needs none may return the same observer for all calls.
 *
 * <p>Thread-safe: many calls begin at once. It is called on the thread that makes the call, before {@code chat} or
 * {@code stream} return, and must not block. What it throws does not touch the call: it is logged as a warning the
 * first time, and that call has no observer of this listener.
 *
 * <pre>{@code
 * KimiClient.builder().listener(call -> event -> {
 *     if (event instanceof CallEvent.Finished finished) {
 *         durations.record(finished.duration());
 *     }
 * })
 * }</pre>
 */
@FunctionalInterface
public interface CallListener {

    /**
     * A call begins.
     *
     * @return what is notified of the other events of the call; {@link CallObserver#NONE} for none, never null
     */
    CallObserver started(CallEvent.Started event);
}
