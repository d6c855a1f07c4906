package dev.kimi.starter.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.kimi.KimiClient;
import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatStream;
import dev.kimi.starter.feign.KimiApi;
import dev.kimi.starter.feign.KimiApi.ChatCompletionRequest;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.Reply;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.Banner;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;

/** Applications as they are started in production, over the real transport. */
@Timeout(120)
@ExtendWith(OutputCaptureExtension.class)
class StarterEndToEndTest {

    @AfterEach
    void resetLogging() {
        LoggingSystem.get(getClass().getClassLoader()).setLogLevel("org.springframework", null);
    }

    @Test
    void a_url_and_a_key_give_responses_streams_and_a_feign_client_and_leave_nothing_open() {
        try (KimiSimulator kimi =
                KimiSimulator.builder().keys("sk-test", "sk-second").start()) {
            kimi.reply(
                    Reply.text("Rayleigh scattering."), Reply.text("Slowly, word by word."), Reply.text("By Feign."));
            try (ConfigurableApplicationContext context = run(
                    "kimi.api-key=sk-test",
                    "kimi.base-url=" + kimi.baseUrl(),
                    "kimi.clients.second.api-key=sk-second")) {
                KimiClient client = context.getBean(KimiClient.class);

                assertThat(client.chat("Why is the sky blue?").text()).isEqualTo("Rayleigh scattering.");
                assertThat(streamed(client)).isEqualTo("Slowly, word by word.");
                assertThat(context.getBean(KimiApi.class)
                                .chat(ChatCompletionRequest.of("kimi-k3", "Hello?"))
                                .text())
                        .isEqualTo("By Feign.");
                assertThat(context.getBean("secondKimiClient", KimiClient.class).models())
                        .isNotEmpty();
            }
            kimi.awaitDisconnected(Duration.ofSeconds(20));
            assertThat(kimi.requests())
                    .extracting(request -> request.headers("authorization").get(0))
                    .containsExactly("Bearer sk-test", "Bearer sk-test", "Bearer sk-test", "Bearer sk-second");
        }
    }

    @Test
    void clients_that_want_the_same_share_their_connections() {
        try (KimiSimulator kimi = KimiSimulator.start()) {
            try (ConfigurableApplicationContext context = run(
                    "kimi.api-key=sk-a",
                    "kimi.base-url=" + kimi.baseUrl(),
                    "kimi.clients.second.api-key=sk-b",
                    "kimi.clients.third.api-key=sk-c",
                    "kimi.clients.third.transport.max-connections=7")) {
                context.getBean(KimiClient.class).models();
                context.getBean("secondKimiClient", KimiClient.class).models();
                assertThat(kimi.connectionsAccepted()).isEqualTo(1);

                context.getBean("thirdKimiClient", KimiClient.class).models();
                assertThat(kimi.connectionsAccepted()).isEqualTo(2);
                assertThat(context.getBean("thirdKimiClient", KimiClient.class)
                                .pool()
                                .max())
                        .isEqualTo(7);
            }
        }
    }

    @Test
    void tokens_are_fetched_over_the_client_s_transport_and_kept() {
        try (KimiSimulator kimi =
                KimiSimulator.builder().oauth2("id", "s3cret+%").start()) {
            try (ConfigurableApplicationContext context = run(
                    "kimi.base-url=" + kimi.baseUrl(),
                    "kimi.auth.provider=oauth2",
                    "kimi.auth.token-uri=" + kimi.baseUrl() + "/oauth/token",
                    "kimi.auth.client-id=id",
                    "kimi.auth.client-secret=s3cret+%")) {
                KimiClient client = context.getBean(KimiClient.class);

                client.models();
                client.models();
                assertThat(kimi.tokens().calls()).isEqualTo(1);
                assertThat(kimi.connectionsAccepted()).isEqualTo(1);

                kimi.tokens().revokeAll();
                assertThat(client.models()).isNotEmpty();
                assertThat(kimi.tokens().calls()).isEqualTo(2);
            }
            kimi.awaitDisconnected(Duration.ofSeconds(20));
        }
    }

    @Test
    void a_start_without_a_key_says_in_two_sentences_what_to_do(CapturedOutput output) {
        assertThat(catchThrowable(() -> run("kimi.api-key="))).isNotNull();

        assertThat(output)
                .contains("APPLICATION FAILED TO START")
                .contains("No API key is set, and there are no other credentials.")
                .contains("Set kimi.api-key");
    }

    @Test
    void a_client_for_claude_without_a_model_says_which_key_is_missing(CapturedOutput output) {
        assertThat(catchThrowable(() -> run(
                        "kimi.api-key=sk-test",
                        "kimi.clients.claude.protocol=anthropic",
                        "kimi.clients.claude.api-key=sk")))
                .isNotNull();

        assertThat(output).contains("No model is set").contains("kimi.clients.claude.model");
    }

    @Test
    void a_value_of_the_wrong_kind_says_what_to_write_instead(CapturedOutput output) {
        assertThat(catchThrowable(() -> run("kimi.api-key=sk-test", "kimi.timeout.connect=soon")))
                .isNotNull();

        assertThat(output)
                .contains("APPLICATION FAILED TO START", "kimi.timeout.connect")
                .contains("Write a time such as 500ms, 10s or 5m");
    }

    @Test
    void nothing_of_a_key_is_printed_when_the_start_fails(CapturedOutput output) {
        assertThat(catchThrowable(() -> run("kimi.api-key=sk-very secret", "logging.level.org.springframework=DEBUG")))
                .isNotNull();

        assertThat(output).contains("The API key cannot be used").doesNotContain("sk-very");
    }

    @Test
    @EnabledForJreRange(min = JRE.JAVA_21)
    void with_virtual_threads_callbacks_run_on_them() throws Exception {
        try (KimiSimulator kimi = KimiSimulator.start();
                ConfigurableApplicationContext context = run(
                        "kimi.api-key=sk-test",
                        "kimi.base-url=" + kimi.baseUrl(),
                        "spring.threads.virtual.enabled=true")) {
            CompletableFuture<Thread> thread = new CompletableFuture<>();
            kimi.reply(Reply.text("Hello.").after(Duration.ofMillis(20)));
            context.getBean(KimiClient.class)
                    .chatAsync(ChatRequest.of("Hello?"))
                    .whenComplete((response, failure) -> thread.complete(Thread.currentThread()));

            Object virtual = Thread.class.getMethod("isVirtual").invoke(thread.join());
            assertThat(virtual).isEqualTo(true);
            assertThat(thread.join().getName()).startsWith("task-");
        }
    }

    @Test
    void the_property_for_virtual_threads_is_harmless_where_there_are_none() {
        try (KimiSimulator kimi = KimiSimulator.start();
                ConfigurableApplicationContext context = run(
                        "kimi.api-key=sk-test",
                        "kimi.base-url=" + kimi.baseUrl(),
                        "spring.threads.virtual.enabled=true")) {
            assertThat(context.getBean(KimiClient.class).chat("Hello?").text()).isNotEmpty();
        }
    }

    private static String streamed(KimiClient client) {
        StringBuilder text = new StringBuilder();
        try (ChatStream stream = client.stream(ChatRequest.of("Tell me."))) {
            for (ChatEvent event : stream) {
                if (event instanceof ChatEvent.Text piece) {
                    text.append(piece.value());
                }
            }
        }
        return text.toString();
    }

    private static ConfigurableApplicationContext run(String... properties) {
        return new SpringApplicationBuilder(Application.class)
                .web(WebApplicationType.NONE)
                .bannerMode(Banner.Mode.OFF)
                .run(Arrays.stream(properties).map(property -> "--" + property).toArray(String[]::new));
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Application {}
}
