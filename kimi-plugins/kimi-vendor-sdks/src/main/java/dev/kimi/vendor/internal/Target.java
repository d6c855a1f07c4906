package dev.kimi.vendor.internal;

import dev.kimi.KimiClient;

/** Where an SDK's requests go. */
public final class Target {

    private Target() {}

    /**
     * The client's base URL, without a trailing slash.
     *
     * @throws IllegalArgumentException if the client is known to speak another protocol than the SDK
     */
    public static String baseUrl(KimiClient client, String protocol, String sdk) {
        if (!client.protocol().isEmpty() && !client.protocol().equals(protocol)) {
            throw new IllegalArgumentException("The client " + client.name() + " speaks the protocol "
                    + client.protocol() + ", and " + sdk + " speaks " + protocol
                    + ". Take a client of that protocol, or the SDK of the other.");
        }
        String url = client.baseUrl().toString();
        // a fake has none, and takes any
        return url.isEmpty() ? "http://localhost" : url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
    }
}
