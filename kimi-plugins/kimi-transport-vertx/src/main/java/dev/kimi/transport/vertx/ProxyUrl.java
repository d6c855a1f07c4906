package dev.kimi.transport.vertx;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The address of a proxy as a URL; does not print what it may hold of credentials. Immutable. */
final class ProxyUrl {

    private final Proxy.Type type;
    private final URI uri;

    private ProxyUrl(Proxy.Type type, URI uri) {
        this.type = type;
        this.uri = uri;
    }

    /** Null for what is none: neither {@code http} nor {@code socks5}, without a host, or with a path. */
    static @Nullable ProxyUrl parse(String text) {
        try {
            URI uri = new URI(text.contains("://") ? text : "http://" + text);
            Proxy.Type type = type(uri.getScheme().toLowerCase(Locale.ROOT));
            String path = uri.getRawPath();
            boolean bare = path == null || path.isEmpty() || path.equals("/");
            boolean whole = uri.getHost() != null && uri.getPort() != 0 && uri.getPort() <= 65_535;
            return type != null && whole && bare && uri.getRawQuery() == null ? new ProxyUrl(type, uri) : null;
        } catch (URISyntaxException e) {
            return null;
        }
    }

    private static Proxy.@Nullable Type type(String scheme) {
        return switch (scheme) {
            case "http" -> Proxy.Type.HTTP;
            case "socks5", "socks5h" -> Proxy.Type.SOCKS5;
            default -> null;
        };
    }

    /** Negative for none. */
    int port() {
        return uri.getPort();
    }

    int portOrUsual() {
        return uri.getPort() >= 0 ? uri.getPort() : type == Proxy.Type.HTTP ? 80 : 1080;
    }

    boolean hasUserInfo() {
        return uri.getRawUserInfo() != null;
    }

    /** What the URL has of credentials; null for none. */
    Proxy.@Nullable Login login() {
        String info = uri.getRawUserInfo();
        if (info == null) {
            return null;
        }
        int colon = info.indexOf(':');
        return colon < 0
                ? new Proxy.Login(decoded(info), "")
                : new Proxy.Login(decoded(info.substring(0, colon)), decoded(info.substring(colon + 1)));
    }

    private static String decoded(String part) {
        return URLDecoder.decode(part.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    /** @param setting see {@link Proxy} */
    Proxy proxy(String setting, int port, Proxy.@Nullable Login login) {
        String host = uri.getHost();
        String bare = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
        return new Proxy(type, bare, port, login, setting);
    }
}
