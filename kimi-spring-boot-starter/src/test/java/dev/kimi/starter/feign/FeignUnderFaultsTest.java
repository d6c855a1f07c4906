package dev.kimi.starter.feign;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.kimi.KimiClient;
import dev.kimi.error.CallCancelledException;
import dev.kimi.error.KimiException;
import dev.kimi.error.OverloadedException;
import dev.kimi.error.RejectedException;
import dev.kimi.error.ServerException;
import dev.kimi.starter.autoconfigure.KimiAutoConfiguration;
import dev.kimi.starter.feign.autoconfigure.KimiFeignAutoConfiguration;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.Reply;
import dev.kimi.test.support.Eventually;
import feign.Request;
import feign.Response;
import feign.Retryer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.cloud.openfeign.EnableFeignClients;
import org.springframework.cloud.openfeign.FeignAutoConfiguration;
import org.springframework.cloud.openfeign.FeignBuilderCustomizer;
import org.springframework.cloud.openfeign.FeignClient;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;

/** A Feign client of the application over the engine, when things go wrong. */
@Timeout(60)
@ParameterizedClass
@ValueSource(strings = {"http1", "h2"})
class FeignUnderFaultsTest {

    private static final Duration SOON = Duration.ofSeconds(20);

    private static final Map<String, Object> QUESTION =
            Map.of("model", "kimi-k3", "messages", List.of(Map.of("role", "user", "content", "Why?")));

    @Parameter
    String http = "";

    private KimiSimulator kimi;
    private ApplicationContextRunner contexts;

    @BeforeEach
    void start() {
        kimi = KimiSimulator.start();
        contexts = new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(
                        KimiAutoConfiguration.class, FeignAutoConfiguration.class, KimiFeignAutoConfiguration.class))
                .withUserConfiguration(Application.class)
                .withPropertyValues(
                        "kimi.api-key=sk-test",
                        "kimi.base-url=" + kimi.baseUrl(),
                        "kimi.transport.http=" + http,
                        "kimi.retry.preset=classic",
                        "kimi.retry.min-delay=1ms",
                        "kimi.retry.max-delay=1ms");
    }

    @AfterEach
    void nothingIsLeft() {
        kimi.awaitDisconnected(SOON);
        kimi.close();
    }

    private static void checkNothingIsLeft(ApplicationContext context) {
        KimiClient client = context.getBean(KimiClient.class);
        assertThat(Eventually.holds(
                        SOON,
                        () -> client.pool().exchanges() == 0
                                && client.diagnostics().calls().total() == 0))
                .as("no exchange and no call is under way")
                .isTrue();
        assertThat(client.pool().pending()).as("waiting for a connection").isZero();
    }

    /** A call on a thread of its own. */
    private static final class Blocked {
        private final CompletableFuture<@Nullable Throwable> failure = new CompletableFuture<>();
        private final CompletableFuture<Boolean> flag = new CompletableFuture<>();
        private final Thread thread;

        private Blocked(Supplier<?> call) {
            thread = new Thread(() -> {
                failure.complete(catchThrowable(call::get));
                flag.complete(Thread.currentThread().isInterrupted());
            });
            thread.start();
        }
    }

    @Test
    void an_interrupt_ends_the_call_and_reaches_the_service() {
        kimi.reply(Reply.text("never").stallBeforeHeaders());
        contexts.run(context -> {
            Blocked caller = new Blocked(() -> context.getBean(Chats.class).ask(QUESTION));
            kimi.awaitRequests(1).join();

            caller.thread.interrupt();

            assertThat(caller.failure.join()).isInstanceOf(CallCancelledException.class);
            assertThat(caller.flag.join()).as("the flag").isTrue();
            assertThat(kimi.awaitAborted(1).join()).hasSize(1);
            checkNothingIsLeft(context);
        });
    }

    @Test
    void an_interrupt_in_back_off_ends_the_call() {
        kimi.reply(Reply.rateLimited(Duration.ofSeconds(50)));
        contexts.run(context -> {
            KimiClient client = context.getBean(KimiClient.class);
            Blocked caller = new Blocked(() -> context.getBean(Chats.class).ask(QUESTION));
            assertThat(Eventually.holds(SOON, () -> client.diagnostics().calls().inBackOff() == 1))
                    .as("the call waits to try again")
                    .isTrue();

            caller.thread.interrupt();

            assertThat(caller.failure.join()).isInstanceOf(CallCancelledException.class);
            assertThat(caller.flag.join()).as("the flag").isTrue();
            assertThat(kimi.requests()).hasSize(1);
            checkNothingIsLeft(context);
        });
    }

    @Test
    void closing_the_client_ends_the_call() {
        kimi.reply(Reply.text("never").stallBeforeHeaders());
        contexts.run(context -> {
            Blocked caller = new Blocked(() -> context.getBean(Chats.class).ask(QUESTION));
            kimi.awaitRequests(1).join();

            context.getBean(KimiClient.class).close();

            assertThat(caller.failure.join())
                    .isInstanceOfSatisfying(
                            RejectedException.class,
                            closed -> assertThat(closed.reason()).isEqualTo(RejectedException.Reason.CLOSED));
            assertThat(kimi.awaitAborted(1).join()).hasSize(1);
        });
    }

    @Test
    void a_rejection_costs_the_attempts_of_the_engine_and_no_more() {
        kimi.otherwise(Reply.unavailable().header("retry-after", "0"));
        contexts.run(context -> {
            assertThatThrownBy(() -> context.getBean(Chats.class).ask(QUESTION))
                    .isInstanceOfAny(OverloadedException.class, ServerException.class)
                    .satisfies(failure ->
                            assertThat(((KimiException) failure).attempts()).isEqualTo(3));
            assertThat(kimi.requests()).hasSize(3);
        });
    }

    @Test
    void a_retryer_of_the_application_multiplies_nothing() {
        kimi.otherwise(Reply.unavailable().header("retry-after", "0"));
        contexts.withPropertyValues("spring.cloud.openfeign.client.config.default.retryer=" + Eager.class.getName())
                .run(context -> {
                    assertThatThrownBy(() -> context.getBean(Stubborn.class).ask(QUESTION))
                            .isInstanceOf(KimiException.class);
                    assertThat(kimi.requests()).hasSize(3);
                });
    }

    @Test
    void a_connection_that_breaks_is_not_tried_again_by_feign() {
        kimi.otherwise(Reply.noResponse());
        contexts.run(context -> {
            assertThatThrownBy(() -> context.getBean(Stubborn.class).ask(QUESTION))
                    .isInstanceOf(KimiException.class);
            assertThat(kimi.requests()).hasSize(1);
        });
    }

    @Test
    void timeouts_of_feign_are_not_used() {
        kimi.reply(Reply.status(200, "[]").after(Duration.ofMillis(50)));
        contexts.withPropertyValues(
                        "spring.cloud.openfeign.client.config.default.connect-timeout=1",
                        "spring.cloud.openfeign.client.config.default.read-timeout=1")
                .run(context -> assertThat(context.getBean(Chats.class)
                                .askWithin(
                                        new Request.Options(1, TimeUnit.MILLISECONDS, 1, TimeUnit.MILLISECONDS, false),
                                        QUESTION))
                        .isEqualTo("[]"));
    }

    @Test
    void a_response_that_is_dropped_unread_holds_nothing() {
        kimi.reply(Reply.status(200, "x".repeat(1 << 20)));
        contexts.run(context -> {
            Response dropped = context.getBean(Chats.class).askRaw(QUESTION);

            assertThat(dropped.status()).isEqualTo(200);
            checkNothingIsLeft(context);
        });
    }

    @FeignClient(name = "chats", url = "http://kimi", configuration = KimiFeignConfiguration.class)
    interface Chats {
        @PostMapping("/v1/chat/completions")
        String ask(@RequestBody Map<String, Object> question);

        @PostMapping("/v1/chat/completions")
        String askWithin(Request.Options options, @RequestBody Map<String, Object> question);

        @PostMapping("/v1/chat/completions")
        Response askRaw(@RequestBody Map<String, Object> question);
    }

    @FeignClient(
            name = "stubborn",
            url = "http://kimi",
            configuration = {KimiFeignConfiguration.class, Insisting.class})
    interface Stubborn {
        @PostMapping("/v1/chat/completions")
        String ask(@RequestBody Map<String, Object> question);
    }

    /** Tries again in all the ways that Spring Cloud has. */
    static class Insisting {
        @Bean
        Retryer retryer() {
            return new Eager();
        }

        @Bean
        FeignBuilderCustomizer insists() {
            return builder -> builder.retryer(new Eager());
        }
    }

    static final class Eager extends Retryer.Default {
        Eager() {
            super(1, 1, 5);
        }

        @Override
        public Retryer clone() {
            return new Eager();
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableFeignClients(clients = {Chats.class, Stubborn.class})
    static class Application {}
}
