package dev.kimi.transport.vertx;

import dev.kimi.transport.TransportFailure;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A connection did not come about because of the proxy. The message is for the caller: it names neither user nor
 * password, and no byte of the proxy's stands in it.
 */
final class ProxyException extends IOException {

    private static final long serialVersionUID = 1;

    private final TransportFailure.Kind kind;

    ProxyException(TransportFailure.Kind kind, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    /** Another setting is needed. */
    static ProxyException permanent(String message) {
        return new ProxyException(TransportFailure.Kind.PROXY, message, null);
    }

    /** It may pass. */
    static ProxyException passing(String message, @Nullable Throwable cause) {
        return new ProxyException(TransportFailure.Kind.CONNECT, message, cause);
    }

    TransportFailure.Kind kind() {
        return kind;
    }
}
