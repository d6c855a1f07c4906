package dev.kimi.observability.actuator;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.actuate.endpoint.SanitizingFunction;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import tools.jackson.databind.JsonNode;

/** With {@code show-values=always}, {@code env} and {@code configprops} show everything but secrets. */
@Timeout(120)
class SecretsInActuatorTest {

    private static final String MASK = "******";

    @TempDir
    Path folder;

    @Test
    void keys_are_not_shown_wherever_they_are_written() {
        String yaml = """
                my.llm.key: ${LLM_KEY}
                kimi:
                  api-key: ${my.llm.key}
                  base-url: https://127.0.0.1:1
                  clients:
                    second:
                      api-key: ${FALLBACK_KEY:hidden-fallback}
                      model: kimi-k2.6
                    third:
                      auth:
                        provider: oauth2
                        token-uri: https://127.0.0.1:1/token
                        client-id: shown-id
                        client-secret: ${PART_A}-${PART_B}
                """;
        Map<String, String> variables = Map.of(
                "LLM_KEY", "hidden-first",
                "FALLBACK_KEY", "hidden-second",
                "KIMI_CLIENTS_FOURTH_APIKEY", "hidden-fourth",
                "PART_A", "hidden-a",
                "PART_B", "hidden-b",
                "CURL_HEADERS", "Authorization: Bearer hidden-first",
                "JAVA_TOOL_OPTIONS", "-Dkimi.clients.fifth.api-key=hidden-fifth -Dshown=yes",
                "SPRING_APPLICATION_JSON", "{\"kimi\":{\"clients\":{\"sixth\":{\"api-key\":\"hidden-sixth\"}}}}");
        try (WebApplication application = WebApplication.start(folder, yaml, variables)) {
            assertThat(application.get("env"))
                    .doesNotContain("hidden")
                    .contains("shown-id", "kimi-k2.6", "Authorization: Bearer " + MASK)
                    .contains("-Dkimi.clients.fifth.api-key=" + MASK + " -Dshown=yes")
                    .contains("https://127.0.0.1:1/token");
            assertThat(application.get("configprops"))
                    .doesNotContain("hidden")
                    .contains("shown-id", "kimi-k2.6", "https://127.0.0.1:1/token");
            for (String name : new String[] {
                "kimi.api-key",
                "kimi.apiKey",
                "KIMI_API_KEY",
                "LLM_KEY",
                "my.llm.key",
                "kimi.clients.second.api-key",
                "kimi.clients.third.auth.client-secret",
                "KIMI_CLIENTS_FOURTH_APIKEY",
                "FALLBACK_KEY",
                "PART_A",
                "SPRING_APPLICATION_JSON"
            }) {
                assertThat(application.get("env/" + name)).as(name).doesNotContain("hidden");
            }
            assertThat(application.get("configprops/kimi")).contains("\"apiKey\":\"" + MASK);
        }
    }

    @Test
    void a_key_from_the_environment_alone_is_not_shown() {
        try (WebApplication application = WebApplication.start(
                folder, "", Map.of("KIMI_API_KEY", "hidden-key", "KIMI_BASEURL", "https://127.0.0.1:1"))) {
            assertThat(application.get("env")).doesNotContain("hidden").contains("KIMI_API_KEY");
            assertThat(application.get("configprops")).doesNotContain("hidden");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "--kimi.api-key, hidden-0123",
        "--kimi.apiKey, hidden-0123",
        "--kimi.clients.second.api-key, hidden-0123",
        "--kimi.clients[second].apiKey, hidden-0123"
    })
    void a_key_on_the_command_line_is_not_shown_by_the_command_line(String option, String key) {
        String before = System.setProperty("sun.java.command", "application.jar " + option + "=" + key + " --shown=1");
        try (WebApplication application =
                WebApplication.start(folder, "kimi.api-key: hidden-other", Map.of(), option + "=" + key)) {
            assertThat(application.get("env"))
                    .doesNotContain("hidden")
                    .contains("application.jar " + option + "=" + MASK + " --shown=1");
        } finally {
            restore("sun.java.command", before);
        }
    }

    @Test
    void settings_of_a_provider_from_elsewhere_are_not_shown_for_only_it_knows_what_they_are() {
        String yaml = """
                kimi:
                  enabled: false
                  auth:
                    provider: vault
                    vault-role: hidden-role
                    vault-token: ${VAULT}
                  transport:
                    provider: gateway
                    proxy: http://user:hidden-password@proxy:3128
                    headers:
                      X-Gateway: Bearer hidden-bearer
                  quota:
                    provider: redis
                    redis-url: ${REDIS}
                  clients:
                    second:
                      retry:
                        preset: mine
                        signing-key: hidden-signature
                """;
        Map<String, String> variables = Map.of(
                "VAULT", "hidden-token",
                "REDIS", "redis://:hidden-redis@cache:6379",
                "HTTPS_PROXY", "http://user:hidden-password@proxy:3128",
                "GATEWAY", "hidden-bearer",
                "KIMI_CLIENTS_SECOND_AUTH_VAULTTOKEN", "hidden-too");
        try (WebApplication application = WebApplication.start(folder, yaml, variables)) {
            assertThat(application.get("env"))
                    .doesNotContain("hidden")
                    .contains("\"vault\"", "\"gateway\"", "http://user:" + MASK + "@proxy:3128");
        }
    }

    @Test
    void keys_that_only_other_programs_read_are_not_shown_by_their_names() {
        Map<String, String> variables = Map.of(
                "MOONSHOT_API_KEY", "hidden-1",
                "ANTHROPIC_API_KEY", "hidden-2",
                "ANTHROPIC_AUTH_TOKEN", "hidden-3",
                "CLAUDE_CODE_OAUTH_TOKEN", "hidden-4",
                "ANTHROPIC_BASE_URL", "https://shown.test");
        try (WebApplication application = WebApplication.start(folder, "kimi.enabled: false", variables)) {
            assertThat(application.get("env"))
                    .doesNotContain("hidden")
                    .contains("ANTHROPIC_API_KEY", "https://shown.test");
        }
    }

    @Test
    void a_key_in_a_url_is_not_shown() {
        String yaml = """
                kimi:
                  enabled: false
                  base-url: ${GATEWAY}
                  clients:
                    second:
                      base-url: https://${USER_NAME}:${WORD}@gateway.example.org
                  auth:
                    token-uri: https://login.example.org/token?client=shown&api_key=hidden%2Bkey
                """;
        Map<String, String> variables = Map.of(
                "GATEWAY", "https://me:hidden@gateway.example.org",
                "USER_NAME", "me",
                "WORD", "hidden",
                "COPY", "https://x?k=hidden%2Bkey");
        try (WebApplication application = WebApplication.start(folder, yaml, variables)) {
            assertThat(application.get("env"))
                    .doesNotContain("hidden")
                    .contains("gateway.example.org", "https://login.example.org/token?" + MASK);
        }
    }

    @Test
    void other_functions_still_hide_what_stands_beside_a_key() {
        try (WebApplication application = WebApplication.start(
                OwnFunction.class,
                folder,
                "kimi.api-key: hidden-key",
                Map.of("BOTH", "hidden-key and hidden-of-others", "OTHER", "hidden-of-others"))) {
            assertThat(application.get("env")).doesNotContain("hidden").contains(MASK + " and none");
        }
    }

    @Test
    void the_endpoint_of_spring_cloud_that_writes_shows_no_more() {
        try (WebApplication application = WebApplication.start(
                folder,
                "kimi.api-key: ${LLM}\nmanagement.endpoint.env.post.enabled: true\n",
                Map.of("LLM", "hidden-key"))) {
            assertThat(application.get("env")).doesNotContain("hidden").contains("kimi.api-key");
        }
    }

    @Test
    void a_key_that_is_a_word_hides_no_other_settings() {
        try (WebApplication application = WebApplication.start(
                folder,
                "kimi.api-key: ${LLM}\nspring.profiles.active: test\nother: unitedtest\n",
                Map.of("LLM", "test"))) {
            Map<String, String> shown = new HashMap<>();
            each(application.json("env"), shown::putAll);

            assertThat(shown)
                    .containsEntry("LLM", MASK)
                    .containsEntry("kimi.api-key", MASK)
                    .containsEntry("spring.profiles.active", "test")
                    .containsEntry("other", "unitedtest");
        }
    }

    @Test
    void all_else_is_shown_as_it_is() {
        String yaml = """
                kimi:
                  api-key: hidden-key
                  base-url: https://127.0.0.1:1
                  timeout.total: 2m
                  quota.tokens-per-minute: 500k
                  transport.keep-alive: 7
                  retry.replay-on-idle-close: true
                  metrics.enabled: true
                monkey.token-count: shown-too
                """;
        try (WebApplication application = WebApplication.start(folder, yaml, Map.of("OTHER", "shown-as-well"))) {
            Map<String, String> shown = new HashMap<>();
            each(application.json("env"), shown::putAll);

            assertThat(shown)
                    .containsEntry("kimi.api-key", MASK)
                    .containsEntry("kimi.base-url", "https://127.0.0.1:1")
                    .containsEntry("kimi.timeout.total", "2m")
                    .containsEntry("kimi.quota.tokens-per-minute", "500k")
                    .containsEntry("kimi.transport.keep-alive", "7")
                    .containsEntry("kimi.retry.replay-on-idle-close", "true")
                    .containsEntry("kimi.metrics.enabled", "true")
                    .containsEntry("monkey.token-count", "shown-too")
                    .containsEntry("OTHER", "shown-as-well");
        }
    }

    @Test
    void without_the_starter_s_function_the_same_application_shows_its_keys() {
        try (WebApplication application = WebApplication.start(
                folder,
                "kimi.api-key: hidden-key\nspring.autoconfigure.exclude:"
                        + " dev.kimi.starter.autoconfigure.KimiActuatorAutoConfiguration",
                Map.of())) {
            assertThat(application.get("env")).contains("hidden-key");
            assertThat(application.get("configprops")).contains("hidden-key");
        }
    }

    private static void each(JsonNode env, Consumer<Map<String, String>> consumer) {
        env.path("propertySources")
                .forEach(source -> source.path("properties")
                        .properties()
                        .forEach(property -> consumer.accept(Map.of(
                                property.getKey(),
                                property.getValue().path("value").asString("")))));
    }

    private static void restore(String name, String before) {
        if (before == null) {
            System.clearProperty(name);
        } else {
            System.setProperty(name, before);
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class OwnFunction {

        @Bean
        SanitizingFunction others() {
            return data -> data.withValue(String.valueOf(data.getValue()).replace("hidden-of-others", "none"));
        }
    }
}
