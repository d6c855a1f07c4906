package dev.kimi.starter.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.kimi.KimiClient;
import dev.kimi.starter.feign.ClaudeApi;
import dev.kimi.starter.feign.KimiApi;
import dev.kimi.starter.feign.KimiFeignConfiguration;
import java.nio.file.Path;
import java.util.List;
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

/** Each client has the Feign client of the protocol that it speaks, and no other. */
@Timeout(120)
@ExtendWith(OutputCaptureExtension.class)
class OtherProtocolTest {

    private static final String BOTH = """
            kimi:
              api-key: sk-test
              clients:
                claude: { protocol: anthropic, api-key: sk-ant, model: claude-sonnet-5-5 }
                by-host: { base-url: "https://api.anthropic.com", api-key: sk-ant, model: claude-sonnet-5-5 }
                face: { base-url: "https://api.moonshot.ai/anthropic", api-key: sk-face }
                second: { api-key: sk-second }
            """;
    private static final String CLAUDE_ALONE = """
            kimi: { protocol: anthropic, api-key: sk-ant, model: claude-sonnet-5-5 }
            """;
    private static final String KIMI_ALONE = "kimi.api-key: sk-test";

    @TempDir
    Path folder;

    @Test
    void each_client_has_the_one_of_its_protocol() {
        try (ConfigurableApplicationContext context = Start.with(folder, BOTH, Map.of())) {
            assertThat(context.getBeansOfType(KimiApi.class)).containsOnlyKeys("kimiApi", "secondKimiApi");
            assertThat(context.getBeansOfType(ClaudeApi.class))
                    .containsOnlyKeys("claudeClaudeApi", "by-hostClaudeApi", "faceClaudeApi");
            assertThat(context.getBeansOfType(KimiClient.class).values())
                    .extracting(client -> client.name() + " " + client.protocol())
                    .containsExactlyInAnyOrder(
                            "default openai",
                            "claude anthropic",
                            "by-host anthropic",
                            "face anthropic",
                            "second openai");
        }
    }

    @Test
    void the_default_client_may_speak_either_and_named_ones_inherit_its_protocol() {
        String inherited = CLAUDE_ALONE.replace(
                "}",
                ", clients: { second: { api-key: sk-2 },"
                        + " kimi-too: { protocol: openai, api-key: sk-3, model: kimi-k3 } } }");
        try (ConfigurableApplicationContext context = Start.with(folder, inherited, Map.of())) {
            assertThat(context.getBeansOfType(ClaudeApi.class)).containsOnlyKeys("claudeApi", "secondClaudeApi");
            assertThat(context.getBeansOfType(KimiApi.class)).containsOnlyKeys("kimi-tooKimiApi");
        }
    }

    @Test
    void the_environment_names_the_protocol_too() {
        Map<String, String> variables = Map.of("KIMI_PROTOCOL", "anthropic", "KIMI_MODEL", "claude-sonnet-5-5");
        try (ConfigurableApplicationContext context = Start.with(folder, KIMI_ALONE, variables)) {
            assertThat(context.getBeansOfType(ClaudeApi.class)).containsOnlyKeys("claudeApi");
            assertThat(context.getBeansOfType(KimiApi.class)).isEmpty();
        }
    }

    @Test
    void kimi_api_for_a_client_that_speaks_anthropic_stops_the_start_with_the_one_to_inject(CapturedOutput output) {
        assertThat(catchThrowable(() -> Start.with(folder, BOTH, Map.of(), WrongApi.class)))
                .isNotNull();

        assertThat(output.getOut())
                .contains("dev.kimi.starter.feign.KimiApi, which has endpoints of the protocol openai. The protocol of"
                        + " the client 'claude' is anthropic.")
                .contains("Inject dev.kimi.starter.feign.ClaudeApi for it");
    }

    @Test
    void so_does_one_without_a_qualifier_where_no_client_speaks_openai(CapturedOutput output) {
        assertThat(catchThrowable(() -> Start.with(folder, CLAUDE_ALONE, Map.of(), AnyKimiApi.class)))
                .isNotNull();

        assertThat(output.getOut())
                .contains("The protocol of the client 'default' is anthropic.")
                .contains("Inject dev.kimi.starter.feign.ClaudeApi for it");
    }

    @Test
    void so_does_claude_api_where_no_client_speaks_anthropic(CapturedOutput output) {
        assertThat(catchThrowable(() -> Start.with(folder, KIMI_ALONE, Map.of(), AnyClaudeApi.class)))
                .isNotNull();

        assertThat(output.getOut())
                .contains(
                        "dev.kimi.starter.feign.ClaudeApi, which has endpoints of the protocol anthropic. The protocol"
                                + " of the client 'default' is openai.")
                .contains("kimi.clients.<name>.protocol: anthropic");
    }

    @Test
    void a_feign_client_of_the_application_with_those_endpoints_stops_the_start_too(CapturedOutput output) {
        assertThat(catchThrowable(() -> Start.with(folder, BOTH, Map.of(), OwnOverClaude.class)))
                .isNotNull();

        assertThat(output.getOut())
                .contains("has endpoints of the protocol openai, and the client 'claude' that it runs over speaks"
                        + " anthropic.")
                .contains("Use ClaudeApi for that client");
    }

    @Test
    void over_a_client_of_the_application_s_own_the_feign_client_is_declared() {
        try (ConfigurableApplicationContext context = Start.with(folder, KIMI_ALONE, Map.of(), OwnClaude.class)) {
            assertThat(context.getBeansOfType(ClaudeApi.class)).hasSize(1);
        }
    }

    @Test
    void whoever_can_do_without_gets_nothing_and_no_failure() {
        try (ConfigurableApplicationContext context = Start.with(folder, CLAUDE_ALONE, Map.of(), Optional.class)) {
            assertThat(context.getBean(Optional.Found.class).all).isEmpty();
        }
    }

    @EnableAutoConfiguration
    @Configuration(proxyBeanMethods = false)
    static class WrongApi {
        @Bean
        Object user(@Qualifier("claude") KimiApi api) {
            return api;
        }
    }

    @EnableAutoConfiguration
    @Configuration(proxyBeanMethods = false)
    static class AnyKimiApi {
        @Bean
        Object user(KimiApi api) {
            return api;
        }
    }

    @EnableAutoConfiguration
    @Configuration(proxyBeanMethods = false)
    static class AnyClaudeApi {
        @Bean
        Object user(ClaudeApi api) {
            return api;
        }
    }

    @EnableAutoConfiguration
    @Configuration(proxyBeanMethods = false)
    static class Optional {

        record Found(List<KimiApi> all) {}

        @Bean
        Found found(ObjectProvider<KimiApi> apis) {
            return new Found(apis.stream().toList());
        }
    }

    @EnableAutoConfiguration
    @Configuration(proxyBeanMethods = false)
    @EnableFeignClients(clients = OwnOverClaude.Api.class)
    static class OwnOverClaude {
        @FeignClient(name = "own", url = "http://claude", configuration = KimiFeignConfiguration.class)
        interface Api extends KimiApi {}
    }

    @EnableAutoConfiguration
    @Configuration(proxyBeanMethods = false)
    @EnableFeignClients(clients = OwnClaude.Api.class)
    static class OwnClaude {
        @FeignClient(name = "own", url = "http://ours", configuration = KimiFeignConfiguration.class)
        interface Api extends ClaudeApi {}

        @Bean(destroyMethod = "close")
        KimiClient ours() {
            return KimiClient.builder()
                    .name("ours")
                    .protocol("anthropic")
                    .apiKey("sk-ant")
                    .model("claude-sonnet-5-5")
                    .build();
        }
    }
}
