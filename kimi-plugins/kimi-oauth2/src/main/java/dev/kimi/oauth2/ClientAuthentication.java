package dev.kimi.oauth2;

import dev.kimi.transport.Headers;

/** How the client proves to the token endpoint who it is. Immutable and thread-safe; prints no secret. */
@FunctionalInterface
interface ClientAuthentication {

    /** Adds what one request proves it with. */
    void addTo(Form form, Headers.Builder headers);
}
