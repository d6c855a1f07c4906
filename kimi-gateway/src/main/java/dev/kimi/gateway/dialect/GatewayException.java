package dev.kimi.gateway.dialect;

/** A request that the gateway does not send on. */
public final class GatewayException extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final transient GatewayError error;

    public GatewayException(GatewayError error) {
        super(error.kind() + " " + error.status(), null, false, false);
        this.error = error;
    }

    public GatewayError error() {
        return error;
    }
}
