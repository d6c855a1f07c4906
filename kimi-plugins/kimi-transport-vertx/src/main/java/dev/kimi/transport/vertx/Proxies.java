package dev.kimi.transport.vertx;

import dev.kimi.error.ConfigurationException;
import dev.kimi.spi.ProviderSettings;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Which proxy leads to which origin. Immutable. */
final class Proxies {

    static final String URL = "proxy.url";
    static final String USERNAME = "proxy.username";
    static final String PASSWORD = "proxy.password";
    static final String NO_PROXY = "proxy.no-proxy";

    private static final String EXAMPLE =
            "Write it like http://proxy.example.com:3128 or" + " socks5://proxy.example.com:1080, or system, or none.";

    /** What a field of SOCKS5 holds at most. */
    private static final int MAX_LOGIN_BYTES = 255;

    private final @Nullable Proxy forTls;
    private final @Nullable Proxy forClearText;
    private final DirectHosts direct;

    private Proxies(@Nullable Proxy forTls, @Nullable Proxy forClearText, DirectHosts direct) {
        this.forTls = forTls;
        this.forClearText = forClearText;
        this.direct = direct;
    }

    /** @throws ConfigurationException if the settings, or what they refer to, cannot be used */
    static Proxies of(ProviderSettings settings, SystemProxies system) {
        String url = settings.get(URL, "none").strip();
        List<String> entries = entries(settings);
        Proxy.Login login = login(settings);
        return switch (url.toLowerCase(Locale.ROOT)) {
            case "none" -> new Proxies(null, null, new DirectHosts(List.of()));
            case "system" ->
                new Proxies(
                        with(system.forTls(), login),
                        with(system.forClearText(), login),
                        new DirectHosts(system.direct(entries)));
            default -> {
                ProxyUrl parsed = ProxyUrl.parse(url);
                if (parsed == null || parsed.port() < 0 || parsed.hasUserInfo()) {
                    throw wrong(settings, parsed != null && parsed.hasUserInfo());
                }
                Proxy proxy = parsed.proxy(settings.fullName("proxy"), parsed.port(), login);
                yield new Proxies(proxy, proxy, new DirectHosts(entries));
            }
        };
    }

    /** Null for none: the origin is connected to directly. */
    @Nullable Proxy find(Origin origin) {
        Proxy proxy = origin.tls() ? forTls : forClearText;
        return proxy == null || direct.contains(origin) ? null : proxy;
    }

    private static @Nullable Proxy with(@Nullable Proxy found, Proxy.@Nullable Login login) {
        return found == null || login == null ? found : found.with(login);
    }

    private static ConfigurationException wrong(ProviderSettings settings, boolean userInfo) {
        String name = settings.fullName(URL);
        return userInfo
                ? new ConfigurationException(
                        name,
                        "The setting " + name + " has a user name or a password in it.",
                        "Write them as " + settings.fullName(USERNAME) + " and " + settings.fullName(PASSWORD)
                                + ", which are not shown.")
                : new ConfigurationException(name, "The setting " + name + " is no address of a proxy.", EXAMPLE);
    }

    private static List<String> entries(ProviderSettings settings) {
        List<String> entries = Arrays.stream(settings.get(NO_PROXY, "").split("[,\\s]+"))
                .filter(entry -> !entry.isEmpty())
                .toList();
        if (entries.stream().anyMatch(DirectHosts::isMeaningless)) {
            String name = settings.fullName(NO_PROXY);
            throw new ConfigurationException(
                    name,
                    "The setting " + name + " has an entry that is no host, address or range.",
                    "Write hosts with commas between them, such as example.com, *.example.com or 10.0.0.0/8.");
        }
        return entries;
    }

    private static Proxy.@Nullable Login login(ProviderSettings settings) {
        String user = settings.find(USERNAME);
        String password = settings.find(PASSWORD);
        if (user == null && password == null) {
            return null;
        }
        if (user == null || password == null) {
            String missing = settings.fullName(user == null ? USERNAME : PASSWORD);
            throw new ConfigurationException(
                    missing,
                    "The setting " + missing + " is missing, and the other half of the proxy's credentials is set.",
                    "Set both " + settings.fullName(USERNAME) + " and " + settings.fullName(PASSWORD) + ", or none.");
        }
        Proxy.Login login = new Proxy.Login(user, password);
        if (user.indexOf(':') >= 0
                || login.user().length > MAX_LOGIN_BYTES
                || login.password().length > MAX_LOGIN_BYTES) {
            throw new ConfigurationException(
                    settings.fullName(USERNAME),
                    "The user name for the proxy has a colon in it, or it or the password is longer than "
                            + MAX_LOGIN_BYTES + " bytes.",
                    "Ask for credentials without.");
        }
        return login;
    }
}
