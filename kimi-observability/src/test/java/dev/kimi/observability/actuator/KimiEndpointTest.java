package dev.kimi.observability.actuator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.KimiClient;
import dev.kimi.starter.KimiClientCustomizer;
import dev.kimi.time.Timeouts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What each client works with can be looked up, wherever it was decided. */
@Timeout(120)
class KimiEndpointTest {

    private static final String TWO = """
            kimi:
              api-key: hidden-first
              timeout:
                total: 2m
                idle: 1500ms
              transport:
                max-connections: 30
                keep-alive: 9
              clients:
                second:
                  api-key: hidden-second
                  base-url: https://127.0.0.1:1/v1
                  model: kimi-k2.6
                  timeout.total: 90s
                  transport:
                    max-pending: 5
                    idle-timeout: 30s
            """;

    @TempDir
    Path folder;

    @Test
    void every_client_shows_its_address_model_time_limits_and_pool() {
        try (WebApplication application = WebApplication.start(folder, TWO, Map.of())) {
            JsonNode clients = application.json("kimi").path("clients");

            assertThat(clients.path("default").toString())
                    .isEqualTo(
                            "{\"base-url\":\"https://api.moonshot.ai\",\"protocol\":\"openai\",\"model\":\"kimi-k3\","
                                    + "\"timeout\":{\"connect\":\"5s\",\"pool-wait\":\"10s\",\"headers\":\"1m\","
                                    + "\"first-event\":\"5m\",\"idle\":\"1500ms\",\"quiet\":\"5m\",\"total\":\"2m\"},"
                                    + "\"transport\":{\"max-connections\":30,\"keep-alive\":9,\"sizing\":\"auto\",\"max-pending\":1000,"
                                    + "\"idle-timeout\":\"2m\",\"max-age\":\"10m\"}}");
            assertThat(clients.path("second").toString())
                    .contains("\"base-url\":\"https://127.0.0.1:1\"", "\"model\":\"kimi-k2.6\"")
                    .contains("\"idle\":\"1500ms\"", "\"total\":\"90s\"")
                    .contains("\"max-connections\":30", "\"max-pending\":5", "\"idle-timeout\":\"30s\"");
            assertThat(application.get("kimi")).doesNotContain("hidden");
        }
    }

    @Test
    void a_client_of_claude_shows_its_protocol_and_address_and_no_key() {
        String yaml = """
                kimi:
                  api-key: hidden-first
                  clients:
                    claude:
                      protocol: anthropic
                      api-key: hidden-second
                      model: claude-sonnet-5-5
                      transport:
                        sizing: ratio
                        threads: 8
                    face:
                      api-key: hidden-third
                      base-url: https://api.moonshot.ai/anthropic
                """;
        try (WebApplication application = WebApplication.start(folder, yaml, Map.of())) {
            JsonNode clients = application.json("kimi").path("clients");

            assertThat(clients.path("claude").toString())
                    .startsWith("{\"base-url\":\"https://api.anthropic.com\",\"protocol\":\"anthropic\","
                            + "\"model\":\"claude-sonnet-5-5\",")
                    .contains("\"transport\":{\"max-connections\":12,\"keep-alive\":2,\"sizing\":\"ratio\",");
            assertThat(clients.path("face").path("protocol").asString()).isEqualTo("anthropic");
            assertThat(application.get("kimi")).doesNotContain("hidden");
        }
    }

    @Test
    void the_page_shows_what_it_shows() throws IOException {
        // Surefire sets basedir; an IDE runs the tests inside the module.
        Path module = Path.of(System.getProperty("basedir", "")).toAbsolutePath();
        String page = Files.readString(module.resolve("../docs/spring-boot.md"));
        int block = page.indexOf("```json\n{\"clients\"");
        String shown = page.substring(page.indexOf('\n', block), page.indexOf("```", block + 3));
        try (WebApplication application =
                WebApplication.start(folder, "kimi:\n  api-key: hidden-first\n  timeout.total: 2m\n", Map.of())) {
            assertThat(application.json("kimi"))
                    .isEqualTo(JsonMapper.builder().build().readTree(shown));
        }
    }

    @Test
    void it_shows_what_a_customizer_or_a_bean_of_the_application_has_decided() {
        try (WebApplication application = WebApplication.start(Customized.class, folder, TWO, Map.of())) {
            JsonNode clients = application.json("kimi").path("clients");

            assertThat(clients.path("default").path("timeout").path("total").asString())
                    .isEqualTo("7s");
            assertThat(clients.path("default").path("model").asString()).isEqualTo("mine");
            assertThat(clients.path("own").path("timeout").path("connect").asString())
                    .isEqualTo("1s");
            assertThat(clients.path("own").path("base-url").asString()).isEqualTo("https://127.0.0.1:2");
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Customized {

        @Bean
        @Qualifier("default") KimiClientCustomizer shorter() {
            return builder -> builder.model("mine")
                    .timeouts(Timeouts.builder().total(Duration.ofSeconds(7)).build());
        }

        @Bean(defaultCandidate = false)
        KimiClient ownClient() {
            return KimiClient.builder()
                    .name("own")
                    .apiKey("hidden-own")
                    .baseUrl("https://127.0.0.1:2")
                    .timeouts(Timeouts.builder().connect(Duration.ofSeconds(1)).build())
                    .build();
        }
    }
}
