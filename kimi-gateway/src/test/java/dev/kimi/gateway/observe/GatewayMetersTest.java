package dev.kimi.gateway.observe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.chat.ChatResponse;
import dev.kimi.gateway.call.GatewayCall;
import dev.kimi.gateway.call.GatewayCall.Outcome;
import dev.kimi.gateway.dialect.GatewayError;
import dev.kimi.gateway.dialect.InboundChat;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tag;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.List;
import org.junit.jupiter.api.Test;

class GatewayMetersTest {

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final GatewayMeters meters = new GatewayMeters(registry, endpoint -> "moonshot_ai");

    @Test
    void a_stream_is_timed_by_the_names_of_opentelemetry() {
        ended(stream("m", Outcome.OK));

        String of = "{endpoint=\"kimi\",%sgen_ai_operation_name=\"chat\",gen_ai_provider_name=\"moonshot_ai\","
                + "gen_ai_request_model=\"kimi-k3\"}";
        assertThat(registry.scrape())
                .contains(
                        "gen_ai_server_request_duration_seconds_sum" + of.formatted("error_type=\"none\",") + " 0.6\n")
                .contains("gen_ai_server_time_to_first_token_seconds_sum" + of.formatted("") + " 0.1\n")
                .contains("gen_ai_server_time_per_output_token_seconds_sum" + of.formatted("") + " 0.05\n");
    }

    @Test
    void tokens_cost_and_drops_are_counted_by_key_and_name() {
        ended(stream("m", Outcome.OK));

        assertThat(registry.scrape())
                .contains("kimi_gateway_tokens_total{key=\"team-a\",model=\"kimi-k3\",type=\"input\"} 100.0")
                .contains("kimi_gateway_tokens_total{key=\"team-a\",model=\"kimi-k3\",type=\"cache_read\"} 60.0")
                .contains("kimi_gateway_tokens_total{key=\"team-a\",model=\"kimi-k3\",type=\"output\"} 11.0")
                .contains("kimi_gateway_cost_usd_total{key=\"team-a\",model=\"kimi-k3\"} 2.5E-4")
                .contains("kimi_gateway_drops_total{kind=\"dropped\",name=\"context_management\"} 1.0")
                .contains(
                        "kimi_gateway_requests_total{operation=\"chat\",outcome=\"ok\",protocol=\"anthropic\",status=\"200\"} 1.0");
    }

    @Test
    void a_429_is_counted_by_whose_it_is() {
        ended(rejected(429, GatewayError.Kind.RATE_LIMIT));
        ended(rejected(429, GatewayError.Kind.BUDGET));
        ended(new EndedCall("m", false, "kimi", 429, Outcome.FAILED, null, List.of()));

        assertThat(registry.scrape())
                .contains("kimi_gateway_rejections_total{reason=\"rate_limit\"} 1.0")
                .contains("kimi_gateway_rejections_total{reason=\"budget\"} 1.0")
                .contains("kimi_gateway_rejections_total{reason=\"service_429\"} 1.0");
    }

    @Test
    void calls_and_streams_are_counted_while_they_last() {
        GatewayCall call = stream("m", Outcome.CANCELLED);
        meters.started(call);
        meters.started(rejected(401, GatewayError.Kind.AUTHENTICATION));
        meters.admitted(call);
        assertThat(registry.scrape()).contains("kimi_gateway_calls 2.0").contains("kimi_gateway_streams 1.0");

        meters.ended(call);
        meters.ended(rejected(401, GatewayError.Kind.AUTHENTICATION));
        assertThat(registry.scrape()).contains("kimi_gateway_calls 0.0").contains("kimi_gateway_streams 0.0");
    }

    @Test
    void what_clients_write_makes_no_series() {
        for (int i = 0; i < 500; i++) {
            ended(new EndedCall("made-up-" + i, false, "kimi", 404, Outcome.FAILED, null, List.of()));
            ended(new EndedCall("made-up-" + i, false, "kimi", 200, Outcome.OK, null, List.of()));
        }

        assertThat(registry.getMeters())
                .flatExtracting(meter -> meter.getId().getTags())
                .extracting(Tag::getValue)
                .noneMatch(value -> value.contains("made-up"));
    }

    @Test
    void names_beyond_the_bound_are_other() {
        FirstNames names = new FirstNames(2);
        assertThat(List.of(names.of("a"), names.of("b"), names.of("c"), names.of("a")))
                .containsExactly("a", "b", "other", "a");
    }

    @Test
    void every_meter_is_described() {
        ended(stream("m", Outcome.OK));

        assertThat(registry.getMeters()).extracting(Meter::getId).allMatch(id -> id.getDescription() != null);
    }

    private void ended(GatewayCall call) {
        meters.started(call);
        if (call.admittedNanos() != 0) {
            meters.admitted(call);
        }
        meters.ended(call);
    }

    private static GatewayCall rejected(int status, GatewayError.Kind kind) {
        return new EndedCall(null, false, null, status, Outcome.REJECTED, kind, List.of());
    }

    private static GatewayCall stream(String model, Outcome outcome) {
        return new EndedCall(
                model,
                true,
                "kimi",
                200,
                outcome,
                null,
                List.of(new ChatResponse.Note(InboundChat.DROPPED, "context_management")));
    }
}
