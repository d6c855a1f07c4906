package dev.kimi.starter.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.KimiClient;
import dev.kimi.service.ServiceRequest;
import dev.kimi.starter.autoconfigure.KimiAutoConfigurationTest.RecordingTransport;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.BeanFactoryAnnotationUtils;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** However a client's name is spelled, it is one client. */
class ClientNamesTest {

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"my-client", "myClient", "MyClient", "myclient"})
    void the_environment_adds_to_the_client_of_the_file(String name) {
        String yaml = """
                kimi:
                  api-key: sk-top
                  base-url: https://example.org
                  clients:
                    %s:
                      base-url: https://second.example.org
                      retry.max-attempts: 2
                """.formatted(name);
        Map<String, String> variables =
                Map.of("KIMI_CLIENTS_MYCLIENT_APIKEY", "sk-of-environment", "KIMI_CLIENTS_MYCLIENT_MODEL", "kimi-k2.6");

        try (ConfigurableApplicationContext context =
                Start.with(folder, yaml, variables, Start.Application.class, Recorded.class)) {
            assertThat(context.getBeansOfType(KimiClient.class)).hasSize(2);
            KimiClient second = qualified(context, name);
            assertThat(second.name()).isEqualTo(name);
            second.exchangeAsync(ServiceRequest.get("/v1/models")).join();
            assertThat(context.getBean(RecordingTransport.class).sent)
                    .containsExactly("https://second.example.org /v1/models Bearer sk-of-environment");
        }
    }

    @Test
    void two_spellings_in_one_file_are_one_client_too() {
        String yaml = """
                kimi:
                  api-key: sk-top
                  clients:
                    my-client.api-key: sk-second
                    myClient.base-url: https://second.example.org
                """;

        try (ConfigurableApplicationContext context =
                Start.with(folder, yaml, Map.of(), Start.Application.class, Recorded.class)) {
            assertThat(context.getBeansOfType(KimiClient.class)).hasSize(2);
            qualified(context, "myClient")
                    .exchangeAsync(ServiceRequest.get("/v1/models"))
                    .join();
            assertThat(context.getBean(RecordingTransport.class).sent)
                    .containsExactly("https://second.example.org /v1/models Bearer sk-second");
        }
    }

    @Test
    void a_client_of_the_environment_alone_is_one() {
        try (ConfigurableApplicationContext context = Start.with(
                folder,
                "kimi.api-key: sk-top\n",
                Map.of("KIMI_CLIENTS_MYCLIENT_APIKEY", "sk-second", "KIMI_CLIENTS_MYCLIENT_RETRY_MAXATTEMPTS", "2"))) {
            assertThat(context.getBeansOfType(KimiClient.class)).hasSize(2);
            assertThat(qualified(context, "myclient").name()).isEqualTo("myclient");
        }
    }

    @Test
    void a_bean_named_after_a_client_is_for_that_client_whatever_the_spelling() {
        try (ConfigurableApplicationContext context = Start.with(
                folder,
                "kimi:\n  api-key: sk-top\n  clients:\n    my-client:\n      api-key: sk-second\n",
                Map.of(),
                Start.Application.class,
                NamedTransport.class)) {
            qualified(context, "my-client")
                    .exchangeAsync(ServiceRequest.get("/v1/models"))
                    .join();

            assertThat(context.getBean(RecordingTransport.class).sent).hasSize(1);
        }
    }

    @Test
    void lists_and_maps_hold_all_clients_and_one_alone_is_the_default_one() {
        String yaml =
                "kimi:\n  api-key: sk-top\n  clients:\n    a:\n      api-key: sk-a\n    b:\n      api-key: sk-b\n";

        try (ConfigurableApplicationContext context =
                Start.with(folder, yaml, Map.of(), Start.Application.class, All.class)) {
            All all = context.getBean(All.class);
            assertThat(all.map).containsOnlyKeys("kimiClient", "aKimiClient", "bKimiClient");
            assertThat(all.list).extracting(KimiClient::name).containsExactlyInAnyOrder("default", "a", "b");
            assertThat(all.provided.stream()).hasSize(3);
            assertThat(all.one.name()).isEqualTo("default");
            assertThat(all.a.name()).isEqualTo("a");
        }
    }

    @Test
    void a_single_named_client_needs_no_qualifier_and_two_do() {
        try (ConfigurableApplicationContext context = Start.with(folder, "kimi.clients.a.api-key: sk-a\n", Map.of())) {
            assertThat(context.getBean(KimiClient.class).name()).isEqualTo("a");
        }
        try (ConfigurableApplicationContext context =
                Start.with(folder, "kimi.clients.a.api-key: sk-a\nkimi.clients.b.api-key: sk-b\n", Map.of())) {
            assertThat(context.getBeanProvider(KimiClient.class).getIfUnique()).isNull();
            assertThat(context.getBeanProvider(KimiClient.class).stream()).hasSize(2);
            assertThat(context)
                    .satisfies(c -> assertThat(c.containsBean("kimiApi")).isFalse());
        }
    }

    private static KimiClient qualified(ConfigurableApplicationContext context, String name) {
        return BeanFactoryAnnotationUtils.qualifiedBeanOfType(context.getBeanFactory(), KimiClient.class, name);
    }

    @Configuration(proxyBeanMethods = false)
    static class Recorded {
        @Bean
        RecordingTransport recording() {
            return new RecordingTransport();
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class NamedTransport {
        @Bean
        RecordingTransport myClient() {
            return new RecordingTransport();
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class All {
        final Map<String, KimiClient> map;
        final List<KimiClient> list;
        final ObjectProvider<KimiClient> provided;
        final KimiClient one;
        final KimiClient a;

        All(
                Map<String, KimiClient> map,
                List<KimiClient> list,
                ObjectProvider<KimiClient> provided,
                KimiClient one,
                @Qualifier("a") KimiClient a) {
            this.map = map;
            this.list = list;
            this.provided = provided;
            this.one = one;
            this.a = a;
        }
    }
}
