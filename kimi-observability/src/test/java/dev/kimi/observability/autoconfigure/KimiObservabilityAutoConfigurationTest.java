package dev.kimi.observability.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.KimiClient;
import dev.kimi.event.CallListener;
import dev.kimi.observability.CallMeterHandler;
import dev.kimi.observability.ConnectionPoolMetrics;
import dev.kimi.observability.KimiMeter;
import dev.kimi.observability.MicrometerCallListener;
import dev.kimi.observability.StillClient;
import dev.kimi.test.FakeCall;
import dev.kimi.transport.PoolState;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.export.prometheus.PrometheusMetricsExportAutoConfiguration;
import org.springframework.boot.micrometer.observation.autoconfigure.ObservationAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;

class KimiObservabilityAutoConfigurationTest {

    private final ApplicationContextRunner bare = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(KimiObservabilityAutoConfiguration.class));

    private final ApplicationContextRunner actuated = bare.withConfiguration(AutoConfigurations.of(
            MetricsAutoConfiguration.class,
            CompositeMeterRegistryAutoConfiguration.class,
            PrometheusMetricsExportAutoConfiguration.class,
            ObservationAutoConfiguration.class));

    @Test
    void an_application_with_metrics_sees_calls_and_pools_of_its_clients() {
        actuated.withUserConfiguration(TwoClients.class).run(context -> {
            call(context.getBean(MicrometerCallListener.class), 200);

            assertThat(scrape(context.getBean(PrometheusMeterRegistry.class), "claude_request_duration_bucket"))
                    .contains("claude_request_duration_bucket{method=\"chat\",status_code=\"200\",le=\"50.0\"} 1");
            assertThat(scrape(context.getBean(PrometheusMeterRegistry.class), "kimi_connection_pool"))
                    .containsExactlyInAnyOrder(
                            "kimi_connection_pool{state=\"active\"} 4.0",
                            "kimi_connection_pool{state=\"idle\"} 2.0",
                            "kimi_connection_pool{state=\"leaked\"} 0.0",
                            "kimi_connection_pool{state=\"max\"} 30.0",
                            "kimi_connection_pool{state=\"pending\"} 1.0");
        });
    }

    @Test
    void a_call_is_recorded_once_although_observations_make_meters_too() {
        actuated.run(context -> {
            call(context.getBean(MicrometerCallListener.class), 200);

            assertThat(context.getBean(MeterRegistry.class)
                            .get(KimiMeter.REQUEST.getName())
                            .timer()
                            .count())
                    .isEqualTo(1);
        });
    }

    @Test
    void without_our_meters_the_observation_makes_the_conventional_one() {
        actuated.withPropertyValues("kimi.metrics.enabled=false").run(context -> {
            assertThat(context).doesNotHaveBean(ConnectionPoolMetrics.class).doesNotHaveBean(CallMeterHandler.class);
            call(context.getBean(MicrometerCallListener.class), 200);

            MeterRegistry registry = context.getBean(MeterRegistry.class);
            assertThat(registry.get(KimiMeter.REQUEST.getName()).timer().count())
                    .isEqualTo(1);
            assertThat(registry.find(KimiMeter.REQUEST_DURATION.getName()).summary())
                    .isNull();
        });
    }

    @Test
    void nothing_is_recorded_where_there_is_no_registry() {
        bare.withUserConfiguration(TwoClients.class)
                .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(MicrometerCallListener.class));
    }

    @Test
    void metrics_off_without_observations_leaves_no_listener() {
        bare.withBean(MeterRegistry.class, SimpleMeterRegistry::new)
                .withPropertyValues("kimi.metrics.enabled=false")
                .run(context -> assertThat(context).doesNotHaveBean(MicrometerCallListener.class));
    }

    @Test
    void the_applications_own_beans_win() {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        MicrometerCallListener own = MicrometerCallListener.meters(registry);
        ConnectionPoolMetrics pools = new ConnectionPoolMetrics(registry);
        actuated.withUserConfiguration(TwoClients.class)
                .withBean("ownListener", MicrometerCallListener.class, () -> own)
                .withBean("ownPools", ConnectionPoolMetrics.class, () -> pools)
                .run(context -> {
                    assertThat(context.getBean(MicrometerCallListener.class)).isSameAs(own);
                    assertThat(context.getBean(ConnectionPoolMetrics.class)).isSameAs(pools);
                    assertThat(registry.get("kimi.client.connections")
                                    .tags("client", "kimi", "state", "active")
                                    .gauge()
                                    .value())
                            .isEqualTo(3);
                });
    }

    @Test
    void two_registries_without_a_primary_one_do_not_stop_the_application() {
        bare.withBean("one", MeterRegistry.class, SimpleMeterRegistry::new)
                .withBean("two", MeterRegistry.class, SimpleMeterRegistry::new)
                .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(MicrometerCallListener.class));
    }

    @Test
    void observations_alone_are_made_where_there_are_no_meters() {
        bare.withBean(ObservationRegistry.class, ObservationRegistry::create)
                .run(context -> assertThat(context)
                        .hasSingleBean(MicrometerCallListener.class)
                        .doesNotHaveBean(ConnectionPoolMetrics.class));
    }

    @Test
    void an_application_without_health_starts() {
        actuated.withClassLoader(new FilteredClassLoader(HealthIndicator.class))
                .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean("kimiHealthIndicator"));
        actuated.withClassLoader(new FilteredClassLoader(ConditionalOnEnabledHealthIndicator.class))
                .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean("kimiHealthIndicator"));
    }

    @Test
    void health_can_be_switched_off_and_replaced() {
        bare.run(context -> assertThat(context).hasSingleBean(HealthIndicator.class));
        bare.withPropertyValues("management.health.kimi.enabled=false")
                .run(context -> assertThat(context).doesNotHaveBean(HealthIndicator.class));
        bare.withBean("kimiHealthIndicator", HealthIndicator.class, () -> () -> null)
                .run(context -> assertThat(context).doesNotHaveBean(KimiHealthIndicator.class));
    }

    @Test
    void clients_that_are_made_late_have_gauges_from_then_on() {
        actuated.withUserConfiguration(LateClient.class).run(context -> {
            PrometheusMeterRegistry registry = context.getBean(PrometheusMeterRegistry.class);
            assertThat(scrape(registry, "kimi_client_connections")).isEmpty();

            context.getBean(KimiClient.class);
            assertThat(scrape(registry, "kimi_client_connections")).hasSize(5);
        });
    }

    @Test
    void an_application_with_lazy_beans_does_not_run_in_circles() {
        actuated.withInitializer(context -> context.addBeanFactoryPostProcessor(
                        new org.springframework.boot.LazyInitializationBeanFactoryPostProcessor()))
                .withUserConfiguration(ClientWithListeners.class)
                .run(context -> {
                    context.getBean(KimiClient.class);
                    assertThat(scrape(context.getBean(PrometheusMeterRegistry.class), "kimi_client_connections"))
                            .hasSize(5);
                });
    }

    @Test
    void the_listener_reaches_what_collects_call_listeners() {
        actuated.run(context -> assertThat(context.getBeanProvider(CallListener.class).stream())
                .hasAtLeastOneElementOfType(MicrometerCallListener.class));
    }

    private static void call(CallListener listener, int status) {
        FakeCall.of(listener, "kimi", "chat", "kimi-k3")
                .attempt()
                .pass(Duration.ofMillis(42))
                .responded(status)
                .succeed();
    }

    private static List<String> scrape(PrometheusMeterRegistry registry, String name) {
        return registry.scrape().lines().filter(line -> line.startsWith(name)).toList();
    }

    @Configuration(proxyBeanMethods = false)
    static class TwoClients {
        @Bean
        KimiClient kimi() {
            return new StillClient("kimi")
                    .pool(PoolState.builder()
                            .active(3)
                            .idle(2)
                            .pending(1)
                            .max(10)
                            .exchanges(30)
                            .build());
        }

        @Bean(defaultCandidate = false)
        KimiClient claude() {
            return new StillClient("claude")
                    .pool(PoolState.builder()
                            .active(1)
                            .idle(0)
                            .pending(0)
                            .max(20)
                            .exchanges(1)
                            .build());
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class LateClient {
        @Bean
        @Lazy
        KimiClient kimi() {
            return new StillClient("kimi");
        }
    }

    /** Needs listeners, as the clients of the starter do. */
    @Configuration(proxyBeanMethods = false)
    static class ClientWithListeners {
        @Bean
        KimiClient kimi(ObjectProvider<CallListener> listeners) {
            try (Stream<CallListener> all = listeners.orderedStream()) {
                assertThat(all).isNotEmpty();
            }
            return new StillClient("kimi");
        }
    }
}
