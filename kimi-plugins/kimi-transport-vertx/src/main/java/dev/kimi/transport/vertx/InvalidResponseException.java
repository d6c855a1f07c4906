package dev.kimi.transport.vertx;

/**
 * A response breaks the rules of HTTP, or a limit. The message names rule and limit and is safe to show: no byte of the
 * response is in it, and there is no cause that could have one.
 */
final class InvalidResponseException extends RuntimeException {
    private static final long serialVersionUID = 1;

    InvalidResponseException(String message) {
        super(message, null, false, false);
    }
}
