package dev.kimi.starter.feign;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kimi.error.ConfigurationException;
import dev.kimi.error.InvalidRequestException;
import dev.kimi.starter.autoconfigure.KimiAutoConfiguration;
import dev.kimi.starter.feign.autoconfigure.KimiFeignAutoConfiguration;
import dev.kimi.test.KimiSimulator;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.cloud.client.circuitbreaker.CircuitBreaker;
import org.springframework.cloud.client.circuitbreaker.CircuitBreakerFactory;
import org.springframework.cloud.client.circuitbreaker.ConfigBuilder;
import org.springframework.cloud.openfeign.EnableFeignClients;
import org.springframework.cloud.openfeign.FeignAutoConfiguration;
import org.springframework.cloud.openfeign.FeignClient;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.web.bind.annotation.GetMapping;

/** Which Kimi client a Feign client of the application runs over. */
@Timeout(60)
class FeignHostsTest {

    private KimiSimulator kimi;
    private ApplicationContextRunner contexts;

    @BeforeEach
    void start() {
        kimi = KimiSimulator.builder().keys("sk-test", "sk-second").start();
        contexts = new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(
                        KimiAutoConfiguration.class, FeignAutoConfiguration.class, KimiFeignAutoConfiguration.class))
                .withPropertyValues(
                        "kimi.api-key=sk-test",
                        "kimi.clients.my-second.api-key=sk-second",
                        "kimi.base-url=" + kimi.baseUrl());
    }

    @AfterEach
    void stop() {
        kimi.awaitDisconnected(Duration.ofSeconds(20));
        kimi.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://api.moonshot.ai",
                "http://secnd",
                "http://127.0.0.1:1",
                "http://no_host",
                "http://u:s3cret@x"
            })
    void a_host_that_names_no_client_stops_the_start_though_nobody_injects_the_feign_client(String url) {
        contexts.withUserConfiguration(ByUrl.class)
                .withPropertyValues("by-url=" + url)
                .run(context -> assertThat(context)
                        .getFailure()
                        .rootCause()
                        .isInstanceOf(ConfigurationException.class)
                        .hasMessageContaining(ByUrl.Api.class.getName())
                        .hasMessageContaining("http://kimi")
                        .hasMessageContaining("http://my-second")
                        .hasMessageNotContaining("s3cret"));
        assertThat(kimi.requests()).isEmpty();
    }

    @Test
    void so_does_a_url_of_the_settings_of_feign() {
        contexts.withUserConfiguration(ByName.class)
                .withPropertyValues("spring.cloud.openfeign.client.config.mysecond.url=http://elsewhere")
                .run(context -> assertThat(context)
                        .getFailure()
                        .rootCause()
                        .isInstanceOf(ConfigurationException.class)
                        .hasMessageContaining("'elsewhere'"));
    }

    @Test
    void so_does_a_client_that_joins_by_an_import_or_by_default() {
        contexts.withUserConfiguration(ByImport.class)
                .run(context -> assertThat(context).getFailure().rootCause().hasMessageContaining("'lost'"));
        contexts.withUserConfiguration(ByDefault.class)
                .run(context -> assertThat(context).getFailure().rootCause().hasMessageContaining("'lost'"));
    }

    @Test
    void without_a_url_the_name_is_the_client() {
        contexts.withUserConfiguration(ByName.class).run(context -> {
            assertThat(context.getBean(ByName.Api.class).models()).contains("kimi-k3");
            assertThat(kimi.requests().get(0).headers("authorization")).containsExactly("Bearer sk-second");
        });
        contexts.withUserConfiguration(ByLostName.class)
                .run(context -> assertThat(context)
                        .getFailure()
                        .rootCause()
                        .isInstanceOf(ConfigurationException.class)
                        .hasMessageContaining("'files'"));
    }

    @Test
    void without_a_default_client_only_the_others_are_offered() {
        new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(
                        KimiAutoConfiguration.class, FeignAutoConfiguration.class, KimiFeignAutoConfiguration.class))
                .withUserConfiguration(ByUrl.class)
                .withPropertyValues(
                        "kimi.clients.one.api-key=sk-test", "kimi.clients.two.api-key=sk-second", "by-url=http://kimi")
                .run(context -> assertThat(context)
                        .getFailure()
                        .rootCause()
                        .hasMessageContaining("url = \"http://one\" or url = \"http://two\""));
    }

    @Test
    void a_host_of_a_single_call_is_checked_before_anything_is_sent() {
        contexts.withUserConfiguration(ByUrl.class)
                .withPropertyValues("by-url=http://kimi")
                .run(context -> {
                    ByUrl.Api api = context.getBean(ByUrl.Api.class);

                    assertThat(api.modelsOf(URI.create("http://my-second"))).contains("kimi-k3");
                    assertThatThrownBy(() -> api.modelsOf(URI.create("http://elsewhere")))
                            .isInstanceOf(InvalidRequestException.class)
                            .hasMessageContaining("'elsewhere'");
                    assertThat(kimi.requests()).hasSize(1);
                });
    }

    @Test
    void a_circuit_breaker_around_it_hides_nothing() {
        ApplicationContextRunner broken = contexts.withUserConfiguration(ByUrl.class)
                .withBean(Breakers.class)
                .withPropertyValues("spring.cloud.openfeign.circuitbreaker.enabled=true");

        broken.withPropertyValues("by-url=http://elsewhere")
                .run(context -> assertThat(context).getFailure().rootCause().hasMessageContaining("'elsewhere'"));
        broken.withPropertyValues("by-url=http://kimi").run(context -> {
            assertThat(context.getBean(ByUrl.Api.class).models()).contains("kimi-k3");
            assertThat(context.getBean(Breakers.class).runs).hasValue(1);
        });
    }

    @Test
    void feign_clients_of_other_services_are_left_alone() {
        contexts.withUserConfiguration(Foreign.class)
                .run(context -> assertThat(context).hasNotFailed());
    }

    @Test
    @ExtendWith(OutputCaptureExtension.class)
    void the_analysis_says_what_to_write(CapturedOutput output) {
        SpringApplication application = new SpringApplicationBuilder(Whole.class)
                .web(WebApplicationType.NONE)
                .build();

        assertThatThrownBy(() -> application.run("--kimi.api-key=sk-test", "--by-url=https://api.moonshot.ai"))
                .isNotNull();
        assertThat(output)
                .contains("APPLICATION FAILED TO START")
                .contains("no client is named 'api.moonshot.ai'")
                .contains("Write url = \"http://kimi\"");
    }

    @Configuration(proxyBeanMethods = false)
    @EnableFeignClients(clients = ByUrl.Api.class)
    static class ByUrl {
        @FeignClient(name = "files", url = "${by-url}", configuration = KimiFeignConfiguration.class)
        interface Api {
            @GetMapping("/v1/models")
            String models();

            @GetMapping("/v1/models")
            String modelsOf(URI host);
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableFeignClients(clients = ByName.Api.class)
    static class ByName {
        @FeignClient(name = "mysecond", configuration = KimiFeignConfiguration.class)
        interface Api {
            @GetMapping("/v1/models")
            String models();
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableFeignClients(clients = ByLostName.Api.class)
    static class ByLostName {
        @FeignClient(name = "files", configuration = KimiFeignConfiguration.class)
        interface Api {
            @GetMapping("/v1/files")
            String files();
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableFeignClients(clients = ByImport.Api.class)
    static class ByImport {
        @FeignClient(name = "imports", url = "http://lost", configuration = Own.class)
        interface Api {
            @GetMapping("/v1/files")
            String files();
        }

        @Import(KimiFeignConfiguration.class)
        static class Own {}
    }

    @Configuration(proxyBeanMethods = false)
    @EnableFeignClients(clients = ByDefault.Api.class, defaultConfiguration = KimiFeignConfiguration.class)
    static class ByDefault {
        @FeignClient(name = "default", url = "http://lost")
        interface Api {
            @GetMapping("/v1/files")
            String files();
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableFeignClients(clients = Foreign.Api.class)
    static class Foreign {
        @FeignClient(name = "foreign", url = "http://elsewhere")
        interface Api {
            @GetMapping("/other")
            String other();
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @Import(ByUrl.class)
    static class Whole {}

    static class Breakers extends CircuitBreakerFactory<Object, ConfigBuilder<Object>> {
        private final AtomicInteger runs = new AtomicInteger();

        @Override
        public CircuitBreaker create(String id) {
            return new CircuitBreaker() {
                @Override
                public <T> T run(Supplier<T> call, Function<Throwable, T> fallback) {
                    runs.incrementAndGet();
                    return call.get();
                }
            };
        }

        @Override
        protected ConfigBuilder<Object> configBuilder(String id) {
            return Object::new;
        }

        @Override
        public void configureDefault(Function<String, Object> defaults) {}
    }
}
