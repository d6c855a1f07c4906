package dev.kimi.observability.autoconfigure;

import dev.kimi.KimiClient;
import dev.kimi.observability.CallMeterHandler;
import dev.kimi.observability.ConnectionPoolMetrics;
import dev.kimi.observability.MicrometerCallListener;
import dev.kimi.time.TimeSource;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.observation.ObservationRegistry;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/**
 * Meters, observations and health for every {@link KimiClient} bean. Meters go to the application's
 * {@link MeterRegistry} unless {@code kimi.metrics.enabled} is false, observations to its {@link ObservationRegistry},
 * health to the health endpoint as {@code kimi}. A bean of the application's own of the same type wins. Nothing of it
 * is there if {@code kimi.enabled} is false.
 */
@AutoConfiguration(
        afterName = {
            "org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration",
            "org.springframework.boot.micrometer.metrics.autoconfigure.export.simple"
                    + ".SimpleMetricsExportAutoConfiguration",
            "org.springframework.boot.micrometer.observation.autoconfigure.ObservationAutoConfiguration"
        })
@ConditionalOnBooleanProperty(name = "kimi.enabled", matchIfMissing = true)
public final class KimiObservabilityAutoConfiguration {

    /** For the context. */
    public KimiObservabilityAutoConfiguration() {}

    @Bean
    static KimiClientBeans kimiClientBeans(ObjectProvider<ConnectionPoolMetrics> pools) {
        return new KimiClientBeans(pools);
    }

    @Order(1)
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnSingleCandidate(MeterRegistry.class)
    @ConditionalOnBooleanProperty(name = "kimi.metrics.enabled", matchIfMissing = true)
    static final class Meters {

        @Bean
        @ConditionalOnMissingBean
        MicrometerCallListener kimiCallListener(
                MeterRegistry meters, ObjectProvider<ObservationRegistry> observations) {
            ObservationRegistry observationRegistry = observations.getIfUnique(() -> ObservationRegistry.NOOP);
            return MicrometerCallListener.of(meters, observationRegistry);
        }

        /** Boot lets the first meter handler that wants an observation have it; the general one comes without order. */
        @Bean
        @Order(Ordered.HIGHEST_PRECEDENCE + 100)
        @ConditionalOnMissingBean
        CallMeterHandler kimiCallMeterHandler() {
            return new CallMeterHandler();
        }

        @Bean
        @ConditionalOnMissingBean
        ConnectionPoolMetrics kimiConnectionPoolMetrics(MeterRegistry meters) {
            return new ConnectionPoolMetrics(meters);
        }
    }

    @Order(2)
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnBean(ObservationRegistry.class)
    static final class Observations {

        @Bean
        @ConditionalOnMissingBean
        MicrometerCallListener kimiCallListener(ObjectProvider<ObservationRegistry> observations) {
            return MicrometerCallListener.observations(observations.getIfUnique(() -> ObservationRegistry.NOOP));
        }
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass({HealthIndicator.class, ConditionalOnEnabledHealthIndicator.class})
    @ConditionalOnEnabledHealthIndicator("kimi")
    static final class HealthOfClients {

        @Bean
        @ConditionalOnMissingBean(name = "kimiHealthIndicator")
        KimiHealthIndicator kimiHealthIndicator(KimiClientBeans clients) {
            return new KimiHealthIndicator(clients, TimeSource.system());
        }
    }
}
