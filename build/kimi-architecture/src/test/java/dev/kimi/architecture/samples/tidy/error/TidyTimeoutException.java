package dev.kimi.architecture.samples.tidy.error;

public final class TidyTimeoutException extends TidyException {
    private static final long serialVersionUID = 1;

    public TidyTimeoutException() {
        super("late");
    }
}
