package dev.kimi.event;

/**
 * Told of every call that begins. It gives an observer per call, so that state of a call needs no map. Thread-safe;
 * must not block. An exception from it is logged and does not touch the call.
 */
@FunctionalInterface
public interface CallListener {

    /** A call begins. */
    CallObserver started(CallEvent.Started event);
}
