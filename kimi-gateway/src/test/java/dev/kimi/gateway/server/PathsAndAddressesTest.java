package dev.kimi.gateway.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

class PathsAndAddressesTest {

    private final ClientAddresses addresses = new ClientAddresses(List.of("10.0.0.0/8", "192.0.2.7", "fd00::/8"));

    @ParameterizedTest
    @ValueSource(
            strings = {
                "//v1/messages",
                "/v1//messages",
                "/v1/./messages",
                "/v1/../admin",
                "/v1/%2e%2e/admin",
                "/v1/%2E./admin",
                "/v1/messages;a=b",
                "/v1%2fmessages",
                "/v1\\messages",
                "/v1/%5cmessages",
                "/v1/%00",
                "/v1/%0d%0a",
                "/v1/%252e",
                "/v1/%zz",
                "/v1/%4",
                "/v1/%",
                "*",
                "",
                "http://a/v1"
            })
    void a_path_that_can_be_read_in_two_ways_is_none(String path) {
        assertThat(PlainPath.matches(path)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/",
                "/v1/messages",
                "/v1/files/file-a_b.c~d",
                "/v1/models/kimi%20k3",
                "/v1/models/a:b@c",
                "/v1/%c3%a4"
            })
    void a_plain_path_is_one(String path) {
        assertThat(PlainPath.matches(path)).isTrue();
    }

    @Test
    void the_last_address_that_is_no_proxy_is_the_client() throws UnknownHostException {
        assertThat(addresses.behind(List.of("1.1.1.1, 203.0.113.9, 10.1.2.3"))).isEqualTo(ip("203.0.113.9"));
        assertThat(addresses.behind(List.of("1.1.1.1", "203.0.113.9", "192.0.2.7, fd00::1")))
                .isEqualTo(ip("203.0.113.9"));
        assertThat(addresses.behind(List.of("10.0.0.1"))).isNull();
        assertThat(addresses.behind(List.of("203.0.113.9, unknown"))).isNull();
        assertThat(addresses.isProxy(ip("192.0.2.8"))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"proxy.example", "10.0.0.0/40", "10.0.0.0/x", "", "/8"})
    void a_trusted_proxy_that_is_no_network_fails_at_start(String text) {
        assertThatThrownBy(() -> new ClientAddresses(List.of(text)))
                .hasMessageContaining("kimi.gateway.server.trusted-proxies")
                .hasMessageContaining("10.0.0.0/8");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "header-timeout=0s",
                "request-timeout=-1s",
                "read-timeout=0s",
                "write-timeout=0s",
                "max-connections=0",
                "max-connections-per-address=0",
                "drain.delay=-1s",
                "drain.timeout=-1s"
            })
    void a_limit_that_is_none_fails_at_start_and_names_its_property(String setting) {
        String name = "kimi.gateway.server." + setting.substring(0, setting.indexOf('='));
        Map<String, String> properties = Map.of(name, setting.substring(setting.indexOf('=') + 1));
        assertThatThrownBy(() -> new Binder(new MapConfigurationPropertySource(properties))
                        .bind("kimi.gateway.server", ServerLimits.class))
                .hasRootCauseInstanceOf(IllegalArgumentException.class)
                .rootCause()
                .hasMessageContaining(name);
    }

    private static InetAddress ip(String text) throws UnknownHostException {
        return InetAddress.getByName(text);
    }
}
