package dev.kimi.oauth2;

import java.net.URI;

/**
 * What makes one token another.
 *
 * @param issuer the token endpoint
 * @param clientId who asks
 * @param scope what for, empty for the default
 * @param audience whom for, empty for the default
 */
record TokenKey(URI issuer, String clientId, String scope, String audience) {

    /** Whom the service knows the client as. */
    String account() {
        return "oauth2 " + issuer + " " + clientId;
    }
}
