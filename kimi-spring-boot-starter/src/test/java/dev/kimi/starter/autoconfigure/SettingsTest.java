package dev.kimi.starter.autoconfigure;

import static dev.kimi.starter.autoconfigure.KimiAutoConfigurationTest.failure;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.KimiClient;
import dev.kimi.KimiClientBuilder.LeakDetection;
import dev.kimi.auth.CredentialsProvider;
import dev.kimi.auth.CredentialsProviderFactory;
import dev.kimi.error.ConfigurationException;
import dev.kimi.spi.ProviderSettings;
import dev.kimi.starter.KimiClientCustomizer;
import dev.kimi.starter.KimiProperties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Configuration;

class SettingsTest {

    private final ApplicationContextRunner contexts = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(KimiAutoConfiguration.class))
            .withPropertyValues("kimi.api-key=sk-test");

    @ParameterizedTest
    @CsvSource({
        "kimi.modle, kimi.model",
        "kimi.timeout.conect, kimi.timeout.connect",
        "kimi.transprot.max-connections, kimi.transport.max-connections",
        "kimi.transport.max-conections, kimi.transport.max-connections",
        "kimi.clients.a.base-ur, kimi.clients.a.base-url"
    })
    void a_typo_stops_the_start_with_a_suggestion(String typo, String meant) {
        contexts.withPropertyValues("kimi.clients.a.api-key=sk-a", typo + "=7").run(context -> {
            ConfigurationException failure = failure(context.getStartupFailure());
            assertThat(failure.setting()).isEqualTo(typo);
            assertThat(failure.fix()).isEqualTo("Did you mean " + meant + "?");
        });
    }

    @ParameterizedTest
    @CsvSource({
        "kimi.timeout.connect, soon, a time such as 500ms, 10s or 5m",
        "kimi.transport.max-connections, many, a whole number",
        "kimi.batch.throughput-target, much, a number",
        "kimi.hedging, often, a number",
        "kimi.allow-insecure, perhaps, true or false",
        "kimi.retry.replay-on-idle-close, perhaps, true or false",
        "kimi.leak-detection, perhaps, 'one of off; on; stack'",
        "kimi.tool-schemas, perhaps, 'one of as-is; normalised'",
        "kimi.anthropic.thinking-mismatch, perhaps, 'one of error; drop-block; repair'"
    })
    void a_value_of_the_wrong_kind_stops_the_start(String setting, String value, String expected) {
        contexts.withPropertyValues(setting + "=" + value).run(context -> {
            FailureAnalysis analysis = new BindFailureAnalyzer(null).analyze(context.getStartupFailure());

            assertThat(analysis).isNotNull();
            assertThat(analysis.getDescription())
                    .contains(setting)
                    .contains("cannot be used")
                    .doesNotContain(value);
            assertThat(analysis.getAction()).startsWith("Write ").contains(expected.replace(';', ','));
        });
    }

    @ParameterizedTest
    @CsvSource({
        "kimi.transport.max-connections, 0, kimi.transport.max-connections",
        "kimi.transport.sizing, elastic, kimi.transport.sizing",
        "kimi.quota.tokens-per-minute, plenty, kimi.quota.tokens-per-minute",
        "kimi.timeout.idle, 0s, kimi.timeout.idle",
        "kimi.transport.provider, pigeon, kimi.transport.provider",
        "kimi.auth.provider, vualt, kimi.auth.provider",
        "kimi.base-url, http://example.org, kimi.base-url",
        "kimi.base-url, nowhere, kimi.base-url",
        "kimi.base-url, https://user:hunter2@example.org, kimi.base-url",
        "kimi.base-url, https://example.org:99999, kimi.base-url",
        "kimi.model, ' ', kimi.model",
        "kimi.timeout.total, -5s, kimi.timeout.total",
        "kimi.hedging, 0.6, kimi.hedging",
        "kimi.hedging, -1, kimi.hedging",
        "kimi.clients.second.base-url, http://example.org, kimi.clients.second.base-url",
    })
    void a_value_that_cannot_be_stops_the_start(String setting, String value, String named) {
        contexts.withPropertyValues(setting + "=" + value).run(context -> {
            FailureAnalysis analysis = new ConfigurationFailureAnalyzer(null).analyze(context.getStartupFailure());

            assertThat(analysis).isNotNull();
            assertThat(analysis.getDescription() + analysis.getAction())
                    .contains(named)
                    .doesNotContain("hunter2");
            assertThat(analysis.getDescription()).as("what is wrong").isNotBlank();
            assertThat(analysis.getAction()).as("what to write instead").isNotBlank();
        });
    }

    @Test
    void settings_that_contradict_each_other_stop_the_start() {
        contexts.withPropertyValues("kimi.retry.preset=classic", "kimi.retry.min-delay=20s")
                .run(context -> {
                    FailureAnalysis analysis =
                            new ConfigurationFailureAnalyzer(null).analyze(context.getStartupFailure());

                    assertThat(analysis).isNotNull();
                    assertThat(analysis.getAction()).contains("kimi.retry.min-delay", "kimi.retry.max-delay");
                });
    }

    @Test
    void a_time_longer_than_any_clock_is_no_reason_not_to_start() {
        contexts.withPropertyValues("kimi.timeout.total=300000d", "kimi.transport.max-age=300000d")
                .run(context -> assertThat(context).hasNotFailed());
    }

    @Test
    void settings_of_other_modules_and_of_the_application_are_left_alone() {
        contexts.withUserConfiguration(OwnProperties.class)
                .withPropertyValues("kimi.metrics.enabled=false", "kimi.own.any-thing=1", "kimi.own.deep.er=2")
                .run(context -> assertThat(context).hasNotFailed());
    }

    @ParameterizedTest
    @CsvSource({
        "kimi.metrics.enbled, kimi.metrics.enabled",
        "kimi.metric.enabled, kimi.metrics.enabled",
        "kimi.web.problem-detail.enabled, kimi.web.problem-details.enabled",
        "kimi.ssl.bundle, kimi.transport.trust-certificates",
        "kimi.http.max-connections, kimi.transport.max-connections",
        "kimi.connect-timeout, kimi.timeout.connect",
        "kimi.chat.model, kimi.model",
        "kimi.clients.a.ssl.bundle, kimi.clients.a.transport.trust-certificates"
    })
    void a_group_that_there_is_not_stops_the_start_with_a_suggestion(String typo, String meant) {
        contexts.withPropertyValues("kimi.clients.a.api-key=sk-a", typo + "=7").run(context -> {
            ConfigurationException failure = failure(context.getStartupFailure());
            assertThat(failure.setting()).isEqualTo(typo);
            assertThat(failure.fix()).isEqualTo("Did you mean " + meant + "?");
        });
    }

    @ParameterizedTest
    @CsvSource({
        "kimi.observability.exporter, 'auth, batch, metrics, quota, retry, timeout, transport'",
        "kimi.quota.burstiness-factor, 'concurrency, provider, requests-per-minute, tokens-per-minute'",
        "kimi.clients.a.metrics.enabled, 'auth, batch, quota, retry, timeout, transport'",
        "kimi.clients.a.clients.b.model, kimi.clients.a.model"
    })
    void a_name_like_no_other_stops_the_start_with_what_there_is(String unknown, String suggested) {
        contexts.withPropertyValues("kimi.clients.a.api-key=sk-a", unknown + "=7")
                .run(context ->
                        assertThat(failure(context.getStartupFailure()).fix()).contains(suggested));
    }

    @Test
    void settings_of_a_provider_from_elsewhere_reach_it() {
        contexts.withPropertyValues(
                        "kimi.auth.provider=for-tests",
                        "kimi.auth.vault-path=a/b",
                        "kimi.auth.nested.deep=c",
                        "kimi.auth.scope=s")
                .run(context -> {
                    assertThat(context).hasSingleBean(KimiClient.class);
                    assertThat(ForTests.last).isNotNull();
                    assertThat(ForTests.last.find("vault-path")).isEqualTo("a/b");
                    assertThat(ForTests.last.find("nested.deep")).isEqualTo("c");
                    assertThat(ForTests.last.find("scope")).isEqualTo("s");
                    assertThat(ForTests.last.find("provider")).isNull();
                });
    }

    @Test
    void settings_of_a_provider_from_elsewhere_reach_it_for_a_named_client_too() {
        contexts.withPropertyValues("kimi.clients.a.auth.provider=for-tests", "kimi.clients.a.auth.vault-path=of/a")
                .run(context -> {
                    assertThat(context).hasNotFailed();
                    assertThat(ForTests.last.find("vault-path")).isEqualTo("of/a");
                });
    }

    @ParameterizedTest
    @CsvSource({"stack, STACK", "ON, ON", "off, OFF", "false, OFF", "true, ON"})
    void leak_detection_reaches_the_client_also_as_yaml_reads_on_and_off(String value, LeakDetection expected) {
        contexts.withPropertyValues("kimi.leak-detection=" + value)
                .withBean(
                        KimiClientCustomizer.class,
                        () -> builder ->
                                assertThat(builder).extracting("leakDetection").isEqualTo(expected))
                .run(context -> assertThat(context).hasNotFailed());
    }

    @ParameterizedTest
    @CsvSource({
        "anthropic.thinking-mismatch, drop-block, endpoint.thinkingMismatch, DROP_BLOCK",
        "anthropic.thinking-mismatch, Repair, endpoint.thinkingMismatch, REPAIR",
        "tool-schemas, normalised, endpoint.toolSchemas.normalises, true",
        "tool-schemas, as-is, endpoint.toolSchemas.normalises, false"
    })
    void choices_reach_the_client(String setting, String value, String field, String expected) {
        contexts.withPropertyValues("kimi." + setting + "=" + value)
                .withBean(
                        KimiClientCustomizer.class,
                        () -> builder -> assertThat(builder).extracting(field).hasToString(expected))
                .run(context -> assertThat(context).hasNotFailed());
    }

    @Test
    void secrets_are_not_printed() {
        KimiProperties properties = new KimiProperties();
        properties.setApiKey("sk-secret");
        properties.getAuth().setClientSecret("hush");

        assertThat(properties.toString() + properties.getAuth()).doesNotContain("sk-secret", "hush");
        assertThat(ClientSettings.of("a", properties, java.util.Map.of()).toString())
                .contains("api-key", "auth.client-secret")
                .doesNotContain("sk-secret", "hush");
    }

    @ConfigurationProperties("kimi.own")
    static final class Own {}

    @Configuration(proxyBeanMethods = false)
    @EnableConfigurationProperties(Own.class)
    static class OwnProperties {}

    /** Registered in the service loader's file of the tests. */
    public static final class ForTests implements CredentialsProviderFactory {

        static ProviderSettings last;

        @Override
        public String name() {
            return "for-tests";
        }

        @Override
        public CredentialsProvider create(ProviderSettings settings) {
            last = settings;
            return CredentialsProvider.apiKey("sk-for-tests");
        }
    }
}
