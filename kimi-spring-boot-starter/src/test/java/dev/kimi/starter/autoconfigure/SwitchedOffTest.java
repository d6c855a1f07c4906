package dev.kimi.starter.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.kimi.KimiClient;
import dev.kimi.error.InvalidRequestException;
import dev.kimi.starter.feign.KimiApi;
import dev.kimi.starter.feign.KimiFeignConfiguration;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.cloud.openfeign.EnableFeignClients;
import org.springframework.cloud.openfeign.FeignClient;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.retry.support.RetryTemplate;
import org.springframework.web.bind.annotation.GetMapping;

/** {@code kimi.enabled=false}: for tests and profiles that have no key. */
@Timeout(120)
@ExtendWith(OutputCaptureExtension.class)
class SwitchedOffTest {

    private static final String OFF = """
            kimi:
              enabled: false
              api-key: ${KIMI_API_KEY}
              clients:
                second:
                  api-key: ${SECOND_KEY}
            """;

    @TempDir
    Path folder;

    @Test
    void an_application_starts_without_its_keys_and_has_nothing_of_ours() {
        try (ConfigurableApplicationContext context = Start.with(folder, OFF, Map.of())) {
            assertThat(context.getBeansOfType(KimiClient.class)).isEmpty();
            assertThat(context.getBeansOfType(KimiApi.class)).isEmpty();
            assertThat(context.getBeansOfType(RetryTemplate.class)).isEmpty();
        }
    }

    @Test
    void the_environment_switches_it_off_too() {
        try (ConfigurableApplicationContext context = Start.with(folder, "", Map.of("KIMI_ENABLED", "false"))) {
            assertThat(context.getBeansOfType(KimiClient.class)).isEmpty();
        }
    }

    @Test
    void switched_on_is_the_same_as_not_mentioned() {
        try (ConfigurableApplicationContext context =
                Start.with(folder, "kimi:\n  enabled: true\n  api-key: sk-test\n", Map.of())) {
            assertThat(context.getBean(KimiClient.class)).isNotNull();
        }
    }

    @Test
    void a_bean_that_needs_a_client_fails_with_the_setting_and_its_place(CapturedOutput output) {
        fails(NeedsClient.class);
        assertThat(output)
                .contains("APPLICATION FAILED TO START")
                .containsPattern(
                        "Parameter 0 of method user in .*NeedsClient needs a bean of type dev\\.kimi\\.KimiClient,"
                                + " which is not there, since kimi\\.enabled \\(.*application\\.yml\\] - 2:12\\) is false\\.")
                .contains("Set kimi.enabled to true");

        fails(NeedsSecond.class);
        assertThat(output).contains("Parameter 0 of method other in");

        fails(NeedsTemplate.class);
        assertThat(output).contains("RetryTemplate").doesNotContain("defining a bean of type");
    }

    @Test
    void other_missing_beans_are_reported_as_ever(CapturedOutput output) {
        fails(NeedsSomethingElse.class);

        assertThat(output).contains("java.util.concurrent.locks.Lock").doesNotContain("Set kimi.enabled");
    }

    @Test
    void who_can_do_without_or_brings_a_client_starts() {
        try (ConfigurableApplicationContext context = Start.with(folder, OFF, Map.of(), CanDoWithout.class)) {
            assertThat(context.getBean(String.class)).isEqualTo("without");
        }
    }

    @Test
    void feign_clients_that_join_do_not_stop_the_start() {
        try (ConfigurableApplicationContext context = Start.with(folder, OFF, Map.of(), HasFeignClient.class)) {
            Files files = context.getBean(Files.class);

            assertThat(catchThrowable(files::list))
                    .isInstanceOf(InvalidRequestException.class)
                    .hasMessageContaining("no client is named 'second'")
                    .hasMessageContaining("kimi.enabled");
        }
    }

    private void fails(Class<?> application) {
        assertThat(catchThrowable(
                        () -> Start.with(folder, OFF, Map.of(), application).close()))
                .isNotNull();
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class NeedsClient {
        @Bean
        String user(KimiClient client) {
            return client.name();
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class NeedsSecond {
        @Bean
        String other(@Qualifier("second") KimiClient client) {
            return client.name();
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class NeedsTemplate {
        @Bean
        String third(@Qualifier("kimiRetryTemplate") RetryTemplate template) {
            return template.toString();
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class NeedsSomethingElse {
        @Bean
        String fourth(java.util.concurrent.locks.Lock lock) {
            return lock.toString();
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class CanDoWithout {
        @Bean
        String user(ObjectProvider<KimiClient> clients) {
            return clients.getIfAvailable() == null ? "without" : "with";
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @EnableFeignClients(clients = Files.class)
    static class HasFeignClient {}

    @FeignClient(name = "files", url = "http://second", configuration = KimiFeignConfiguration.class)
    interface Files {

        @GetMapping("/v1/files")
        Map<String, Object> list();
    }
}
