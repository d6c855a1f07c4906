package dev.kimi.starter.feign;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.kimi.KimiClient;
import dev.kimi.error.AuthenticationException;
import dev.kimi.error.CallCancelledException;
import dev.kimi.error.InvalidRequestException;
import dev.kimi.error.QuotaExceededException;
import dev.kimi.error.ServerException;
import dev.kimi.starter.autoconfigure.KimiAutoConfiguration;
import dev.kimi.starter.feign.KimiApi.ChatCompletion;
import dev.kimi.starter.feign.KimiApi.ChatCompletionRequest;
import dev.kimi.starter.feign.autoconfigure.KimiFeignAutoConfiguration;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.ReceivedRequest;
import dev.kimi.test.Reply;
import feign.Feign;
import feign.FeignException;
import feign.RequestInterceptor;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.cloud.openfeign.EnableFeignClients;
import org.springframework.cloud.openfeign.FeignAutoConfiguration;
import org.springframework.cloud.openfeign.FeignClient;
import org.springframework.cloud.openfeign.FeignClientBuilder;
import org.springframework.cloud.openfeign.support.SpringMvcContract;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;

@Timeout(60)
class KimiFeignTest {

    private KimiSimulator kimi;
    private ApplicationContextRunner contexts;

    @BeforeEach
    void start() {
        kimi = KimiSimulator.builder().keys("sk-test", "sk-second").start();
        contexts = new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(
                        KimiAutoConfiguration.class, FeignAutoConfiguration.class, KimiFeignAutoConfiguration.class))
                .withPropertyValues("kimi.api-key=sk-test", "kimi.base-url=" + kimi.baseUrl());
    }

    @AfterEach
    void stop() {
        kimi.awaitDisconnected(Duration.ofSeconds(20));
        kimi.close();
    }

    @Test
    void chats_with_the_client_s_key_and_reads_what_it_knows_of_the_response() {
        kimi.reply(Reply.text("Rayleigh scattering."));
        contexts.run(context -> {
            ChatCompletion response = context.getBean(KimiApi.class)
                    .chat(ChatCompletionRequest.of("kimi-k3", "Why is the sky blue?")
                            .withMaxCompletionTokens(64)
                            .with("prompt_cache_key", "session-42")
                            .with("user", null));

            assertThat(response.text()).isEqualTo("Rayleigh scattering.");
            assertThat(response.choices().get(0).finishReason()).isEqualTo("stop");
            assertThat(response.usage()).isNotNull();
            assertThat(response.usage().totalTokens()).isPositive();
            ReceivedRequest request = kimi.requests().get(0);
            assertThat(request.headers("authorization")).containsExactly("Bearer sk-test");
            assertThat(request.headers("content-type")).containsExactly("application/json");
            assertThat(request.body())
                    .containsEntry("model", "kimi-k3")
                    .containsEntry("max_completion_tokens", 64)
                    .containsEntry("prompt_cache_key", "session-42")
                    .containsEntry("user", null)
                    .doesNotContainKey("more");
        });
    }

    @Test
    void lists_models_estimates_tokens_and_reads_the_balance() {
        contexts.run(context -> {
            KimiApi api = context.getBean(KimiApi.class);

            assertThat(api.models().data()).extracting(KimiApi.Model::id).contains("kimi-k3");
            assertThat(api.estimateTokens(ChatCompletionRequest.of("kimi-k3", "Why is the sky blue?"))
                            .totalTokens())
                    .isPositive();
            assertThat(api.balance().data()).isNotNull();
            assertThat(api.balance().data().available()).isPositive();
        });
    }

    @Test
    void failures_are_the_engine_s() {
        kimi.reply(Reply.quotaExceeded(), Reply.error(400, "invalid_request_error", "Invalid request"));
        contexts.run(context -> {
            KimiApi api = context.getBean(KimiApi.class);
            ChatCompletionRequest request = ChatCompletionRequest.of("kimi-k3", "x");

            assertThatThrownBy(() -> api.chat(request)).isInstanceOf(QuotaExceededException.class);
            assertThatThrownBy(() -> api.chat(request)).isInstanceOf(InvalidRequestException.class);
        });
        contexts.withPropertyValues("kimi.api-key=sk-wrong")
                .run(context -> assertThatThrownBy(
                                () -> context.getBean(KimiApi.class).models())
                        .isInstanceOf(AuthenticationException.class));
    }

    @Test
    void the_engine_retries_and_feign_does_not_retry_on_top() {
        kimi.otherwise(Reply.status(500, "{}"));
        contexts.withPropertyValues("kimi.retry.preset=classic", "kimi.retry.min-delay=1ms", "kimi.retry.max-delay=1ms")
                .run(context -> {
                    KimiApi api = context.getBean(KimiApi.class);

                    assertThatThrownBy(() -> api.chat(ChatCompletionRequest.of("kimi-k3", "x")))
                            .isInstanceOfSatisfying(
                                    ServerException.class,
                                    failure -> assertThat(failure.attempts()).isEqualTo(3));
                    assertThat(kimi.requests()).hasSize(3);
                });
    }

    @Test
    void a_response_of_another_shape_fails_without_quoting_it() {
        kimi.reply(Reply.status(200, "{\"choices\":\"s3cret\"}"));
        contexts.run(context -> {
            KimiApi api = context.getBean(KimiApi.class);
            assertThatThrownBy(() -> api.chat(ChatCompletionRequest.of("kimi-k3", "x")))
                    .isInstanceOf(FeignException.class)
                    .hasMessageContaining("does not fit")
                    .hasMessageNotContaining("s3cret");
        });
    }

    @Test
    void a_response_without_anything_is_empty() {
        kimi.reply(Reply.status(200, "{\"new_member\":1}"));
        contexts.run(context -> {
            ChatCompletion response = context.getBean(KimiApi.class).chat(ChatCompletionRequest.of("kimi-k3", "x"));

            assertThat(response.text()).isEmpty();
            assertThat(response.choices()).isEmpty();
        });
    }

    @Test
    void an_interrupt_cancels_the_call() {
        kimi.reply(Reply.text("never").stallBeforeHeaders());
        contexts.run(context -> {
            KimiApi api = context.getBean(KimiApi.class);
            CompletableFuture<Throwable> failure = new CompletableFuture<>();
            CompletableFuture<Boolean> flag = new CompletableFuture<>();
            Thread caller = new Thread(() -> {
                failure.complete(catchThrowable(() -> api.chat(ChatCompletionRequest.of("kimi-k3", "x"))));
                flag.complete(Thread.currentThread().isInterrupted());
            });
            caller.start();
            awaitOpen();

            caller.interrupt();

            assertThat(failure.join()).isInstanceOf(CallCancelledException.class);
            assertThat(flag.join()).isTrue();
            assertThat(kimi.awaitAborted(1).join()).hasSize(1);
        });
    }

    @Test
    void a_stream_cannot_be_asked_for() {
        ChatCompletionRequest request = ChatCompletionRequest.of("kimi-k3", "x");

        assertThatThrownBy(() -> request.with("stream", true)).isInstanceOf(IllegalArgumentException.class);
        assertThat(request.with("stream", false).toString()).doesNotContain("x]");
    }

    @Test
    void a_client_of_the_application_joins_with_one_line_and_leaks_no_foreign_credentials() {
        kimi.reply(Reply.text("Hello."));
        contexts.withUserConfiguration(OwnClients.class)
                .withPropertyValues(
                        "kimi.clients.second.api-key=sk-second",
                        "spring.cloud.openfeign.client.config.default.default-request-headers.cookie=session")
                .run(context -> {
                    assertThat(context.getBean(OwnApi.class).ask(Map.of("model", "kimi-k3", "messages", messages())))
                            .containsKey("choices");
                    assertThat(context.getBean(SecondApi.class).models()).contains("kimi-k3");

                    assertThat(kimi.requests())
                            .allSatisfy(
                                    request -> assertThat(request.headerNames()).doesNotContain("cookie", "x-api-key"));
                    assertThat(kimi.requests())
                            .extracting(
                                    request -> request.headers("authorization").get(0))
                            .containsExactly("Bearer sk-test", "Bearer sk-second");
                    assertThat(kimi.requests().get(0).headers("x-tenant")).containsExactly("7");
                });
    }

    @Test
    void interceptors_of_the_application_do_not_touch_our_own_client() {
        kimi.reply(Reply.text("Hello."));
        contexts.withUserConfiguration(OwnClients.class)
                .withPropertyValues("kimi.clients.second.api-key=sk-second")
                .run(context -> {
                    context.getBean(KimiApi.class).chat(ChatCompletionRequest.of("kimi-k3", "x"));

                    assertThat(kimi.requests().get(0).headers("x-tenant")).isEmpty();
                });
    }

    @Test
    void the_application_s_own_bean_wins() {
        contexts.withUserConfiguration(OwnBean.class).run(context -> {
            assertThat(context).hasSingleBean(KimiApi.class).hasBean("ours");
            assertThat(context).doesNotHaveBean("kimiApi");
        });
    }

    @Test
    void without_feign_there_is_a_client_but_no_api() {
        contexts.withClassLoader(new FilteredClassLoader("feign", "org.springframework.cloud.openfeign"))
                .run(context -> {
                    assertThat(context).hasNotFailed();
                    assertThat(context).hasSingleBean(KimiClient.class);
                    assertThat(context.getBeanNamesForType(Object.class)).doesNotContain("kimiApi");
                });
        contexts.withClassLoader(new FilteredClassLoader(FeignClientBuilder.class))
                .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean("kimiApi"));
    }

    private void awaitOpen() {
        while (kimi.openRequests() == 0) {
            Thread.onSpinWait();
        }
    }

    private static Object messages() {
        return List.of(Map.of("role", "user", "content", "Hello?"));
    }

    @FeignClient(name = "own", url = "http://kimi", configuration = KimiFeignConfiguration.class)
    interface OwnApi {
        @PostMapping("/v1/chat/completions")
        Map<String, Object> ask(@RequestBody Map<String, Object> body);
    }

    @FeignClient(name = "own-second", url = "http://second", configuration = KimiFeignConfiguration.class)
    interface SecondApi {
        @GetMapping("/v1/models")
        String models();
    }

    @Configuration(proxyBeanMethods = false)
    @EnableFeignClients(clients = {OwnApi.class, SecondApi.class})
    static class OwnClients {
        @Bean
        RequestInterceptor foreign() {
            return template -> template.header("Authorization", "Bearer of-another-service")
                    .header("X-Api-Key", "foreign")
                    .header("X-Tenant", "7");
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class OwnBean {
        @Bean
        KimiApi ours() {
            return Feign.builder().contract(new SpringMvcContract()).target(KimiApi.class, "http://127.0.0.1:1");
        }
    }
}
