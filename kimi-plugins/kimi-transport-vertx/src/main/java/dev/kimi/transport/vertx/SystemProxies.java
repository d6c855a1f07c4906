package dev.kimi.transport.vertx;

import dev.kimi.error.ConfigurationException;
import dev.kimi.spi.ProviderSettings;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The proxies of the JVM's properties ({@code https.proxyHost}, {@code http.proxyHost}, {@code socksProxyHost}) or,
 * where it has none of these, of the environment ({@code HTTPS_PROXY}, {@code HTTP_PROXY}, {@code ALL_PROXY},
 * {@code NO_PROXY}, in lower case too).
 */
final class SystemProxies {

    private final Function<String, @Nullable String> properties;
    private final Function<String, @Nullable String> environment;
    private final String setting;
    private final boolean ofJvm;

    /** @param settings for the names in messages */
    SystemProxies(
            ProviderSettings settings,
            Function<String, @Nullable String> properties,
            Function<String, @Nullable String> environment) {
        this.setting = settings.fullName("proxy");
        this.properties = properties;
        this.environment = environment;
        this.ofJvm = isSet("https.proxyHost") || isSet("http.proxyHost") || isSet("socksProxyHost");
    }

    static SystemProxies of(ProviderSettings settings) {
        return new SystemProxies(settings, System::getProperty, System::getenv);
    }

    @Nullable Proxy forTls() {
        return ofJvm ? property("https", 443) : variable("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY");
    }

    @Nullable Proxy forClearText() {
        return ofJvm ? property("http", 80) : variable("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY");
    }

    /** What is connected to directly: what the source of the proxies says, and further entries. */
    List<String> direct(List<String> further) {
        List<String> all = new ArrayList<>(further);
        String list = ofJvm ? value("http.nonProxyHosts") : first("no_proxy", "NO_PROXY");
        if (list != null) {
            all.addAll(Arrays.asList(list.split(ofJvm ? "\\|" : "[,\\s]+")));
        }
        return all;
    }

    private @Nullable Proxy property(String scheme, int usualPort) {
        String host = value(scheme + ".proxyHost");
        if (host != null) {
            return new Proxy(Proxy.Type.HTTP, host, port(scheme + ".proxyPort", usualPort), null, setting);
        }
        String socks = value("socksProxyHost");
        if (socks == null) {
            return null;
        }
        String user = value("java.net.socks.username");
        String password = properties.apply("java.net.socks.password");
        Proxy.Login login = user == null ? null : new Proxy.Login(user, password == null ? "" : password);
        return new Proxy(Proxy.Type.SOCKS5, socks, port("socksProxyPort", 1080), login, setting);
    }

    private int port(String property, int usual) {
        String value = value(property);
        if (value == null) {
            return usual;
        }
        if (value.matches("\\d{1,5}") && Integer.parseInt(value) > 0 && Integer.parseInt(value) <= 65_535) {
            return Integer.parseInt(value);
        }
        throw new ConfigurationException(
                setting + ".url",
                "The system property " + property + " is no port.",
                "Write a number up to 65535, or write the proxy itself as " + setting + ".url.");
    }

    private @Nullable Proxy variable(String... names) {
        for (String name : names) {
            String value = environment.apply(name);
            if (value != null && !value.isBlank()) {
                ProxyUrl url = ProxyUrl.parse(value.strip());
                if (url == null) {
                    throw new ConfigurationException(
                            setting + ".url",
                            "The environment variable " + name + " is no address of an HTTP or SOCKS5 proxy.",
                            "Write it like http://proxy.example.com:3128, or write the proxy itself as " + setting
                                    + ".url.");
                }
                return url.proxy(setting, url.portOrUsual(), url.login());
            }
        }
        return null;
    }

    private @Nullable String first(String... names) {
        return Arrays.stream(names)
                .map(environment)
                .filter(value -> value != null && !value.isBlank())
                .findFirst()
                .orElse(null);
    }

    private boolean isSet(String property) {
        return value(property) != null;
    }

    private @Nullable String value(String property) {
        String value = properties.apply(property);
        return value == null || value.isBlank() ? null : value.strip();
    }
}
