package dev.kimi.starter.feign;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.starter.autoconfigure.KimiAutoConfiguration;
import dev.kimi.starter.feign.autoconfigure.KimiFeignAutoConfiguration;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.Reply;
import feign.Logger;
import feign.RequestInterceptor;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.logging.LogLevel;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.cloud.openfeign.EnableFeignClients;
import org.springframework.cloud.openfeign.FeignAutoConfiguration;
import org.springframework.cloud.openfeign.FeignClient;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;

/** What Feign's own log shows of calls over the engine. */
@Timeout(60)
class FeignLoggingTest {

    private static final Map<String, Object> QUESTION =
            Map.of("model", "kimi-k3", "messages", List.of(Map.of("role", "user", "content", "s3cret question")));

    private KimiSimulator kimi;
    private ApplicationContextRunner contexts;

    @BeforeEach
    void start() {
        kimi = KimiSimulator.start();
        kimi.reply(
                Reply.text("s3cret response").header("set-cookie", "s3cret=1").header("x-shown", "shown-2"));
        contexts = new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(
                        KimiAutoConfiguration.class, FeignAutoConfiguration.class, KimiFeignAutoConfiguration.class))
                .withUserConfiguration(Application.class)
                .withPropertyValues("kimi.api-key=sk-test", "kimi.base-url=" + kimi.baseUrl());
    }

    @AfterEach
    void stop() {
        kimi.awaitDisconnected(Duration.ofSeconds(20));
        kimi.close();
    }

    @ParameterizedTest
    @EnumSource(Logger.Level.class)
    void a_logger_of_the_application_gets_neither_bodies_nor_secrets(Logger.Level level) {
        contexts.withBean(Captured.class)
                .withPropertyValues("spring.cloud.openfeign.client.config.default.logger-level=" + level)
                .run(context -> {
                    ResponseEntity<String> response =
                            context.getBean(Chats.class).ask("s3cret", QUESTION);

                    List<String> lines = List.copyOf(context.getBean(Captured.class).lines);
                    assertThat(lines).noneMatch(line -> line.contains("s3cret") || line.contains("sk-test"));
                    assertThat(lines.isEmpty()).isEqualTo(level == Logger.Level.NONE);
                    assertThat(response.getBody()).contains("s3cret response");
                    assertThat(response.getHeaders().getFirst("set-cookie")).isEqualTo("s3cret=1");
                    assertThat(kimi.requests().get(0).headers("api-key")).containsExactly("s3cret-4");
                    assertThat(kimi.requests().get(0).query()).isEqualTo("user=s3cret");
                });
    }

    @ParameterizedTest
    @EnumSource(
            value = Logger.Level.class,
            names = {"HEADERS", "FULL"})
    void it_gets_names_other_headers_and_sizes(Logger.Level level) {
        contexts.withBean(Captured.class)
                .withPropertyValues("spring.cloud.openfeign.client.config.default.logger-level=" + level)
                .run(context -> {
                    String body =
                            context.getBean(Chats.class).ask("s3cret", QUESTION).getBody();

                    assertThat(context.getBean(Captured.class).lines)
                            .anyMatch(line -> line.matches("---> POST http://kimi/v1/chat/completions\\?user=\\*+ .*"))
                            .contains("X-Tenant: shown-1", "x-shown: shown-2", "set-cookie: ***")
                            .contains("Authorization: ***", "X-Api-Key: ***", "Api-Key: ***", "Cookie: ***")
                            .contains("X-Goog-Api-Key: ***", "X-Session-Token: ***", "Proxy-Authorization: ***")
                            .contains("<--- END HTTP (" + body.getBytes().length + "-byte body)");
                });
    }

    @Test
    void headers_that_the_application_hides_stay_hidden() {
        contexts.withBean(Hiding.class)
                .withPropertyValues("spring.cloud.openfeign.client.config.default.logger-level=full")
                .run(context -> {
                    context.getBean(Chats.class).ask("s3cret", QUESTION);

                    assertThat(context.getBean(Captured.class).lines)
                            .noneMatch(line -> line.contains("shown-"))
                            .isNotEmpty();
                });
    }

    @Test
    @ExtendWith(OutputCaptureExtension.class)
    void without_one_the_lines_go_where_feign_writes_them(CapturedOutput output) {
        LoggingSystem logging = LoggingSystem.get(getClass().getClassLoader());
        logging.setLogLevel(Chats.class.getName(), LogLevel.DEBUG);
        try {
            contexts.withPropertyValues("spring.cloud.openfeign.client.config.default.logger-level=full")
                    .run(context -> {
                        context.getBean(Chats.class).ask("s3cret", QUESTION);

                        assertThat(output)
                                .contains("[Chats#ask] ---> POST http://kimi/v1/chat/completions")
                                .doesNotContain("s3cret");
                    });
        } finally {
            logging.setLogLevel(Chats.class.getName(), null);
        }
    }

    @FeignClient(name = "chats", url = "http://kimi", configuration = KimiFeignConfiguration.class)
    interface Chats {
        @PostMapping("/v1/chat/completions")
        ResponseEntity<String> ask(@RequestParam("user") String user, @RequestBody Map<String, Object> question);
    }

    @Configuration(proxyBeanMethods = false)
    @EnableFeignClients(clients = Chats.class)
    static class Application {
        @Bean
        RequestInterceptor secrets() {
            return template -> template.header("Authorization", "Bearer s3cret-1")
                    .header("X-Api-Key", "s3cret-2")
                    .header("Cookie", "s3cret-3")
                    .header("Api-Key", "s3cret-4")
                    .header("X-Goog-Api-Key", "s3cret-5")
                    .header("X-Session-Token", "s3cret-6")
                    .header("Proxy-Authorization", "Basic s3cret-7")
                    .header("X-Tenant", "shown-1");
        }
    }

    static class Captured extends Logger {
        private final Queue<String> lines = new ConcurrentLinkedQueue<>();

        @Override
        protected void log(String configKey, String format, Object... args) {
            lines.add(String.format(format, args));
        }
    }

    static class Hiding extends Captured {
        @Override
        protected boolean shouldLogRequestHeader(String header) {
            return !header.equals("X-Tenant");
        }

        @Override
        protected boolean shouldLogResponseHeader(String header) {
            return !header.equals("x-shown");
        }
    }
}
