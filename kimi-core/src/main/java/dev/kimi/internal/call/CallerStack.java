package dev.kimi.internal.call;

import dev.kimi.error.KimiException;

/**
 * A failure is made on the transport's thread, whose stack tells the caller nothing. Thrown from a blocking call it
 * shows where that call was made instead.
 */
final class CallerStack {

    private CallerStack() {}

    static KimiException of(KimiException failure) {
        failure.setStackTrace(Thread.currentThread().getStackTrace());
        return failure;
    }
}
