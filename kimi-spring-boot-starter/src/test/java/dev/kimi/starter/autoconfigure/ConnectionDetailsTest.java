package dev.kimi.starter.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.KimiClient;
import dev.kimi.auth.CredentialsProvider;
import dev.kimi.starter.KimiConnectionDetails;
import dev.kimi.test.KimiSimulator;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Connection details win over the properties, as for every service that Spring Boot connects to. */
@Timeout(120)
@ExtendWith(OutputCaptureExtension.class)
class ConnectionDetailsTest {

    private static final String ELSEWHERE = "https://elsewhere.example";

    @TempDir
    Path folder;

    private final ApplicationContextRunner contexts =
            new ApplicationContextRunner().withConfiguration(AutoConfigurations.of(KimiAutoConfiguration.class));

    @Test
    void the_properties_lose() {
        try (KimiSimulator kimi = KimiSimulator.builder().keys("sk-details").start()) {
            contexts.withBean(KimiConnectionDetails.class, () -> new Details(kimi.baseUrl(), "sk-details"))
                    .withPropertyValues("kimi.base-url=" + ELSEWHERE, "kimi.api-key=sk-property")
                    .run(context -> {
                        KimiClient client = context.getBean(KimiClient.class);

                        assertThat(client.chat("Hi").text()).isNotEmpty();
                        assertThat(client.baseUrl()).hasToString(kimi.baseUrl());
                        assertThat(context).hasSingleBean(KimiConnectionDetails.class);
                    });
        }
    }

    @Test
    void what_loses_may_refer_to_what_is_not_set(CapturedOutput output) {
        try (KimiSimulator kimi = KimiSimulator.start()) {
            String yaml = """
                    kimi:
                      api-key: ${NOT_SET}
                      auth:
                        provider: oauth2
                        token-uri: ${NOT_SET_EITHER}
                      clients:
                        second:
                          base-url: ${NOR_THIS}
                          auth:
                            provider: oauth2
                            client-secret: ${NOT_EVEN_THIS}
                    """;
            OneForAll.baseUrl = kimi.baseUrl();
            try (ConfigurableApplicationContext context =
                    Start.with(folder, yaml, Map.of(), Start.Application.class, OneForAll.class)) {
                context.getBeansOfType(KimiClient.class)
                        .values()
                        .forEach(client -> assertThat(client.chat("Hi").text()).isNotEmpty());
            }

            assertThat(kimi.requests())
                    .hasSize(2)
                    .allSatisfy(request ->
                            assertThat(request.headers("authorization")).containsExactly("Bearer sk-details"));
            assertThat(output).doesNotContain("has no effect");
        }
    }

    @Test
    void those_of_a_client_are_for_it_alone() {
        contexts.withUserConfiguration(ForSecond.class)
                .withPropertyValues("kimi.api-key=sk-test", "kimi.clients.second.base-url=" + ELSEWHERE)
                .run(context -> {
                    assertThat(context.getBean("kimiClient", KimiClient.class).baseUrl())
                            .hasToString("https://api.moonshot.ai");
                    assertThat(context.getBean("secondKimiClient", KimiClient.class)
                                    .baseUrl())
                            .hasToString("https://second.example");
                });
    }

    @Test
    void those_of_a_client_make_no_default_client() {
        contexts.withUserConfiguration(ForSecond.class)
                .withPropertyValues("kimi.clients.second.model=kimi-k3")
                .run(context -> assertThat(context).hasSingleBean(KimiClient.class));
    }

    @Test
    void those_for_all_make_a_default_client_as_credentials_do() {
        contexts.withBean(KimiConnectionDetails.class, () -> new Details(ELSEWHERE, "sk-details"))
                .withPropertyValues("kimi.clients.second.base-url=https://second.example")
                .run(context -> assertThat(context.getBeansOfType(KimiClient.class))
                        .containsOnlyKeys("kimiClient", "secondKimiClient")
                        .allSatisfy(
                                (bean, client) -> assertThat(client.baseUrl()).hasToString(ELSEWHERE)));
    }

    @Test
    void credentials_of_one_client_make_no_default_client() {
        contexts.withBean("second", CredentialsProvider.class, () -> CredentialsProvider.apiKey("sk-second"))
                .withPropertyValues("kimi.clients.second.model=kimi-k3")
                .run(context -> assertThat(context).hasSingleBean(KimiClient.class));
    }

    @Test
    void without_a_key_credentials_are_what_the_properties_say() {
        try (KimiSimulator kimi = KimiSimulator.builder().keys("sk-property").start()) {
            contexts.withBean(KimiConnectionDetails.class, () -> kimi::baseUrl)
                    .withPropertyValues("kimi.api-key=sk-property")
                    .run(context -> assertThat(
                                    context.getBean(KimiClient.class).chat("Hi").text())
                            .isNotEmpty());
        }
    }

    @Test
    void without_any_the_properties_can_be_read_from_a_bean() {
        contexts.withPropertyValues("kimi.base-url=" + ELSEWHERE, "kimi.api-key=sk-test")
                .run(context -> {
                    KimiConnectionDetails details = context.getBean(KimiConnectionDetails.class);

                    assertThat(details.getBaseUrl()).isEqualTo(ELSEWHERE);
                    assertThat(details.getApiKey()).hasToString("sk-test");
                });
        contexts.withPropertyValues("kimi.api-key=sk-test")
                .run(context -> assertThat(
                                context.getBean(KimiConnectionDetails.class).getBaseUrl())
                        .isEqualTo(context.getBean(KimiClient.class).baseUrl().toString()));
    }

    private static final class Details implements KimiConnectionDetails {

        private final String baseUrl;
        private final CharSequence key;

        private Details(String baseUrl, CharSequence key) {
            this.baseUrl = baseUrl;
            this.key = key;
        }

        @Override
        public String getBaseUrl() {
            return baseUrl;
        }

        @Override
        public @Nullable CharSequence getApiKey() {
            return key;
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class OneForAll {

        private static String baseUrl = "";

        @Bean
        KimiConnectionDetails details() {
            return new Details(baseUrl, "sk-details");
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class ForSecond {

        @Bean
        @Qualifier("second") KimiConnectionDetails details() {
            return new Details("https://second.example", "sk-second");
        }
    }
}
