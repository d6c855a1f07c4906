package dev.kimi.gateway.key;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kimi.error.ConfigurationException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.mock.env.MockEnvironment;

class KeysPropertiesTest {

    private static KeysProperties bind(Map<String, String> settings) {
        return new Binder(new MapConfigurationPropertySource(settings))
                .bindOrCreate("kimi.gateway.keys", KeysProperties.class);
    }

    @Test
    void there_are_no_keys_by_default() {
        KeysProperties defaults = bind(Map.of());

        assertThat(defaults.file()).isNull();
        assertThat(defaults.interval()).isEqualTo(Duration.ofSeconds(1));
        assertThat(defaults.zone().normalized()).isEqualTo(ZoneOffset.UTC);
        assertThat(defaults.budgetStatus()).isEqualTo(429);
        assertThat(defaults.fallbackPrices().output()).isEqualByComparingTo("50");
    }

    @ParameterizedTest
    @CsvSource({"budget-status, 500", "interval, 1ms", "fallback-prices.input, -1", "zone, Mars/Base"})
    void a_wrong_setting_is_an_error(String name, String value) {
        assertThatThrownBy(() -> bind(Map.of("kimi.gateway.keys." + name, value)))
                .hasMessageContaining("kimi.gateway.keys");
    }

    @ParameterizedTest
    @CsvSource({"/a/keys.json, /a/keys-spending.json", "/a.b/keys, /a.b/keys-spending", ".keys, .keys-spending"})
    void what_was_spent_is_beside_the_keys(Path keys, Path spending) {
        assertThat(bind(Map.of()).spendingBeside(keys)).isEqualTo(spending);
        assertThat(bind(Map.of("kimi.gateway.keys.spending-file", "/var/x.json"))
                        .spendingBeside(keys))
                .isEqualTo(Path.of("/var/x.json"));
    }

    private static Exposure exposure(String... settings) {
        MockEnvironment environment = new MockEnvironment();
        for (String setting : settings) {
            int sign = setting.indexOf('=');
            environment.setProperty(setting.substring(0, sign), setting.substring(sign + 1));
        }
        return new Exposure(environment);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "kimi.api-key=sk-1",
                "kimi.clients.claude.api-key=sk-2",
                "kimi.keys[0]=sk-3",
                "kimi.endpoints.second.api-key=sk-4",
                "kimi.auth.client-secret=sk-5"
            })
    void a_gateway_without_keys_and_with_credentials_does_not_listen_to_strangers(String credential) {
        assertThatThrownBy(() -> exposure("server.address=0.0.0.0", credential).checkOpen())
                .isInstanceOfSatisfying(ConfigurationException.class, failure -> {
                    assertThat(failure.setting()).isEqualTo("kimi.gateway.keys.file");
                    assertThat(failure.problem()).contains("0.0.0.0", "none of its own");
                    assertThat(failure.fix()).contains("kimi.gateway.keys.file", "127.0.0.1");
                    assertThat(failure).hasMessageNotContaining("sk-");
                });
    }

    @Test
    void an_address_that_is_not_set_is_every_address() {
        assertThatThrownBy(() -> exposure("kimi.api-key=sk-1").checkOpen()).hasMessageContaining("all addresses");
        assertThatThrownBy(
                        () -> exposure("server.address=", "kimi.api-key=sk-1").checkOpen())
                .hasMessageContaining("expense");
    }

    @Test
    void a_simulator_may_be_public_and_a_service_local() {
        assertThatCode(() -> exposure("server.address=0.0.0.0").checkOpen()).doesNotThrowAnyException();
        assertThatCode(() -> exposure(
                                "server.address=0.0.0.0", "kimi.api-key=", "kimi.clients.claude.api-key=simulated")
                        .checkOpen())
                .doesNotThrowAnyException();
        assertThatCode(() -> exposure("server.address=::1", "kimi.api-key=sk-1").checkOpen())
                .doesNotThrowAnyException();
        assertThatCode(() -> exposure("server.address=0.0.0.0", "kimi.gateway.admin.api-key=mine")
                        .checkOpen())
                .doesNotThrowAnyException();
    }
}
