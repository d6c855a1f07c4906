package dev.kimi.error;

import org.jspecify.annotations.Nullable;

/**
 * The call was ended from this side: its thread was interrupted, its stream closed, or the client shut down before the
 * call had ended. Nothing is retried. After an interrupt the interrupt flag of the thread is set.
 */
public final class CallCancelledException extends KimiException {

    private static final long serialVersionUID = 1L;

    public CallCancelledException(String message, Details details, @Nullable Throwable cause) {
        super(message, details, cause);
    }
}
