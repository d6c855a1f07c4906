package dev.kimi.transport.vertx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.kimi.error.ConfigurationException;
import dev.kimi.spi.ProviderSettings;
import dev.kimi.time.VirtualTime;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which proxy leads where. */
class ProxiesTest {

    private final Map<String, String> properties = new HashMap<>();
    private final Map<String, String> environment = new HashMap<>();
    private final Map<String, String> settings = new HashMap<>();

    @Test
    void there_is_no_proxy_unless_one_is_set() {
        properties.put("https.proxyHost", "proxy.test");
        environment.put("HTTPS_PROXY", "http://proxy.test:3128");

        assertThat(found("https://api.test")).isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "http://proxy.test:3128, proxy.test:3128",
        "HTTP://proxy.test:3128/, proxy.test:3128",
        "socks5://[::1]:1080, [::1]:1080",
        "socks5h://10.0.0.1:9, 10.0.0.1:9"
    })
    void an_address_is_for_all_services(String url, String proxy) {
        settings.put("proxy.url", url);

        assertThat(found("https://api.test")).hasToString(proxy);
        assertThat(found("http://api.test")).hasToString(proxy);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "proxy.test",
                "https://proxy.test:3128",
                "http://proxy.test",
                "http://proxy.test:0",
                "http://proxy.test:99999",
                "http://proxy.test:3128/path",
                "http://ava:hunter2@proxy.test:3128",
                "socks4://proxy.test:1080",
                "http://pro xy:1"
            })
    void what_is_no_address_is_rejected_and_not_shown(String url) {
        settings.put("proxy.url", url);

        ConfigurationException rejected = rejected();

        assertThat(rejected.setting()).isEqualTo("kimi.transport.proxy.url");
        assertThat(rejected.getMessage()).doesNotContain("hunter2", "ava");
        assertThat(rejected.fix()).isNotBlank();
    }

    @ParameterizedTest
    @CsvSource({
        "proxy.username, ava",
        "proxy.password, hunter2",
        "proxy.no-proxy, 10.0.0.0/33",
        "proxy.no-proxy, 'good.test, what?'"
    })
    void half_or_wrong_settings_are_rejected(String name, String value) {
        settings.put("proxy.url", "http://proxy.test:3128");
        settings.put(name, value);

        assertThat(rejected().setting()).startsWith("kimi.transport.proxy.");
        assertThat(rejected().getMessage()).doesNotContain(value);
    }

    @ParameterizedTest
    @CsvSource({
        "https://example.com, true",
        "https://EXAMPLE.com, true",
        "https://api.example.com, true",
        "https://badexample.com, false",
        "https://inner.test, false",
        "https://a.inner.test, true",
        "https://any.wild.test, true",
        "https://wild.test, false",
        "https://10.1.2.3, true",
        "https://11.1.2.3, false",
        "https://192.168.7.129, true",
        "https://192.168.7.127, false",
        "https://[fd00::1], true",
        "https://ported.test:8443, true",
        "https://ported.test, false",
        "https://pre7.test, true",
        "https://localhost, true",
        "https://app.localhost, true",
        "https://127.8.8.8, true",
        "https://[::1]:8443, true",
        "https://127.test, false"
    })
    void some_hosts_are_connected_to_directly(String origin, boolean directly) {
        settings.put("proxy.url", "http://proxy.test:3128");
        settings.put(
                "proxy.no-proxy",
                "example.com, .inner.test *.wild.test,10.0.0.0/8,192.168.7.128/25,[fd00::1],ported.test:8443,pre*.test");

        assertThat(found(origin) == null).isEqualTo(directly);
    }

    @Test
    void this_machine_is_behind_the_proxy_when_that_is_named() {
        settings.put("proxy.url", "http://proxy.test:3128");
        settings.put("proxy.no-proxy", "<-loopback>");

        assertThat(found("http://localhost")).isNotNull();
        assertThat(found("http://127.0.0.1")).isNotNull();
    }

    @Test
    void every_host_is_connected_to_directly_by_a_star() {
        settings.put("proxy.url", "http://proxy.test:3128");
        settings.put("proxy.no-proxy", "*");

        assertThat(found("https://api.test")).isNull();
    }

    @Test
    void the_system_s_proxy_is_that_of_the_jvm_first() {
        settings.put("proxy.url", "system");
        environment.put("HTTPS_PROXY", "http://other.test:1");
        environment.put("NO_PROXY", "api.test");
        properties.put("https.proxyHost", "proxy.test");
        properties.put("https.proxyPort", "8080");
        properties.put("http.nonProxyHosts", "*.direct.test|10.*");

        assertThat(found("https://api.test")).hasToString("proxy.test:8080");
        assertThat(found("http://api.test")).as("of another scheme").isNull();
        assertThat(found("https://a.direct.test")).isNull();
        assertThat(found("https://10.1.1.1")).isNull();
    }

    @Test
    void the_system_s_proxy_may_speak_socks() {
        settings.put("proxy.url", "system");
        properties.put("socksProxyHost", "socks.test");
        properties.put("java.net.socks.username", "ava");
        properties.put("java.net.socks.password", "s3cret");

        Proxy proxy = found("https://api.test");

        assertThat(proxy).hasToString("socks.test:1080");
        assertThat(proxy.login().password()).asString(StandardCharsets.UTF_8).isEqualTo("s3cret");
    }

    @ParameterizedTest
    @CsvSource({
        "HTTPS_PROXY, http://ava:s3%2Bcr%40t+@proxy.test:3128, proxy.test:3128, ava:s3+cr@t+",
        "https_proxy, proxy.test:3128, proxy.test:3128, ",
        "ALL_PROXY, socks5://proxy.test, proxy.test:1080, ",
        "all_proxy, http://proxy.test, proxy.test:80, ",
    })
    void the_system_s_proxy_is_that_of_the_environment_next(
            String name, String value, String expected, @Nullable String login) {
        settings.put("proxy.url", "system");
        environment.put(name, value);
        environment.put("no_proxy", "direct.test,odd/entry");

        Proxy proxy = found("https://api.test");

        assertThat(proxy).hasToString(expected);
        assertThat(found("https://direct.test")).isNull();
        if (login != null) {
            byte[] basic = Base64.getEncoder().encode(login.getBytes(StandardCharsets.UTF_8));
            assertThat(proxy.login().basic()).isEqualTo(basic);
        }
    }

    @Test
    void credentials_that_are_set_hold_for_the_system_s_proxy_too() {
        settings.put("proxy.url", "system");
        settings.put("proxy.username", "ava");
        settings.put("proxy.password", "s3cret");
        environment.put("HTTPS_PROXY", "http://proxy.test:3128");

        assertThat(found("https://api.test").login().user())
                .asString(StandardCharsets.UTF_8)
                .isEqualTo("ava");
    }

    @Test
    void a_variable_that_is_no_address_stops_the_start_without_being_shown() {
        settings.put("proxy.url", "system");
        environment.put("HTTPS_PROXY", "ftp://ava:hunter2@proxy.test");

        assertThat(rejected().getMessage()).contains("HTTPS_PROXY").doesNotContain("hunter2");
    }

    private ConfigurationException rejected() {
        return catchThrowableOfType(ConfigurationException.class, this::proxies);
    }

    private @Nullable Proxy found(String origin) {
        return proxies().find(Origin.of(URI.create(origin)));
    }

    private Proxies proxies() {
        ProviderSettings all = ProviderSettings.builder("kimi.transport", new VirtualTime())
                .setAll(settings)
                .build();
        return Proxies.of(all, new SystemProxies(all, properties::get, environment::get));
    }
}
