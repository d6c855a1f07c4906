package dev.kimi.starter.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.kimi.KimiClient;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;

/** A variable that is not set stops the start with two sentences, and is never sent as the key. */
@Timeout(120)
@ExtendWith(OutputCaptureExtension.class)
class MissingKeysTest {

    @TempDir
    Path folder;

    @Test
    void a_key_whose_variable_is_not_set_is_reported_with_its_place(CapturedOutput output) {
        fails("kimi:\n  api-key: ${KIMI_API_KEY}\n", Map.of());

        assertThat(output)
                .contains("APPLICATION FAILED TO START")
                .containsPattern("The setting kimi\\.api-key \\(URL \\[.*application\\.yml\\] - 2:12\\) takes its value"
                        + " from KIMI_API_KEY, which is not set\\.")
                .contains("Set the environment variable KIMI_API_KEY, or write ${KIMI_API_KEY:} if the setting may be"
                        + " missing.");
    }

    @Test
    void so_it_is_with_two_clients_and_each_has_its_own(CapturedOutput output) {
        String two = """
                kimi:
                  api-key: ${FIRST_KEY}
                  clients:
                    second:
                      api-key: ${SECOND_KEY}
                """;

        fails(two, Map.of("SECOND_KEY", "sk-second"));
        assertThat(output)
                .contains("APPLICATION FAILED TO START")
                .containsPattern("The setting kimi\\.api-key \\(.*2:12\\) takes its value from FIRST_KEY");

        fails(two, Map.of("FIRST_KEY", "sk-first"));
        assertThat(output)
                .containsPattern(
                        "The setting kimi\\.clients\\.second\\.api-key \\(.*5:16\\) takes its value from SECOND_KEY")
                .contains("Set the environment variable SECOND_KEY");
    }

    @ParameterizedTest
    @CsvSource({
        "'model: ${MODEL}', kimi.model, MODEL",
        "'base-url: https://${HOST}', kimi.base-url, HOST",
        "'timeout.total: ${TOTAL}', kimi.timeout.total, TOTAL",
        "'retry.preset: ${PRESET}', kimi.retry.preset, PRESET",
        "'retry.max-attempts: ${TRIES}', kimi.retry.max-attempts, TRIES",
        "'quota.tokens-per-minute: ${OUTER:${INNER}}', kimi.quota.tokens-per-minute, INNER",
        "'auth.provider: ${WHO}', kimi.auth.provider, WHO",
        "'clients.second.base-url: ${my-app.second}', kimi.clients.second.base-url, MYAPP_SECOND"
    })
    void so_it_is_with_every_setting(String line, String setting, String variable, CapturedOutput output) {
        fails("kimi.api-key: sk-test\nkimi.clients.second.api-key: sk-second\nkimi." + line + "\n", Map.of());

        assertThat(output)
                .contains("APPLICATION FAILED TO START")
                .contains("The setting " + setting + " (URL [file:", "application.yml] - 3:")
                .contains(variable);
    }

    @Test
    void a_setting_of_a_provider_from_elsewhere_too(CapturedOutput output) {
        fails("kimi.auth:\n  provider: for-tests\n  vault-path: a/${VAULT}\n", Map.of());

        assertThat(output)
                .contains("The setting kimi.auth.vault-path (URL [file:")
                .contains("takes its value from VAULT");
    }

    @Test
    void one_that_refers_to_itself_is_reported_and_what_stands_beside_is_not_printed(CapturedOutput output) {
        fails("kimi:\n  api-key: sk-hidden${kimi.api-key}\n", Map.of());

        assertThat(output)
                .contains("refers to itself through ${kimi.api-key}.")
                .contains("${KIMI_APIKEY}")
                .doesNotContain("sk-hidden");
    }

    @Test
    void a_reference_that_another_source_overrides_is_not_judged() {
        try (ConfigurableApplicationContext context =
                Start.with(folder, "kimi:\n  api-key: ${NOT_SET}\n", Map.of("KIMI_API_KEY", "sk-test"))) {
            assertThat(context.getBean(KimiClient.class)).isNotNull();
        }
    }

    @Test
    void a_key_left_blank_is_reported_with_its_place(CapturedOutput output) {
        fails("kimi:\n  api-key: ${KIMI_API_KEY:}\n", Map.of());

        assertThat(output)
                .contains("kimi.api-key (URL [file:", "2:12")
                .contains("No API key is set, and there are no other credentials.")
                .contains("Set kimi.api-key (the usual way is the environment variable KIMI_API_KEY)");
    }

    @Test
    void a_named_client_without_a_key_is_reported_with_its_own_variable(CapturedOutput output) {
        fails("kimi:\n  api-key: sk-test\n  clients:\n    my-second:\n      model: kimi-k2.6\n", Map.of());

        assertThat(output)
                .contains("Client 'my-second': No API key is set")
                .contains("Set kimi.clients.my-second.api-key (the usual way is the environment variable"
                        + " KIMI_CLIENTS_MYSECOND_APIKEY), or choose another kimi.clients.my-second.auth.provider.")
                .doesNotContain("KIMI_API_KEY");
    }

    @Test
    void the_variable_in_the_message_works() {
        try (ConfigurableApplicationContext context = Start.with(
                folder,
                "kimi:\n  api-key: sk-test\n  clients:\n    my-second:\n      model: kimi-k2.6\n",
                Map.of("KIMI_CLIENTS_MYSECOND_APIKEY", "sk-second"))) {
            assertThat(context.getBeansOfType(KimiClient.class)).hasSize(2);
        }
    }

    @Test
    void a_wrong_value_is_reported_with_its_place(CapturedOutput output) {
        fails("kimi:\n  api-key: sk-test\n  timeout:\n    idle: 0s\n", Map.of());

        assertThat(output)
                .containsPattern("The setting kimi\\.timeout\\.idle \\(.*4:11\\) is not above zero\\.")
                .contains("Write a time such as");
    }

    @Test
    void a_group_or_a_client_with_a_value_of_its_own_is_reported_with_what_belongs_below(CapturedOutput output) {
        fails("kimi:\n  api-key: sk-test\n  timeout: 5s\n", Map.of());
        assertThat(output).contains("The setting kimi.timeout (URL [file:").contains("kimi.timeout.NAME");

        fails("kimi:\n  api-key: sk-test\n  clients:\n    second: sk-second\n", Map.of());
        assertThat(output).contains("kimi.clients.second.api-key").doesNotContain("sk-second");
    }

    private void fails(String yaml, Map<String, String> variables) {
        assertThat(catchThrowable(() -> Start.with(folder, yaml, variables).close()))
                .isNotNull();
    }
}
