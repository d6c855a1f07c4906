package dev.kimi.starter.httpservice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.kimi.KimiClient;
import dev.kimi.error.AuthenticationException;
import dev.kimi.error.CallCancelledException;
import dev.kimi.error.ConfigurationException;
import dev.kimi.error.InvalidRequestException;
import dev.kimi.error.KimiException;
import dev.kimi.error.RateLimitException;
import dev.kimi.event.CallEvent;
import dev.kimi.event.CallListener;
import dev.kimi.event.CallObserver;
import dev.kimi.starter.autoconfigure.KimiAutoConfiguration;
import dev.kimi.starter.httpservice.autoconfigure.KimiHttpServiceAutoConfiguration;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.ReceivedRequest;
import dev.kimi.test.Reply;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.core.io.Resource;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RequestPart;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.support.RestClientHttpServiceGroupConfigurer;
import org.springframework.web.service.annotation.DeleteExchange;
import org.springframework.web.service.annotation.GetExchange;
import org.springframework.web.service.annotation.HttpExchange;
import org.springframework.web.service.annotation.PostExchange;
import org.springframework.web.service.registry.ImportHttpServices;

/** HTTP services of Spring Framework over the engine. */
@Timeout(60)
class HttpServiceTest {

    private KimiSimulator kimi;
    private ApplicationContextRunner contexts;

    @BeforeEach
    void start() {
        kimi = KimiSimulator.builder().keys("sk-test", "sk-second").start();
        contexts = new ApplicationContextRunner()
                .withConfiguration(
                        AutoConfigurations.of(KimiAutoConfiguration.class, KimiHttpServiceAutoConfiguration.class))
                .withUserConfiguration(Groups.class)
                .withPropertyValues(
                        "kimi.api-key=sk-test",
                        "kimi.base-url=" + kimi.baseUrl(),
                        "kimi.clients.my-second.api-key=sk-second");
    }

    @AfterEach
    void stop() {
        kimi.awaitDisconnected(Duration.ofSeconds(20));
        kimi.close();
    }

    @Test
    void a_service_of_the_group_kimi_calls_with_the_key_of_the_default_client() {
        contexts.run(context -> {
            AccountService account = context.getBean(AccountService.class);

            assertThat(account.balance().data().available()).isPositive();
            ResponseEntity<Map<String, Object>> models = account.models("7");
            assertThat(models.getStatusCode().value()).isEqualTo(200);
            assertThat(models.getHeaders().getContentType()).hasToString("application/json;charset=utf-8");
            assertThat(models.getBody()).containsKey("data");

            assertThat(kimi.requests()).hasSize(2).allSatisfy(request -> {
                assertThat(request.headers("authorization")).containsExactly("Bearer sk-test");
                assertThat(request.headerNames()).doesNotContain("cookie", "x-api-key");
            });
            assertThat(kimi.requests().get(1).headers("x-tenant")).containsExactly("7");
        });
    }

    @Test
    void a_group_named_as_a_client_runs_over_it_in_every_spelling() {
        contexts.run(context -> {
            context.getBean(SecondService.class).models();

            assertThat(kimi.requests().get(0).headers("authorization")).containsExactly("Bearer sk-second");
        });
    }

    @Test
    void bodies_queries_paths_and_forms_arrive() {
        kimi.reply(Reply.text("Hello."));
        contexts.run(context -> {
            FilesService files = context.getBean(FilesService.class);
            Resource content = new ByteArrayResource("{}".getBytes(StandardCharsets.UTF_8)) {
                @Override
                public String getFilename() {
                    return "a.txt";
                }
            };

            Map<String, Object> stored = files.upload("image", content);
            Map<String, Object> response = files.chat(
                    Map.of("model", "kimi-k3", "messages", List.of(Map.of("role", "user", "content", "Hello?"))));
            files.list(3, "a b&c");
            Map<String, Object> deleted = files.delete((String) stored.get("id"));

            assertThat(stored).containsEntry("filename", "a.txt").containsEntry("purpose", "image");
            assertThat(response).containsKey("choices");
            assertThat(deleted).containsEntry("deleted", true);
            ReceivedRequest list = kimi.requests().get(2);
            assertThat(list.path()).isEqualTo("/v1/batches");
            assertThat(list.query()).isEqualTo("limit=3&after=a%20b%26c");
            assertThat(kimi.requests().get(1).headers("content-type")).containsExactly("application/json");
        });
    }

    @Test
    void retries_and_listeners_are_the_client_s() {
        kimi.reply(Reply.status(500, "{}"), Reply.text("Hello."));
        contexts.withPropertyValues("kimi.retry.preset=classic", "kimi.retry.min-delay=1ms")
                .withBean(Ends.class)
                .run(context -> {
                    context.getBean(FilesService.class)
                            .chat(Map.of(
                                    "model", "kimi-k3", "messages", List.of(Map.of("role", "user", "content", "Hi"))));

                    assertThat(kimi.requests()).hasSize(2);
                    assertThat(context.getBean(Ends.class).attempts).containsExactly(2);
                });
    }

    @Test
    void failures_are_the_client_s() {
        kimi.replyAt("/v1/users/me/balance", Reply.rateLimited(Duration.ofDays(1)));
        contexts.run(context -> assertThatThrownBy(
                        () -> context.getBean(AccountService.class).balance())
                .isInstanceOfSatisfying(
                        RateLimitException.class,
                        failure -> assertThat(failure.retryAfter()).isEqualTo(Duration.ofDays(1))));
        contexts.withPropertyValues("kimi.api-key=sk-wrong")
                .run(context -> assertThatThrownBy(
                                () -> context.getBean(AccountService.class).models("7"))
                        .isInstanceOf(AuthenticationException.class));
    }

    @Test
    void an_interrupt_cancels_the_call() {
        kimi.replyAt("/v1/models", Reply.text("never").stallBeforeHeaders());
        contexts.run(context -> {
            AccountService account = context.getBean(AccountService.class);
            CompletableFuture<Throwable> failure = new CompletableFuture<>();
            Thread caller = new Thread(() -> failure.complete(catchThrowable(() -> account.models("7"))));
            caller.start();
            while (kimi.openRequests() == 0) {
                Thread.onSpinWait();
            }

            caller.interrupt();

            assertThat(failure.join()).isInstanceOf(CallCancelledException.class);
        });
    }

    @Test
    void another_host_is_not_called_and_gets_no_key() {
        contexts.run(context -> assertThatThrownBy(
                        () -> context.getBean(ElsewhereService.class).models())
                .isInstanceOf(InvalidRequestException.class)
                .hasMessageContaining("no client is named 'api.example.org'"));
        assertThat(kimi.requests()).isEmpty();
    }

    @Test
    void settings_of_a_group_do_not_lead_it_away_and_configurers_of_the_application_have_the_last_word() {
        contexts.withUserConfiguration(OwnConfigurers.class).run(context -> {
            context.getBean(AccountService.class).models("7");

            assertThat(kimi.requests().get(0).path()).isEqualTo("/v1/models");
            assertThat(kimi.requests().get(0).headers("x-team")).containsExactly("blue");
        });
    }

    @Test
    void other_groups_are_left_alone() {
        contexts.run(context -> assertThat(
                        catchThrowable(() -> context.getBean(OtherService.class).models()))
                .isNotInstanceOf(KimiException.class));
        assertThat(kimi.requests()).isEmpty();
    }

    @Test
    void the_group_kimi_without_a_default_client_stops_the_start() {
        contexts.withPropertyValues("kimi.api-key=", "kimi.clients.third.api-key=sk-third")
                .run(context -> assertThat(context.getStartupFailure())
                        .rootCause()
                        .isInstanceOf(ConfigurationException.class)
                        .hasMessageContaining("The HTTP service group 'kimi' runs over the default client")
                        .hasMessageContaining("my-second"));
    }

    @Test
    void switched_off_there_are_interfaces_and_nothing_of_ours() {
        contexts.withPropertyValues("kimi.enabled=false")
                .run(context -> assertThat(context)
                        .hasNotFailed()
                        .hasSingleBean(AccountService.class)
                        .doesNotHaveBean("kimiHttpServiceGroups"));
    }

    @Test
    void without_spring_web_there_is_a_client_and_nothing_else() {
        new ApplicationContextRunner()
                .withConfiguration(
                        AutoConfigurations.of(KimiAutoConfiguration.class, KimiHttpServiceAutoConfiguration.class))
                .withPropertyValues("kimi.api-key=sk-test")
                .withClassLoader(new FilteredClassLoader("org.springframework.web"))
                .run(context -> assertThat(context)
                        .hasNotFailed()
                        .hasSingleBean(KimiClient.class)
                        .doesNotHaveBean("kimiHttpServiceGroups"));
    }

    @HttpExchange("/v1")
    interface AccountService {

        @GetExchange("/users/me/balance")
        Balance balance();

        @GetExchange("/models")
        ResponseEntity<Map<String, Object>> models(@RequestHeader("X-Tenant") String tenant);

        record Balance(Amounts data) {}

        record Amounts(@JsonProperty("available_balance") BigDecimal available) {}
    }

    interface FilesService {

        @PostExchange(url = "/v1/files", contentType = "multipart/form-data")
        Map<String, Object> upload(@RequestPart("purpose") String purpose, @RequestPart("file") Resource file);

        @PostExchange("/v1/chat/completions")
        Map<String, Object> chat(@RequestBody Map<String, Object> request);

        @GetExchange("/v1/batches")
        Map<String, Object> list(@RequestParam("limit") int limit, @RequestParam("after") String after);

        @DeleteExchange("/v1/files/{id}")
        Map<String, Object> delete(@PathVariable("id") String id);
    }

    interface SecondService {
        @GetExchange("/v1/models")
        String models();
    }

    interface ElsewhereService {
        @GetExchange("https://api.example.org/v1/models")
        String models();
    }

    @HttpExchange("http://127.0.0.1:1")
    interface OtherService {
        @GetExchange("/v1/models")
        String models();
    }

    @Configuration(proxyBeanMethods = false)
    @ImportHttpServices(
            group = "kimi",
            types = {AccountService.class, FilesService.class, ElsewhereService.class})
    @ImportHttpServices(group = "mySecond", types = SecondService.class)
    @ImportHttpServices(types = OtherService.class)
    static class Groups {}

    @Configuration(proxyBeanMethods = false)
    static class OwnConfigurers {

        /** As Spring Boot's, which reads settings. */
        @Bean
        RestClientHttpServiceGroupConfigurer ofSettings() {
            return new Configurer(Integer.MIN_VALUE, "http://127.0.0.1:1/elsewhere", "red");
        }

        @Bean
        RestClientHttpServiceGroupConfigurer ofTheApplication() {
            return new Configurer(Integer.MAX_VALUE, null, "blue");
        }
    }

    private record Configurer(int order, @Nullable String baseUrl, String team)
            implements RestClientHttpServiceGroupConfigurer {

        @Override
        public int getOrder() {
            return order;
        }

        @Override
        public void configureGroups(Groups<RestClient.Builder> groups) {
            groups.filterByName("kimi").forEachClient((group, builder) -> {
                if (baseUrl != null) {
                    builder.baseUrl(baseUrl);
                }
                builder.defaultHeaders(headers -> headers.set("X-Team", team));
            });
        }
    }

    static final class Ends implements CallListener {
        private final Queue<Integer> attempts = new ConcurrentLinkedQueue<>();

        @Override
        public CallObserver started(CallEvent.Started call) {
            return event -> {
                if (event instanceof CallEvent.Finished finished) {
                    attempts.add(finished.attempts());
                }
            };
        }
    }
}
