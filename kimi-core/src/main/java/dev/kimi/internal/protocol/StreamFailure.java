package dev.kimi.internal.protocol;

import dev.kimi.error.KimiException;
import java.util.function.Function;

/**
 * A stream went wrong. Carries how to make the typed exception of it, since only the engine knows the attempt. Without
 * stack trace: it is a signal between two packages and never leaves them.
 */
public final class StreamFailure extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient Function<ErrorContext, KimiException> exception;
    private final boolean reported;

    public StreamFailure(String message, Function<ErrorContext, KimiException> exception) {
        this(message, exception, false);
    }

    private StreamFailure(String message, Function<ErrorContext, KimiException> exception, boolean reported) {
        super(message, null, false, false);
        this.exception = exception;
        this.reported = reported;
    }

    /** For an error that the service itself reports in the response. */
    public static StreamFailure reported(String message, Function<ErrorContext, KimiException> exception) {
        return new StreamFailure(message, exception, true);
    }

    /** Whether the service itself reports an error in the response. */
    public boolean isReported() {
        return reported;
    }

    /** The exception for the caller. */
    public KimiException toException(ErrorContext context) {
        return exception.apply(context);
    }
}
