package dev.kimi.starter.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.KimiClient;
import dev.kimi.auth.CredentialsProvider;
import dev.kimi.error.ConfigurationException;
import dev.kimi.service.ServiceRequest;
import dev.kimi.starter.KimiClientCustomizer;
import dev.kimi.time.Timer;
import dev.kimi.time.VirtualTime;
import dev.kimi.transport.Exchange;
import dev.kimi.transport.ExchangeHandler;
import dev.kimi.transport.Headers;
import dev.kimi.transport.Transport;
import dev.kimi.transport.TransportRequest;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;

class KimiAutoConfigurationTest {

    private final ApplicationContextRunner contexts =
            new ApplicationContextRunner().withConfiguration(AutoConfigurations.of(KimiAutoConfiguration.class));

    @Test
    void a_key_is_enough() {
        contexts.withPropertyValues("kimi.api-key=sk-test").run(context -> {
            assertThat(context).hasSingleBean(KimiClient.class);
            assertThat(context.getBean(KimiClient.class).name()).isEqualTo("default");
        });
    }

    @Test
    void without_a_key_the_start_fails_and_says_what_to_set() {
        contexts.withPropertyValues("kimi.api-key=")
                .run(context -> assertThat(failure(context.getStartupFailure()))
                        .satisfies(e -> assertThat(e.setting()).isEqualTo("kimi.api-key"))
                        .hasMessageContaining("KIMI_API_KEY"));
    }

    @Test
    void the_application_s_own_client_wins() {
        contexts.withUserConfiguration(OwnClient.class)
                .run(context -> assertThat(context)
                        .getBean(KimiClient.class)
                        .extracting(KimiClient::name)
                        .isEqualTo("own"));
    }

    @Test
    void settings_reach_the_wire() {
        contexts.withUserConfiguration(Recorded.class)
                .withPropertyValues("kimi.api-key=sk-test", "kimi.base-url=https://example.org/kimi/v1/")
                .run(context -> {
                    context.getBean(KimiClient.class)
                            .exchangeAsync(ServiceRequest.get("/v1/models"))
                            .join();

                    assertThat(context.getBean(RecordingTransport.class).sent)
                            .containsExactly("https://example.org /kimi/v1/models Bearer sk-test");
                });
    }

    @Test
    void named_clients_are_injected_by_name_and_inherit_all_but_credentials() {
        contexts.withUserConfiguration(Recorded.class, Injected.class)
                .withPropertyValues(
                        "kimi.api-key=sk-top",
                        "kimi.base-url=https://example.org",
                        "kimi.clients.second.api-key=sk-second")
                .run(context -> {
                    Injected injected = context.getBean(Injected.class);

                    assertThat(injected.first.name()).isEqualTo("default");
                    assertThat(injected.second.name()).isEqualTo("second");
                    injected.second
                            .exchangeAsync(ServiceRequest.get("/v1/models"))
                            .join();
                    assertThat(context.getBean(RecordingTransport.class).sent)
                            .containsExactly("https://example.org /v1/models Bearer sk-second");
                });
    }

    @Test
    void a_named_client_needs_a_key_of_its_own() {
        contexts.withPropertyValues("kimi.api-key=sk-top", "kimi.clients.second.model=kimi-k2.6")
                .run(context -> assertThat(failure(context.getStartupFailure()))
                        .satisfies(e -> assertThat(e.setting()).isEqualTo("kimi.clients.second.api-key"))
                        .satisfies(e -> assertThat(e.problem()).startsWith("Client 'second': ")));
    }

    @Test
    void an_application_with_named_clients_only_has_no_default_one() {
        contexts.withPropertyValues("kimi.api-key=", "kimi.clients.a.api-key=sk-a", "kimi.clients.b.api-key=sk-b")
                .run(context -> {
                    assertThat(context).hasNotFailed();
                    assertThat(context.getBeansOfType(KimiClient.class)).hasSize(2);
                    assertThat(context).doesNotHaveBean("kimiClient");
                });
    }

    @Test
    void a_client_cannot_take_the_name_of_the_default_one() {
        contexts.withPropertyValues("kimi.api-key=sk-top", "kimi.clients.default.api-key=sk")
                .run(context -> assertThat(failure(context.getStartupFailure())).hasMessageContaining("'default'"));
    }

    @Test
    void credentials_of_the_application_win_over_the_key_but_stay_with_the_default_client() {
        contexts.withUserConfiguration(Recorded.class, OwnCredentials.class, Injected.class)
                .withPropertyValues("kimi.base-url=https://example.org", "kimi.clients.second.api-key=sk-second")
                .run(context -> {
                    Injected injected = context.getBean(Injected.class);
                    injected.first
                            .exchangeAsync(ServiceRequest.get("/v1/models"))
                            .join();
                    injected.second
                            .exchangeAsync(ServiceRequest.get("/v1/models"))
                            .join();

                    assertThat(context.getBean(RecordingTransport.class).sent)
                            .containsExactly(
                                    "https://example.org /v1/models Bearer sk-bean",
                                    "https://example.org /v1/models Bearer sk-second");
                });
    }

    @Test
    void customizers_are_applied_last_in_their_order_and_may_be_for_one_client() {
        contexts.withUserConfiguration(Customizers.class)
                .withPropertyValues("kimi.api-key=sk-top", "kimi.clients.second.api-key=sk-second")
                .run(context -> assertThat(context.getBean(Customizers.class).seen)
                        .containsExactly("early", "late", "early", "only second", "late"));
    }

    @Test
    void one_half_of_a_clock_stops_the_start() {
        contexts.withPropertyValues("kimi.api-key=sk-test")
                .withBean(Timer.class, () -> Timer.wheel("half"))
                .run(context -> assertThat(failure(context.getStartupFailure())).hasMessageContaining("VirtualTime"));
    }

    @Test
    void a_clock_that_is_both_halves_is_taken() {
        contexts.withPropertyValues("kimi.api-key=sk-test")
                .withBean(VirtualTime.class)
                .run(context -> assertThat(context).hasSingleBean(KimiClient.class));
    }

    @Test
    void clients_are_closed_with_the_context_and_beans_handed_in_are_not_closed_twice() {
        RecordingTransport transport = new RecordingTransport();
        contexts.withPropertyValues("kimi.api-key=sk-test")
                .withBean(RecordingTransport.class, () -> transport)
                .run(context -> assertThat(transport.closed).isZero());

        assertThat(transport.closed).isEqualTo(1);
    }

    static ConfigurationException failure(Throwable startup) {
        Throwable cause = startup;
        while (cause != null && !(cause instanceof ConfigurationException)) {
            cause = cause.getCause();
        }
        assertThat(cause).isInstanceOf(ConfigurationException.class);
        return (ConfigurationException) cause;
    }

    @Configuration(proxyBeanMethods = false)
    static class OwnClient {
        @Bean
        KimiClient own() {
            return KimiClient.builder()
                    .name("own")
                    .apiKey("sk-own")
                    .transport(new RecordingTransport())
                    .build();
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class OwnCredentials {
        @Bean
        CredentialsProvider own() {
            return CredentialsProvider.apiKey("sk-bean");
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class Recorded {
        @Bean
        RecordingTransport recording() {
            return new RecordingTransport();
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class Injected {
        final KimiClient first;
        final KimiClient second;

        @Autowired
        Injected(KimiClient first, @Qualifier("second") KimiClient second) {
            this.first = first;
            this.second = second;
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class Customizers {
        final List<String> seen = new ArrayList<>();

        @Bean
        @Order(2)
        KimiClientCustomizer late() {
            return builder -> seen.add("late");
        }

        @Bean
        @Order(0)
        KimiClientCustomizer early() {
            return builder -> seen.add("early");
        }

        @Bean
        @Order(1)
        @Qualifier("second") KimiClientCustomizer onlySecond() {
            return builder -> seen.add("only second");
        }
    }

    /** Responds to everything with an empty object and remembers what was asked. */
    static final class RecordingTransport implements Transport {
        final List<String> sent = new ArrayList<>();
        int closed;

        @Override
        public Exchange send(TransportRequest request, ExchangeHandler handler) {
            sent.add(request.origin().getScheme() + "://" + request.origin().getAuthority() + " " + request.target()
                    + " " + request.headers().first("authorization"));
            handler.onHeaders(200, Headers.empty());
            handler.onComplete(Headers.empty());
            return new Exchange() {
                @Override
                public void request(long chunks) {}

                @Override
                public void abort() {}
            };
        }

        @Override
        public void close() {
            closed++;
        }
    }
}
