package dev.kimi.starter.feign;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.error.ConfigurationException;
import dev.kimi.starter.autoconfigure.KimiAutoConfiguration;
import dev.kimi.starter.feign.KimiApi.ChatCompletion;
import dev.kimi.starter.feign.KimiApi.ChatCompletionRequest;
import dev.kimi.starter.feign.autoconfigure.KimiFeignAutoConfiguration;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.Reply;
import feign.Response;
import feign.TypedResponse;
import java.io.InputStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.cloud.openfeign.EnableFeignClients;
import org.springframework.cloud.openfeign.FeignAutoConfiguration;
import org.springframework.cloud.openfeign.FeignClient;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.io.Resource;
import org.springframework.http.HttpEntity;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;

/** What a Feign client of the application may return. */
@Timeout(60)
class FeignReturnTypesTest {

    private static final ChatCompletionRequest QUESTION = ChatCompletionRequest.of("kimi-k3", "Why?");

    private KimiSimulator kimi;
    private ApplicationContextRunner contexts;

    @BeforeEach
    void start() {
        kimi = KimiSimulator.start();
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
    void an_entity_has_status_headers_and_the_body_as_declared() {
        kimi.otherwise(Reply.text("Hello."));
        contexts.withUserConfiguration(Application.class).run(context -> {
            Chats chats = context.getBean(Chats.class);

            ResponseEntity<ChatCompletion> entity = chats.entity(QUESTION);
            assertThat(entity.getStatusCode().value()).isEqualTo(200);
            assertThat(entity.getHeaders().getContentType()).hasToString("application/json;charset=utf-8");
            assertThat(entity.getBody().text()).isEqualTo("Hello.");
            assertThat(chats.httpEntity(QUESTION).getBody()).containsKey("choices");
            assertThat(chats.entityOfOptional(QUESTION).getBody().orElseThrow().text())
                    .isEqualTo("Hello.");
            assertThat(chats.optionalEntity(QUESTION).orElseThrow().getBody().text())
                    .isEqualTo("Hello.");
            assertThat(new String(chats.entityOfBytes(QUESTION).getBody())).contains("Hello.");
            assertThat(chats.entityOfVoid(QUESTION).getBody()).isNull();
            assertThat(chats.rawEntity(QUESTION).getStatusCode().value()).isEqualTo(200);
        });
    }

    @Test
    void the_other_types_of_feign_work_too() {
        kimi.otherwise(Reply.text("Hello."));
        contexts.withUserConfiguration(Application.class).run(context -> {
            Chats chats = context.getBean(Chats.class);

            assertThat(chats.optional(QUESTION).orElseThrow().text()).isEqualTo("Hello.");
            assertThat(new String(chats.bytes(QUESTION))).contains("Hello.");
            assertThat(chats.string(QUESTION)).contains("Hello.");
            assertThat(chats.typed(QUESTION).body().text()).isEqualTo("Hello.");
            assertThat(chats.response(QUESTION).status()).isEqualTo(200);
            chats.nothing(QUESTION);
            assertThat(kimi.requests()).hasSize(6);
        });
    }

    @Test
    void a_response_without_content_is_empty_and_no_failure() {
        kimi.otherwise(Reply.status(204, ""));
        contexts.withUserConfiguration(Application.class).run(context -> {
            Chats chats = context.getBean(Chats.class);

            assertThat(chats.without(QUESTION)).isNull();
            assertThat(chats.withoutOptional(QUESTION)).isEmpty();
            assertThat(chats.withoutList(QUESTION)).isEmpty();
            assertThat(chats.withoutEntity(QUESTION).getStatusCode().value()).isEqualTo(204);
            assertThat(chats.withoutEntity(QUESTION).getBody()).isNull();
        });
    }

    @ParameterizedTest
    @ValueSource(
            classes = {
                OfFuture.class,
                OfCompletableFuture.class,
                OfStream.class,
                OfInputStream.class,
                OfResource.class,
                OfInterface.class,
                OfEntity.class,
                OfOptional.class,
                OfList.class,
                OfMap.class,
                OfNoCreator.class,
                OfEntityOfResponse.class,
                Inherited.class
            })
    void a_type_that_nothing_can_be_read_into_stops_the_start(Class<?> application) {
        contexts.withUserConfiguration(application)
                .run(context -> assertThat(context)
                        .getFailure()
                        .rootCause()
                        .isInstanceOf(ConfigurationException.class)
                        .hasMessageContaining("#ask(")
                        .hasMessageContaining("cannot be read")
                        .hasMessageContaining("Return "));
        assertThat(kimi.requests()).isEmpty();
    }

    @FeignClient(name = "chats", url = "http://kimi", configuration = KimiFeignConfiguration.class)
    interface Chats {
        @PostMapping("/v1/chat/completions")
        ResponseEntity<ChatCompletion> entity(@RequestBody ChatCompletionRequest question);

        @PostMapping("/v1/chat/completions")
        HttpEntity<Map<String, Object>> httpEntity(@RequestBody ChatCompletionRequest question);

        @PostMapping("/v1/chat/completions")
        ResponseEntity<Optional<ChatCompletion>> entityOfOptional(@RequestBody ChatCompletionRequest question);

        @PostMapping("/v1/chat/completions")
        Optional<ResponseEntity<ChatCompletion>> optionalEntity(@RequestBody ChatCompletionRequest question);

        @PostMapping("/v1/chat/completions")
        ResponseEntity<byte[]> entityOfBytes(@RequestBody ChatCompletionRequest question);

        @PostMapping("/v1/chat/completions")
        ResponseEntity<Void> entityOfVoid(@RequestBody ChatCompletionRequest question);

        @SuppressWarnings("rawtypes")
        @PostMapping("/v1/chat/completions")
        ResponseEntity rawEntity(@RequestBody ChatCompletionRequest question);

        @PostMapping("/v1/chat/completions")
        Optional<ChatCompletion> optional(@RequestBody ChatCompletionRequest question);

        @PostMapping("/v1/chat/completions")
        byte[] bytes(@RequestBody ChatCompletionRequest question);

        @PostMapping("/v1/chat/completions")
        String string(@RequestBody ChatCompletionRequest question);

        @PostMapping("/v1/chat/completions")
        TypedResponse<ChatCompletion> typed(@RequestBody ChatCompletionRequest question);

        @PostMapping("/v1/chat/completions")
        Response response(@RequestBody ChatCompletionRequest question);

        @PostMapping("/v1/chat/completions")
        void nothing(@RequestBody ChatCompletionRequest question);

        @PostMapping("/v1/chat/completions")
        ChatCompletion without(@RequestBody ChatCompletionRequest question);

        @PostMapping("/v1/chat/completions")
        Optional<ChatCompletion> withoutOptional(@RequestBody ChatCompletionRequest question);

        @PostMapping("/v1/chat/completions")
        List<String> withoutList(@RequestBody ChatCompletionRequest question);

        @PostMapping("/v1/chat/completions")
        ResponseEntity<ChatCompletion> withoutEntity(@RequestBody ChatCompletionRequest question);

        default String text(ChatCompletionRequest question) {
            return string(question);
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableFeignClients(clients = Chats.class)
    static class Application {}

    interface Base<T> {
        @GetMapping("/v1/models")
        T ask();
    }

    interface Shape {}

    static final class NoCreator {
        private NoCreator(int one, int two) {}
    }

    @Configuration(proxyBeanMethods = false)
    @EnableFeignClients(clients = OfFuture.Api.class)
    static class OfFuture {
        @FeignClient(name = "api", url = "http://kimi", configuration = KimiFeignConfiguration.class)
        interface Api {
            @GetMapping("/v1/models")
            Future<ChatCompletion> ask();
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableFeignClients(clients = OfCompletableFuture.Api.class)
    static class OfCompletableFuture {
        @FeignClient(name = "api", url = "http://kimi", configuration = KimiFeignConfiguration.class)
        interface Api {
            @GetMapping("/v1/models")
            CompletableFuture<ResponseEntity<ChatCompletion>> ask();
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableFeignClients(clients = OfStream.Api.class)
    static class OfStream {
        @FeignClient(name = "api", url = "http://kimi", configuration = KimiFeignConfiguration.class)
        interface Api {
            @GetMapping("/v1/models")
            Stream<ChatCompletion> ask();
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableFeignClients(clients = OfInputStream.Api.class)
    static class OfInputStream {
        @FeignClient(name = "api", url = "http://kimi", configuration = KimiFeignConfiguration.class)
        interface Api {
            @GetMapping("/v1/models")
            InputStream ask();
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableFeignClients(clients = OfResource.Api.class)
    static class OfResource {
        @FeignClient(name = "api", url = "http://kimi", configuration = KimiFeignConfiguration.class)
        interface Api {
            @GetMapping("/v1/models")
            Resource ask();
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableFeignClients(clients = OfInterface.Api.class)
    static class OfInterface {
        @FeignClient(name = "api", url = "http://kimi", configuration = KimiFeignConfiguration.class)
        interface Api {
            @GetMapping("/v1/models")
            Shape ask();
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableFeignClients(clients = OfEntity.Api.class)
    static class OfEntity {
        @FeignClient(name = "api", url = "http://kimi", configuration = KimiFeignConfiguration.class)
        interface Api {
            @GetMapping("/v1/models")
            ResponseEntity<Shape> ask();
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableFeignClients(clients = OfOptional.Api.class)
    static class OfOptional {
        @FeignClient(name = "api", url = "http://kimi", configuration = KimiFeignConfiguration.class)
        interface Api {
            @GetMapping("/v1/models")
            Optional<Shape> ask();
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableFeignClients(clients = OfList.Api.class)
    static class OfList {
        @FeignClient(name = "api", url = "http://kimi", configuration = KimiFeignConfiguration.class)
        interface Api {
            @GetMapping("/v1/models")
            List<Shape> ask();
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableFeignClients(clients = OfMap.Api.class)
    static class OfMap {
        @FeignClient(name = "api", url = "http://kimi", configuration = KimiFeignConfiguration.class)
        interface Api {
            @GetMapping("/v1/models")
            Map<String, List<Shape>> ask();
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableFeignClients(clients = OfNoCreator.Api.class)
    static class OfNoCreator {
        @FeignClient(name = "api", url = "http://kimi", configuration = KimiFeignConfiguration.class)
        interface Api {
            @GetMapping("/v1/models")
            NoCreator ask();
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableFeignClients(clients = OfEntityOfResponse.Api.class)
    static class OfEntityOfResponse {
        @FeignClient(name = "api", url = "http://kimi", configuration = KimiFeignConfiguration.class)
        interface Api {
            @GetMapping("/v1/models")
            ResponseEntity<Response> ask();
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableFeignClients(clients = Inherited.Api.class)
    static class Inherited {
        @FeignClient(name = "api", url = "http://kimi", configuration = KimiFeignConfiguration.class)
        interface Api extends Base<Shape> {}
    }
}
