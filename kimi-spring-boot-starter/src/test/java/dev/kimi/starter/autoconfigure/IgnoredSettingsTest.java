package dev.kimi.starter.autoconfigure;

import static dev.kimi.starter.autoconfigure.KimiAutoConfigurationTest.failure;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** Settings that the chosen preset, window or provider does not read are named when the application starts. */
@ExtendWith(OutputCaptureExtension.class)
class IgnoredSettingsTest {

    private static final String NO_EFFECT = "has no effect on the client";

    @TempDir
    Path folder;

    @Test
    void the_warning_says_where_it_is_and_what_would_read_it(CapturedOutput output) {
        start("kimi:\n  api-key: sk-test\n  retry:\n    multiplier: 3\n");

        assertThat(output)
                .contains("WARN")
                .containsPattern(
                        "The setting kimi\\.retry\\.multiplier \\(.*application\\.yml\\] - 4:17\\) has no effect")
                .contains("kimi.retry.preset is standard, which does not read it. Set kimi.retry.preset to classic or"
                        + " spring, or remove kimi.retry.multiplier.");
    }

    @ParameterizedTest
    @CsvSource({
        "classic, retry-after-ceiling, 0s",
        "classic, max-attempts, 0",
        "classic, min-delay, 0s",
        "classic, max-delay, 0s",
        "classic, multiplier, 0",
        "standard, retry-after-ceiling, 0s",
        "standard, max-attempts, 0",
        "standard, min-delay, 0s",
        "standard, max-delay, 0s",
        "standard, multiplier, 0",
        "spring, retry-after-ceiling, 0s",
        "spring, max-attempts, 0",
        "spring, min-delay, 0s",
        "spring, max-delay, 0s",
        "spring, multiplier, 0",
        "never, max-attempts, 0",
        "never, multiplier, 0"
    })
    void a_setting_is_either_read_and_checked_or_named(
            String preset, String name, String wrong, CapturedOutput output) {
        readOrNamed("retry", "preset", preset, name, wrong, output);
    }

    @ParameterizedTest
    @CsvSource({
        "fixed, max-batch-size, 0",
        "fixed, throughput-target, 0",
        "littles-law, max-batch-size, 0",
        "littles-law, throughput-target, 0"
    })
    void so_it_is_with_windows(String window, String name, String wrong, CapturedOutput output) {
        readOrNamed("batch", "window", window, name, wrong, output);
    }

    private static void readOrNamed(
            String group, String selector, String chosen, String name, String wrong, CapturedOutput output) {
        String setting = "kimi." + group + "." + name;
        new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(KimiAutoConfiguration.class))
                .withPropertyValues(
                        "kimi.api-key=sk-test", "kimi." + group + "." + selector + "=" + chosen, setting + "=" + wrong)
                .run(context -> {
                    if (context.getStartupFailure() == null) {
                        assertThat(output).contains("The setting " + setting + " (", NO_EFFECT);
                    } else {
                        assertThat(failure(context.getStartupFailure()).setting())
                                .isEqualTo(setting);
                        assertThat(output).doesNotContain(NO_EFFECT);
                    }
                });
    }

    @Test
    void forgetting_to_choose_oauth2_is_reported(CapturedOutput output) {
        start("kimi:\n  api-key: sk-test\n  auth:\n    scope: chat\n");

        assertThat(output).contains("kimi.auth.scope", "Set kimi.auth.provider to oauth2, or remove kimi.auth.scope.");
    }

    /** {@code ${KIMI_API_KEY:}} is how a file says that the key may be missing, as it is where tokens are used. */
    @ParameterizedTest
    @ValueSource(strings = {"  api-key: ${NOT_SET:}\n", "  api-key: \"  \"\n"})
    void a_blank_one_is_not_set_and_silent(String blank, CapturedOutput output) {
        start("kimi:\n" + blank + """
                  auth:
                    provider: oauth2
                    token-uri: https://login.example.org/token
                    client-id: app
                    client-secret: not a secret
                """);

        assertThat(output).doesNotContain(NO_EFFECT);
    }

    @Test
    void what_a_named_client_inherits_and_reads_is_in_use(CapturedOutput output) {
        start("""
                kimi:
                  api-key: sk-test
                  batch.throughput-target: 5
                  clients:
                    bulk:
                      api-key: sk-bulk
                      batch.window: littles-law
                """);

        assertThat(output).doesNotContain(NO_EFFECT);
    }

    @Test
    void what_a_named_client_sets_for_itself_is_judged_by_what_it_inherits(CapturedOutput output) {
        start("""
                kimi:
                  api-key: sk-test
                  retry.preset: classic
                  clients:
                    second:
                      api-key: sk-second
                      retry.retry-after-ceiling: 5s
                """);

        assertThat(output)
                .contains("kimi.clients.second.retry.retry-after-ceiling (")
                .contains("kimi.clients.second.retry.preset is classic");
    }

    @Test
    void the_template_for_clients_that_never_retry_reads_its_settings(CapturedOutput output) {
        start("kimi:\n  api-key: sk-test\n  retry:\n    preset: never\n    max-attempts: 5\n");

        assertThat(output).doesNotContain(NO_EFFECT);
    }

    @Test
    void every_default_and_every_setting_in_use_is_silent(CapturedOutput output) {
        List<String> lines = new ArrayList<>(List.of("kimi.api-key: sk-test"));
        ClientSettings.known().stream()
                .filter(name -> name.startsWith("timeout."))
                .forEach(name -> lines.add("kimi." + name + ": 50s"));
        start(String.join("\n", lines));

        assertThat(output).doesNotContain(NO_EFFECT);
    }

    private void start(String yaml) {
        Start.with(folder, yaml, Map.of()).close();
    }
}
