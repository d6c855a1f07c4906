package dev.kimi.samples.bulk;

/** A line of the input that holds no request; the message says why. */
final class BadLineException extends Exception {

    private static final long serialVersionUID = 1L;

    BadLineException(String message) {
        super(message);
    }
}
