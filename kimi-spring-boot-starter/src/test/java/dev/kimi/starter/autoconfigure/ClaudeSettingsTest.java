package dev.kimi.starter.autoconfigure;

import static dev.kimi.starter.autoconfigure.KimiAutoConfigurationTest.failure;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.KimiClient;
import dev.kimi.error.ConfigurationException;
import dev.kimi.starter.KimiConnectionDetails;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

/** A client of the protocol {@code anthropic} beside one of Kimi's, by settings alone. */
class ClaudeSettingsTest {

    private final ApplicationContextRunner contexts = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(KimiAutoConfiguration.class))
            .withPropertyValues("kimi.api-key=sk-test");

    private final ApplicationContextRunner withClaude =
            contexts.withPropertyValues("kimi.clients.claude.api-key=sk-ant", "kimi.clients.claude.protocol=anthropic");

    @Test
    void a_client_that_sets_its_protocol_has_that_protocols_address_and_no_model_of_another() {
        withClaude
                .withPropertyValues(
                        "kimi.base-url=https://api.moonshot.cn",
                        "kimi.model=kimi-k3.1-pro",
                        "kimi.clients.claude.model=claude-sonnet-5-5",
                        "kimi.clients.claude.anthropic.version=2023-06-01",
                        "kimi.clients.claude.anthropic.beta=context-1m-2025-08-07,fast-mode-2026-02-01")
                .run(context -> {
                    KimiClient claude = context.getBean("claudeKimiClient", KimiClient.class);
                    KimiClient kimi = context.getBean("kimiClient", KimiClient.class);

                    assertThat(claude.baseUrl()).hasToString("https://api.anthropic.com");
                    assertThat(claude.model()).isEqualTo("claude-sonnet-5-5");
                    assertThat(kimi.baseUrl()).hasToString("https://api.moonshot.cn");
                    assertThat(kimi.model()).isEqualTo("kimi-k3.1-pro");
                });
    }

    @Test
    void a_list_of_beta_features_may_be_written_as_one() {
        withClaude
                .withPropertyValues(
                        "kimi.clients.claude.model=claude-sonnet-5-5",
                        "kimi.clients.claude.anthropic.beta[0]=context-1m-2025-08-07",
                        "kimi.clients.claude.anthropic.beta[1]=fast-mode-2026-02-01")
                .run(context -> assertThat(context).hasNotFailed());
    }

    @Test
    void without_a_model_the_start_fails_and_names_the_key_of_the_client() {
        withClaude.withPropertyValues("kimi.model=kimi-k3").run(context -> {
            ConfigurationException failure = failure(context.getStartupFailure());
            assertThat(failure.setting()).isEqualTo("kimi.clients.claude.model");
        });
    }

    @Test
    void a_client_with_an_address_of_its_own_does_not_inherit_the_protocol() {
        contexts.withPropertyValues(
                        "kimi.protocol=anthropic",
                        "kimi.model=claude-sonnet-5-5",
                        "kimi.clients.other.api-key=sk-other",
                        "kimi.clients.other.base-url=https://api.moonshot.ai",
                        "kimi.clients.same.api-key=sk-same")
                .run(context -> {
                    assertThat(context.getBean("kimiClient", KimiClient.class).baseUrl())
                            .hasToString("https://api.anthropic.com");
                    assertThat(context.getBean("sameKimiClient", KimiClient.class)
                                    .baseUrl())
                            .hasToString("https://api.anthropic.com");
                    assertThat(context.getBean("otherKimiClient", KimiClient.class)
                                    .baseUrl())
                            .hasToString("https://api.moonshot.ai");
                    assertThat(context.getBean(KimiConnectionDetails.class).getBaseUrl())
                            .isEqualTo("https://api.anthropic.com");
                });
    }

    @ParameterizedTest
    @CsvSource({"protocol, gemini", "anthropic.beta, 'a, ,b'", "anthropic.version, 'ключ'", "auth.header, host"})
    void a_value_that_cannot_be_used_stops_the_start(String setting, String value) {
        withClaude
                .withPropertyValues(
                        "kimi.clients.claude.model=claude-sonnet-5-5", "kimi.clients.claude." + setting + "=" + value)
                .run(context -> {
                    ConfigurationException failure = failure(context.getStartupFailure());
                    assertThat(failure.setting()).isEqualTo("kimi.clients.claude." + setting);
                    assertThat(failure.fix()).isNotBlank();
                });
    }
}
