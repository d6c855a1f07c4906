package dev.kimi.starter.autoconfigure;

import static dev.kimi.starter.autoconfigure.KimiAutoConfigurationTest.failure;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.KimiClient;
import dev.kimi.error.ConfigurationException;
import dev.kimi.service.ModelCard;
import dev.kimi.service.ModelCard.Fact;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.ConfigDataApplicationContextInitializer;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

/** What an application says of models in its settings. */
class ModelCardSettingsTest {

    @TempDir
    Path folder;

    private void start(String yml, Consumer<AssertableApplicationContext> then) throws IOException {
        Path file = Files.writeString(folder.resolve("application.yml"), yml);
        new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(KimiAutoConfiguration.class))
                .withInitializer(new ConfigDataApplicationContextInitializer())
                .withPropertyValues("spring.config.location=" + file, "kimi.api-key=sk-test")
                .run(then::accept);
    }

    @Test
    void facts_of_the_settings_win_over_those_of_the_file_and_hold_for_named_clients_too() throws IOException {
        Path cards = Files.writeString(
                folder.resolve("cards.json"),
                "{\"cards\":[{\"models\":[\"kimi-k3.1-pro\"],\"context\":\"3M\",\"output-max\":\"2M\"}]}");
        start("""
                kimi:
                  model-cards-file: %s
                  model-cards:
                    "[kimi-k3.1-pro]":
                      context: 2M
                      efforts: low, ultra
                  clients:
                    other:
                      api-key: sk-other
                      model-cards:
                        "[kimi-k3.1-pro]":
                          efforts: unknown
                """.formatted(cards), context -> {
            ModelCard card = context.getBean("kimiClient", KimiClient.class).modelCard("kimi-k3.1-pro");
            assertThat(card.contextLength()).isEqualTo(2_000_000);
            assertThat(card.maxOutputTokens()).isEqualTo(2_000_000);
            assertThat(card.efforts()).containsExactly("low", "ultra");
            ModelCard other =
                    context.getBean("otherKimiClient", KimiClient.class).modelCard("kimi-k3.1-pro");
            assertThat(other.contextLength()).isEqualTo(2_000_000);
            assertThat(other.efforts()).isNull();
        });
    }

    @Test
    void a_file_may_be_on_the_class_path() throws IOException {
        start(
                "kimi:\n  model-cards-file: classpath:model-cards-of-test.json\n",
                context -> assertThat(context.getBean(KimiClient.class)
                                .modelCard("kimi-k9")
                                .text(Fact.SUCCESSOR))
                        .isEqualTo("kimi-k10"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "kimi.model-cards[kimi-k3].contxt=1 | kimi.model-cards[kimi-k3].contxt | Write one of context",
                "kimi.model-cards[kimi-k3].context=big | kimi.model-cards[kimi-k3].context | unknown",
                "kimi.model-cards.kimi-k3.1-pro.context=1 | kimi.model-cards.kimi-k3.1-pro.context | in brackets",
                "kimi.model-cards[kimi-k3].efforts[0]=low | kimi.model-cards[kimi-k3].efforts[0] | in brackets",
                "kimi.clients.b.model-cards[x].contxt=1 | kimi.clients.b.model-cards[x].contxt | Write one of",
                "kimi.model-cards-file=missing.json | kimi.model-cards-file | Write the path",
                "kimi.model=kimi-k2.5 | kimi.model | kimi-k3"
            })
    void what_is_wrong_stops_the_start_and_is_named(String property, String setting, String fix) {
        new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(KimiAutoConfiguration.class))
                .withPropertyValues("kimi.api-key=sk-test", property)
                .run(context -> {
                    ConfigurationException failure = failure(context.getStartupFailure());
                    assertThat(failure.setting()).isEqualTo(setting);
                    assertThat(failure.fix()).contains(fix);
                });
    }
}
