package dev.kimi.transport.vertx;

import java.net.URI;

/** Scheme, host and port: what a connection belongs to. */
record Origin(boolean tls, String host, int port) {

    /** @throws IllegalArgumentException if the URI is not http or https, or has no host */
    static Origin of(URI uri) {
        boolean tls = "https".equalsIgnoreCase(uri.getScheme());
        if (!tls && !"http".equalsIgnoreCase(uri.getScheme())) {
            throw new IllegalArgumentException("the origin's scheme is neither http nor https");
        }
        String host = uri.getHost();
        if (host == null) {
            throw new IllegalArgumentException("the origin has no host");
        }
        String bare = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
        int port = uri.getPort() >= 0 ? uri.getPort() : tls ? 443 : 80;
        return new Origin(tls, bare, port);
    }

    /** Host and port as in a URI. */
    static String authority(String host, int port) {
        return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
    }

    @Override
    public String toString() {
        return authority(host, port);
    }
}
