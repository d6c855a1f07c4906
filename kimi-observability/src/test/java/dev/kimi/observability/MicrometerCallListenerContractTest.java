package dev.kimi.observability;

import dev.kimi.event.CallListener;
import dev.kimi.test.contract.CallListenerContract;
import io.micrometer.core.instrument.observation.DefaultMeterObservationHandler;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import org.junit.jupiter.api.Nested;

class MicrometerCallListenerContractTest {

    private static ObservationRegistry observations() {
        ObservationRegistry registry = ObservationRegistry.create();
        registry.observationConfig().observationHandler(new DefaultMeterObservationHandler(new SimpleMeterRegistry()));
        return registry;
    }

    @Nested
    class Meters extends CallListenerContract {
        @Override
        protected CallListener listener() {
            return MicrometerCallListener.meters(new PrometheusMeterRegistry(PrometheusConfig.DEFAULT));
        }
    }

    @Nested
    class Observations extends CallListenerContract {
        @Override
        protected CallListener listener() {
            return MicrometerCallListener.observations(observations());
        }
    }

    @Nested
    class Both extends CallListenerContract {
        @Override
        protected CallListener listener() {
            return MicrometerCallListener.of(new SimpleMeterRegistry(), observations());
        }
    }
}
