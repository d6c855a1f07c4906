package dev.kimi.starter.autoconfigure;

import static dev.kimi.starter.autoconfigure.KimiAutoConfigurationTest.failure;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.KimiClient;
import dev.kimi.auth.CredentialsProvider;
import dev.kimi.auth.CredentialsProviderFactory;
import dev.kimi.error.ConfigurationException;
import dev.kimi.spi.ProviderSettings;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/** The starter knows the settings of a plug-in by what its jar declares, and of no plug-in by itself. */
@ExtendWith(OutputCaptureExtension.class)
class DeclaredByPlugInsTest {

    private final ApplicationContextRunner contexts =
            new ApplicationContextRunner().withConfiguration(AutoConfigurations.of(KimiAutoConfiguration.class));

    private ApplicationContextRunner withVariables(Map<String, Object> variables) {
        return contexts.withInitializer(context -> context.getEnvironment()
                .getPropertySources()
                .replace(
                        StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
                        new SystemEnvironmentPropertySource(
                                StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME, variables)));
    }

    @ParameterizedTest
    @CsvSource({
        "kimi.auth.vault-pth, kimi.auth.vault-path",
        "kimi.clients.a.auth.vault-pth, kimi.clients.a.auth.vault-path"
    })
    void a_typo_in_a_setting_of_a_plug_in_stops_the_start(String typo, String meant) {
        contexts.withPropertyValues("kimi.auth.provider=vault", "kimi.clients.a.auth.provider=vault", typo + "=a/b")
                .run(context -> {
                    ConfigurationException failure = failure(context.getStartupFailure());
                    assertThat(failure.setting()).isEqualTo(typo);
                    assertThat(failure.problem()).startsWith("There is no setting " + typo);
                    assertThat(failure.fix()).isEqualTo("Did you mean " + meant + "?");
                });
    }

    /** The same sentence as of a builder; see the test of the builder. */
    @Test
    void without_the_place_it_is_the_sentence_of_plain_java() {
        contexts.withPropertyValues("kimi.api-key=sk-test", "kimi.retry.max-atempts=7")
                .run(context -> assertThat(failure(context.getStartupFailure()))
                        .hasMessageMatching("There is no setting kimi\\.retry\\.max-atempts( \\(.*\\))?\\."
                                + " Did you mean kimi\\.retry\\.max-attempts\\?"));
    }

    @ParameterizedTest
    @CsvSource({"kimi.auth.vault-path", "kimi.auth.vaultPath", "kimi.auth.vault_path"})
    void a_plug_in_gets_its_settings_however_they_are_spelled(String spelled) {
        contexts.withPropertyValues("kimi.auth.provider=vault", spelled + "=a/b")
                .run(context -> {
                    assertThat(context).hasSingleBean(KimiClient.class);
                    assertThat(Vault.last.find("vault-path")).isEqualTo("a/b");
                });
    }

    @Test
    void also_from_environment_variables_which_have_no_dashes() {
        withVariables(Map.of("KIMI_AUTH_PROVIDER", "vault", "KIMI_AUTH_VAULTPATH", "a/b"))
                .run(context -> {
                    assertThat(context).hasSingleBean(KimiClient.class);
                    assertThat(Vault.last.find("vault-path")).isEqualTo("a/b");
                });
    }

    /** As Kubernetes makes them for a service that is called kimi-quota. */
    @Test
    void variables_that_no_provider_reads_do_not_stop_the_start() {
        withVariables(Map.of("KIMI_API_KEY", "sk-test", "KIMI_QUOTA_SERVICE_HOST", "10.0.0.7"))
                .run(context -> assertThat(context).hasSingleBean(KimiClient.class));
    }

    @Test
    void what_only_another_provider_reads_is_named_in_a_warning(CapturedOutput output) {
        contexts.withPropertyValues("kimi.api-key=sk-test", "kimi.auth.vault-path=a/b")
                .run(context -> assertThat(context).hasSingleBean(KimiClient.class));

        assertThat(output)
                .contains("kimi.auth.vault-path", "kimi.auth.provider is api-key, which does not read it.")
                .contains("Set kimi.auth.provider to vault, or remove kimi.auth.vault-path.");
    }

    @Test
    void a_plug_in_may_read_a_setting_that_has_a_property_too(CapturedOutput output) {
        contexts.withPropertyValues("kimi.auth.provider=vault", "kimi.auth.vault-path=a", "kimi.auth.audience=s")
                .run(context -> assertThat(Vault.last.find("audience")).isEqualTo("s"));

        assertThat(output).doesNotContain("has no effect");
    }

    @Test
    void one_that_it_does_not_read_does_not_reach_it(CapturedOutput output) {
        contexts.withPropertyValues("kimi.auth.provider=vault", "kimi.auth.vault-path=a", "kimi.auth.scope=x")
                .run(context -> assertThat(Vault.last.find("scope")).isNull());

        assertThat(output).contains("kimi.auth.scope", "has no effect");
    }

    /** Registered in the service loader's file of the tests. */
    public static final class Vault implements CredentialsProviderFactory {

        static ProviderSettings last;

        @Override
        public String name() {
            return "vault";
        }

        @Override
        public Set<String> settings() {
            return Set.of("vault-path", "audience");
        }

        @Override
        public CredentialsProvider create(ProviderSettings settings) {
            last = settings;
            settings.require("vault-path");
            return CredentialsProvider.apiKey("sk-of-the-vault");
        }
    }
}
