package dev.kimi.observability;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.Diagnostics;
import dev.kimi.error.DeadlineExceededException.Phase;
import dev.kimi.error.RejectedException.Reason;
import dev.kimi.event.CallEvent;
import dev.kimi.test.FakeCall;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tag;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class PrometheusTextTest {

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final Calls calls = new Calls(MicrometerCallListener.meters(registry));

    @Test
    void a_call_appears_under_the_exact_name_with_the_exact_bounds() {
        calls.responded("chat", 200, Duration.ofMillis(50));
        calls.responded("chat", 200, Duration.ofMillis(1001));

        assertThat(linesOf("claude_request_duration"))
                .containsExactly(
                        "claude_request_duration_bucket{method=\"chat\",status_code=\"200\",le=\"50.0\"} 1",
                        "claude_request_duration_bucket{method=\"chat\",status_code=\"200\",le=\"100.0\"} 1",
                        "claude_request_duration_bucket{method=\"chat\",status_code=\"200\",le=\"250.0\"} 1",
                        "claude_request_duration_bucket{method=\"chat\",status_code=\"200\",le=\"500.0\"} 1",
                        "claude_request_duration_bucket{method=\"chat\",status_code=\"200\",le=\"1000.0\"} 1",
                        "claude_request_duration_bucket{method=\"chat\",status_code=\"200\",le=\"+Inf\"} 2",
                        "claude_request_duration_count{method=\"chat\",status_code=\"200\"} 2",
                        "claude_request_duration_sum{method=\"chat\",status_code=\"200\"} 1051.0",
                        "claude_request_duration_max{method=\"chat\",status_code=\"200\"} 1001.0");
        assertThat(registry.scrape()).contains("# TYPE claude_request_duration histogram");
    }

    @Test
    void the_same_call_appears_in_seconds_by_the_conventions() {
        calls.responded("stream", 200, Duration.ofMillis(400));

        assertThat(linesOf("kimi_client_request_seconds"))
                .contains(
                        "kimi_client_request_seconds_bucket{client=\"default\",endpoint=\"default\",error_type=\"none\",model=\"kimi-k3\","
                                + "operation=\"stream\",outcome=\"success\",status=\"200\",le=\"0.25\"} 0",
                        "kimi_client_request_seconds_bucket{client=\"default\",endpoint=\"default\",error_type=\"none\",model=\"kimi-k3\","
                                + "operation=\"stream\",outcome=\"success\",status=\"200\",le=\"0.5\"} 1",
                        "kimi_client_request_seconds_sum{client=\"default\",endpoint=\"default\",error_type=\"none\",model=\"kimi-k3\","
                                + "operation=\"stream\",outcome=\"success\",status=\"200\"} 0.4");
    }

    @Test
    void a_call_without_a_status_has_a_name_for_it() {
        Duration time = Duration.ofMillis(7);
        calls.cancelled("chat", time, FailuresOfEachKind.cancelled());
        calls.failed("chat", time, FailuresOfEachKind.timeout(Phase.HEADERS));
        calls.failed("chat", time, FailuresOfEachKind.io());
        calls.failed("chat", time, FailuresOfEachKind.rejected(Reason.QUEUE_FULL));
        calls.failed("chat", time, FailuresOfEachKind.authentication());
        calls.failed("chat", time, FailuresOfEachKind.server(503));

        assertThat(linesOf("claude_request_duration_count"))
                .containsExactlyInAnyOrder(Stream.of(
                                "cancelled", "timeout", "io_error", "rejected", "credentials", "503")
                        .map(word -> "claude_request_duration_count{method=\"chat\",status_code=\"" + word + "\"} 1")
                        .toArray(String[]::new));
        assertThat(linesOf("kimi_client_request_seconds_count"))
                .anyMatch(line -> line.contains("error_type=\"timeout_headers\"")
                        && line.contains("outcome=\"failure\"")
                        && line.contains("status=\"timeout\""))
                .anyMatch(line -> line.contains("error_type=\"cancelled\"") && line.contains("outcome=\"cancelled\""));
    }

    @Test
    void retries_are_counted_by_what_made_them_necessary() {
        FakeCall call = calls.start("chat");
        Calls.retry(call, FailuresOfEachKind.server(503));
        Calls.retry(call, FailuresOfEachKind.io());
        call.attempt().pass(Duration.ofMillis(5)).failed(FailuresOfEachKind.authentication());
        call.attempt().pass(Duration.ofMillis(5)).responded(200).succeed();

        assertThat(linesOf("kimi_client_retries_total"))
                .containsExactlyInAnyOrder(
                        "kimi_client_retries_total{client=\"default\",operation=\"chat\",reason=\"server\"} 1.0",
                        "kimi_client_retries_total{client=\"default\",operation=\"chat\",reason=\"transport\"} 1.0",
                        "kimi_client_retries_total{client=\"default\",operation=\"chat\",reason=\"authentication\"}"
                                + " 1.0");
        assertThat(linesOf("claude_request_duration_count"))
                .containsExactly("claude_request_duration_count{method=\"chat\",status_code=\"200\"} 1");
        assertThat(linesOf("kimi_client_attempt_seconds_count")).hasSize(4);
    }

    @Test
    void a_retry_that_was_planned_but_never_sent_is_not_counted() {
        FakeCall call = calls.start("chat");
        Calls.retry(call, FailuresOfEachKind.server(503));
        call.cancel(FailuresOfEachKind.cancelled());

        assertThat(linesOf("kimi_client_retries_total")).isEmpty();
    }

    @Test
    void tokens_are_counted_when_the_service_reported_them() {
        calls.responded("chat", 200, Duration.ofMillis(5));
        calls.responded("stream", 200, Duration.ofMillis(5));
        calls.failed("chat", Duration.ofMillis(5), FailuresOfEachKind.server(500));

        assertThat(linesOf("kimi_client_tokens_total"))
                .containsExactlyInAnyOrder(
                        "kimi_client_tokens_total{client=\"default\",endpoint=\"default\",model=\"kimi-k3\",type=\"prompt\"} 24.0",
                        "kimi_client_tokens_total{client=\"default\",endpoint=\"default\",model=\"kimi-k3\",type=\"completion\"} 68.0");
    }

    @Test
    void the_first_event_of_a_stream_has_its_own_latency() {
        FakeCall call = calls.start("stream");
        call.attempt().pass(Duration.ofMillis(90)).firstEvent();

        assertThat(linesOf("kimi_client_first_event_seconds"))
                .contains(
                        "kimi_client_first_event_seconds_bucket{client=\"default\",model=\"kimi-k3\",le=\"0.05\"} 0",
                        "kimi_client_first_event_seconds_bucket{client=\"default\",model=\"kimi-k3\",le=\"0.1\"} 1");
    }

    @Test
    void calls_are_in_flight_until_they_end_in_any_way() {
        FakeCall one = calls.start("default", "chat", "kimi-k3");
        calls.start("default", "chat", "kimi-k2");
        calls.start("default", "models", null);

        assertThat(linesOf("kimi_client_in_flight"))
                .containsExactlyInAnyOrder(
                        "kimi_client_in_flight{client=\"default\",operation=\"chat\"} 2.0",
                        "kimi_client_in_flight{client=\"default\",operation=\"models\"} 1.0");

        one.attempt().responded(200).succeed();
        assertThat(linesOf("kimi_client_in_flight"))
                .contains("kimi_client_in_flight{client=\"default\",operation=\"chat\"} 1.0");
    }

    @Test
    void what_is_recorded_is_what_is_documented() {
        FakeCall call = calls.start("stream");
        Calls.retry(call, FailuresOfEachKind.server(503));
        call.attempt()
                .failed(FailuresOfEachKind.server(503))
                .rerouted("default", "claude", CallEvent.Rerouted.Reason.FAILURE);
        call.hedged("default", "claude", Duration.ofMillis(50), "claude");
        call.attempt().pass(Duration.ofMillis(90)).firstEvent().responded(200).succeed();
        new ConnectionPoolMetrics(registry)
                .add(new StillClient("default")
                        .circuits(new Diagnostics.Circuit("claude", "c", Diagnostics.Circuit.State.OPEN)));

        Map<String, KimiMeter> documented =
                Arrays.stream(KimiMeter.values()).collect(Collectors.toMap(KimiMeter::getName, meter -> meter));
        assertThat(registry.getMeters()).isNotEmpty().allSatisfy(meter -> {
            KimiMeter documentation = documented.get(meter.getId().getName());
            assertThat(documentation).as(meter.getId().toString()).isNotNull();
            assertThat(meter.getId().getType()).isEqualTo(documentation.getType());
            assertThat(keys(meter))
                    .containsExactlyInAnyOrder(Arrays.stream(documentation.getKeyNames())
                            .map(key -> key.asString())
                            .toArray(String[]::new));
        });
        assertThat(registry.getMeters().stream().map(meter -> meter.getId().getName()))
                .containsAll(documented.keySet());
    }

    private static List<String> keys(Meter meter) {
        return meter.getId().getTags().stream().map(Tag::getKey).toList();
    }

    private List<String> linesOf(String name) {
        return registry.scrape()
                .lines()
                .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(name))
                .toList();
    }
}
