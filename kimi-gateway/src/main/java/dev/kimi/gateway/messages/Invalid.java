package dev.kimi.gateway.messages;

import dev.kimi.gateway.dialect.GatewayError;
import dev.kimi.gateway.dialect.GatewayException;

/** Requests that are wrong. */
final class Invalid {

    private Invalid() {}

    /** @param message for the client; names fields and numbers, never content */
    static GatewayException request(String message) {
        return new GatewayException(GatewayError.of(GatewayError.Kind.INVALID_REQUEST, 400, message));
    }
}
