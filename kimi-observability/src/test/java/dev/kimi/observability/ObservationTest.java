package dev.kimi.observability;

import static io.micrometer.observation.tck.TestObservationRegistryAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.event.CallEvent;
import dev.kimi.test.FakeCall;
import io.micrometer.core.instrument.observation.DefaultMeterObservationHandler;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.tck.TestObservationRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ObservationTest {

    private final TestObservationRegistry observations = TestObservationRegistry.create();
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();

    @Test
    void a_call_is_an_observation_below_the_current_one() {
        Calls calls = new Calls(MicrometerCallListener.observations(observations));
        Observation parent = Observation.start("web.request", observations);

        FakeCall call = parent.scoped(() -> calls.start("stream"));
        Calls.retry(call, FailuresOfEachKind.server(503));
        call.attempt().pass(Duration.ofMillis(9)).firstEvent().responded(200).succeed();

        assertThat(observations)
                .hasObservationWithNameEqualTo("kimi.client.request")
                .that()
                .hasContextualNameEqualTo("kimi stream")
                .hasParentObservationEqualTo(parent)
                .hasLowCardinalityKeyValue("operation", "stream")
                .hasLowCardinalityKeyValue("client", "default")
                .hasLowCardinalityKeyValue("model", "kimi-k3")
                .hasLowCardinalityKeyValue("endpoint", "default")
                .hasLowCardinalityKeyValue("outcome", "success")
                .hasLowCardinalityKeyValue("status", "200")
                .hasLowCardinalityKeyValue("error.type", "none")
                .hasHighCardinalityKeyValue("attempts", "2")
                .hasHighCardinalityKeyValue("prompt.tokens", "12")
                .hasHighCardinalityKeyValue("completion.tokens", "34")
                .hasSubsetOfKeys(
                        "operation",
                        "client",
                        "model",
                        "endpoint",
                        "outcome",
                        "status",
                        "error.type",
                        "attempts",
                        "prompt.tokens",
                        "completion.tokens")
                .hasEvent("retry")
                .hasEvent("first.event")
                .doesNotHaveError()
                .hasBeenStarted()
                .hasBeenStopped();
        parent.stop();
    }

    @Test
    void a_call_that_goes_elsewhere_says_when_and_where_to() {
        FakeCall call = new Calls(MicrometerCallListener.observations(observations)).start("chat");
        call.rerouted("default", "claude", CallEvent.Rerouted.Reason.CIRCUIT_OPEN)
                .attempt()
                .responded(200)
                .succeed();

        assertThat(observations)
                .hasSingleObservationThat()
                .hasEvent("reroute")
                .hasLowCardinalityKeyValue("endpoint", "claude");
    }

    @Test
    void a_failure_is_an_error_and_a_cancel_is_none() {
        Calls calls = new Calls(MicrometerCallListener.observations(observations));
        calls.failed("chat", Duration.ofMillis(1), FailuresOfEachKind.server(500));
        assertThat(observations)
                .hasSingleObservationThat()
                .hasError()
                .hasLowCardinalityKeyValue("error.type", "server")
                .hasHighCardinalityKeyValue("request.id", "r-1");

        observations.clear();
        calls.cancelled("chat", Duration.ofMillis(1), FailuresOfEachKind.cancelled());
        assertThat(observations)
                .hasSingleObservationThat()
                .doesNotHaveError()
                .hasBeenStopped()
                .hasLowCardinalityKeyValue("outcome", "cancelled");
    }

    @Test
    void meters_are_recorded_in_the_scope_of_the_observation_and_no_scope_stays_open() {
        List<String> scopes = new ArrayList<>();
        observations.observationConfig().observationHandler(new ObservationHandler<Observation.Context>() {
            @Override
            public void onScopeOpened(Observation.Context context) {
                scopes.add("opened, " + count());
            }

            @Override
            public void onScopeClosed(Observation.Context context) {
                scopes.add("closed, " + count());
            }

            @Override
            public boolean supportsContext(Observation.Context context) {
                return true;
            }
        });
        Calls calls = new Calls(MicrometerCallListener.of(meters, observations));

        calls.responded("chat", 200, Duration.ofMillis(1));

        assertThat(scopes).containsExactly("opened, 0", "closed, 1");
        assertThat(observations.getCurrentObservation()).isNull();
    }

    @Test
    void the_meter_handler_keeps_the_general_one_from_recording_a_call_twice() {
        ObservationRegistry registry = ObservationRegistry.create();
        registry.observationConfig()
                .observationHandler(new ObservationHandler.FirstMatchingCompositeObservationHandler(
                        new CallMeterHandler(), new DefaultMeterObservationHandler(meters)));
        Calls calls = new Calls(MicrometerCallListener.of(meters, registry));

        calls.responded("chat", 200, Duration.ofMillis(1));
        Observation.createNotStarted("other", registry).observe(() -> {});

        assertThat(count()).isEqualTo(1);
        assertThat(meters.find("other").timer()).isNotNull();
    }

    @Test
    void a_registry_without_handlers_costs_no_observation() {
        Calls calls = new Calls(MicrometerCallListener.of(meters, ObservationRegistry.create()));

        calls.responded("chat", 200, Duration.ofMillis(1));

        assertThat(count()).isEqualTo(1);
    }

    private long count() {
        return meters.find(KimiMeter.REQUEST.getName()).timers().stream()
                .mapToLong(timer -> timer.count())
                .sum();
    }
}
