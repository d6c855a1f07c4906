package dev.kimi.integration.outside;

import static dev.kimi.test.Reply.reasoning;
import static dev.kimi.test.Reply.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.test.KimiSimulator;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** An application on Spring AI that knows Kimi by its settings. */
@Timeout(300)
class SpringAiIT {

    private static final Map<String, String> KEYS = Map.of("KIMI_API_KEY", "sk-first", "CLAUDE_KEY", "sk-second");

    static Stream<Jar> jars() {
        return Jar.bothWays("spring-ai");
    }

    static Stream<Arguments> services() {
        return jars().flatMap(jar -> Stream.of(
                Arguments.of(jar, "default", "/v1/chat/completions"), Arguments.of(jar, "myClaude", "/v1/messages")));
    }

    @ParameterizedTest
    @MethodSource("services")
    void a_chat_client_has_tools_memory_streams_records_and_meters(Jar jar, String client, String path)
            throws Exception {
        try (KimiSimulator kimi =
                        KimiSimulator.builder().keys("sk-first", "sk-second").start();
                RunningJar application = RunningJar.start(
                        jar, KEYS, "--kimi.base-url=" + kimi.baseUrl(), "--spring.ai.kimi.client=" + client)) {
            kimi.reply(
                    reasoning("Let me look.").thenToolCall("rain", "{\"city\":\"Bern\",\"hours\":3}"),
                    reasoning("Four each.").thenText("An umbrella."),
                    reasoning("Once more.").thenToolCall("rain", "{\"city\":\"Bern\",\"hours\":4}"),
                    text("An umbrella, still."),
                    text("{\"name\":\"Bern\",\"inhabitants\":134000}"));

            assertThat(application.get("/chat?q=What&user=ann")).isEqualTo("An umbrella.");
            assertThat(application.get("/stream?q=Now&user=ann")).isEqualTo("An umbrella, still.");
            assertThat(application.get("/city?q=Capital&user=bob"))
                    .isEqualTo("{\"name\":\"Bern\",\"inhabitants\":134000}");

            assertThat(kimi.requests()).hasSize(5).allSatisfy(request -> {
                assertThat(request.path()).isEqualTo(path);
                assertThat(request.status()).as(request.bodyText()).isEqualTo(200);
            });
            assertThat(kimi.requests().get(3).bodyText()).contains("An umbrella.", "\"16\"");
            assertThat(application.get("/actuator/prometheus"))
                    .containsPattern("gen_ai_client_operation_seconds_count\\{[^}]*} 5")
                    .containsPattern("gen_ai_client_token_usage_total\\{[^}]*gen_ai_token_type=\"output\"")
                    .containsPattern("kimi_client_request_seconds_count\\{[^}]*operation=\"chat\"[^}]*} 3")
                    .containsPattern("kimi_client_request_seconds_count\\{[^}]*operation=\"stream\"[^}]*} 2")
                    .doesNotContain("sk-");

            application.terminate();
            assertThat(application.exitCode()).isEqualTo(143);
            assertThat(application.output()).doesNotContain(" WARN ", " ERROR ");
        }
    }

    @ParameterizedTest
    @MethodSource("jars")
    void a_name_that_no_client_has_ends_the_start_with_two_sentences(Jar jar) throws Exception {
        try (RunningJar failing = RunningJar.start(jar, KEYS, "--spring.ai.kimi.client=claude")) {
            assertThat(failing.exitCode()).isEqualTo(1);
            assertThat(failing.output())
                    .contains("APPLICATION FAILED TO START", "There is no client named 'claude'.")
                    .contains("Use one of default, my-claude, or add it below kimi.clients.")
                    .doesNotContain("\tat ", "sk-");
        }
    }
}
