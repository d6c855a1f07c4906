package dev.kimi.architecture.samples.tidy.error;

public class TidyException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public TidyException(String message) {
        super(message);
    }
}
