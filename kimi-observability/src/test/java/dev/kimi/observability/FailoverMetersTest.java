package dev.kimi.observability;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.Diagnostics.Circuit;
import dev.kimi.Diagnostics.Circuit.State;
import dev.kimi.event.CallEvent.Rerouted.Reason;
import dev.kimi.test.FakeCall;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.Collection;
import org.junit.jupiter.api.Test;

/** What a route does to calls, in meters. */
class FailoverMetersTest {

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final Calls calls = new Calls(MicrometerCallListener.meters(registry));
    private final ConnectionPoolMetrics pools = new ConnectionPoolMetrics(registry);

    private double reroutes(String... tags) {
        return registry.get(KimiMeter.REROUTES.getName()).tags(tags).counter().count();
    }

    private Collection<Gauge> circuits() {
        return registry.find(KimiMeter.CIRCUIT.getName()).gauges();
    }

    private double circuit(String endpoint, String model) {
        return registry.get(KimiMeter.CIRCUIT.getName())
                .tags("client", "kimi", "endpoint", endpoint, "model", model)
                .gauge()
                .value();
    }

    @Test
    void a_call_that_goes_elsewhere_is_a_reroute_and_no_retry() {
        FakeCall call = calls.start("chat").attempt().failed(FailuresOfEachKind.server(503));
        call.rerouted("default", "claude", Reason.FAILURE)
                .attempt()
                .responded(200)
                .succeed();
        calls.start("chat")
                .rerouted("default", "claude", Reason.CIRCUIT_OPEN)
                .attempt()
                .responded(200)
                .succeed();

        assertThat(reroutes("client", "default", "from", "default", "to", "claude", "reason", "failure"))
                .isEqualTo(1);
        assertThat(reroutes("reason", "circuit_open")).isEqualTo(1);
        assertThat(registry.find(KimiMeter.RETRIES.getName()).counters()).isEmpty();
    }

    @Test
    void a_retry_at_the_other_endpoint_is_one() {
        FakeCall call = calls.start("chat").rerouted("default", "claude", Reason.CIRCUIT_OPEN);
        Calls.retry(call, FailuresOfEachKind.server(503))
                .attempt()
                .responded(200)
                .succeed();

        assertThat(registry.get(KimiMeter.RETRIES.getName())
                        .tag("reason", "server")
                        .counter()
                        .count())
                .isEqualTo(1);
    }

    @Test
    void a_stream_that_is_sent_to_a_second_endpoint_too_is_counted_by_whose_attempt_was_used() {
        calls.start("stream")
                .attempt()
                .attempt()
                .hedged("default", "claude", Duration.ofSeconds(1), "claude")
                .responded(200)
                .succeed();
        calls.start("stream")
                .attempt()
                .attempt()
                .hedged("default", "claude", Duration.ofSeconds(1), null)
                .responded(200)
                .succeed();

        assertThat(registry.get(KimiMeter.HEDGES.getName())
                        .tags("client", "default", "from", "default", "to", "claude", "winner", "claude")
                        .counter()
                        .count())
                .isEqualTo(1);
        assertThat(registry.get(KimiMeter.HEDGES.getName())
                        .tag("winner", "none")
                        .counter()
                        .count())
                .isEqualTo(1);
    }

    @Test
    void an_attempt_that_begins_beside_another_is_no_retry() {
        FakeCall call = calls.start("stream").attempt().attempt().responded(200);
        call.failed(FailuresOfEachKind.cancelled()).succeed();

        assertThat(registry.find(KimiMeter.RETRIES.getName()).counters()).isEmpty();
    }

    @Test
    void attempts_are_those_of_their_endpoint_and_calls_of_the_one_that_responded() {
        FakeCall call = calls.start("chat").attempt().failed(FailuresOfEachKind.server(503));
        call.rerouted("default", "claude", Reason.FAILURE)
                .attempt()
                .responded(200)
                .succeed();

        assertThat(registry.get(KimiMeter.ATTEMPT.getName())
                        .tags("endpoint", "default", "status", "503")
                        .timer()
                        .count())
                .isEqualTo(1);
        assertThat(registry.get(KimiMeter.ATTEMPT.getName())
                        .tags("endpoint", "claude", "status", "200")
                        .timer()
                        .count())
                .isEqualTo(1);
        assertThat(registry.get(KimiMeter.REQUEST.getName())
                        .tag("endpoint", "claude")
                        .timer()
                        .count())
                .isEqualTo(1);
        assertThat(registry.get(KimiMeter.TOKENS.getName())
                        .tags("endpoint", "claude", "type", "prompt")
                        .counter()
                        .count())
                .isEqualTo(12);
    }

    @Test
    void a_call_that_was_not_sent_has_no_endpoint() {
        calls.start("chat").fail(FailuresOfEachKind.authentication());

        assertThat(registry.get(KimiMeter.REQUEST.getName())
                        .tag("endpoint", "none")
                        .timer()
                        .count())
                .isEqualTo(1);
    }

    @Test
    void names_of_endpoints_make_few_meters() {
        for (int i = 0; i < 1_000; i++) {
            calls.start("chat")
                    .rerouted("default", "endpoint-" + i, Reason.WAIT)
                    .attempt()
                    .pass(Duration.ofMillis(1))
                    .responded(200)
                    .succeed();
        }

        assertThat(registry.find(KimiMeter.REROUTES.getName()).counters()).hasSize(100);
        assertThat(registry.find(KimiMeter.REQUEST.getName()).timers()).hasSize(100);
    }

    @Test
    void circuits_are_gauges_and_new_ones_appear_with_the_next_scrape() {
        StillClient client = new StillClient("kimi")
                .circuits(new Circuit("kimi", "a", State.CLOSED), new Circuit("claude", "c", State.OPEN));
        pools.add(client).add(new StillClient("of-one-endpoint"));

        assertThat(circuits()).hasSize(2);
        assertThat(circuit("kimi", "a")).isZero();
        assertThat(circuit("claude", "c")).isEqualTo(2);

        client.circuits(new Circuit("kimi", "b", State.HALF_OPEN));
        assertThat(circuit("claude", "c")).as("there is none any more").isZero();
        assertThat(circuit("kimi", "b")).isEqualTo(1);
    }

    @Test
    void of_clients_of_one_name_the_worst_circuit_counts_and_gauges_go_with_the_last_of_them() {
        StillClient well = new StillClient("kimi").circuits(new Circuit("kimi", "a", State.CLOSED));
        StillClient open = new StillClient("kimi").circuits(new Circuit("kimi", "a", State.OPEN));
        pools.add(well).add(open);
        assertThat(circuit("kimi", "a")).isEqualTo(2);
        Gauge gauge = circuits().iterator().next();

        pools.remove(open);
        assertThat(circuit("kimi", "a")).isZero();
        pools.remove(well);

        assertThat(circuits()).isEmpty();
        well.circuits(new Circuit("kimi", "b", State.OPEN));
        gauge.value();
        assertThat(circuits()).as("a late scrape makes no others").isEmpty();
    }

    @Test
    void models_make_few_gauges() {
        Circuit[] many = new Circuit[1_000];
        for (int i = 0; i < many.length; i++) {
            many[i] = new Circuit("kimi", "model-" + i, State.CLOSED);
        }
        pools.add(new StillClient("kimi").circuits(many));

        assertThat(circuits()).hasSize(100);
    }
}
