package dev.kimi.gateway.face;

/** The response is not whole, which its client must notice: the connection is to be aborted. */
final class BrokenOff extends RuntimeException {

    private static final long serialVersionUID = 1;

    BrokenOff() {
        super("the response of the service broke off", null, false, false);
    }
}
