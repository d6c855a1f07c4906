package dev.kimi.gateway.key;

import static dev.kimi.gateway.key.KeyFixture.budgets;
import static dev.kimi.gateway.key.KeyFixture.chat;
import static dev.kimi.gateway.key.KeyFixture.chatOf;
import static dev.kimi.gateway.key.KeyFixture.key;
import static dev.kimi.gateway.key.KeyFixture.meter;
import static dev.kimi.gateway.key.KeyFixture.places;
import static dev.kimi.gateway.key.KeyFixture.rejection;
import static dev.kimi.gateway.key.KeyFixture.requests;
import static dev.kimi.gateway.key.KeyFixture.settle;
import static dev.kimi.gateway.key.KeyFixture.tokens;
import static dev.kimi.gateway.key.KeyFixture.usage;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.kimi.chat.Usage;
import dev.kimi.gateway.dialect.GatewayError;
import dev.kimi.gateway.dialect.GatewayError.Kind;
import dev.kimi.gateway.dialect.GatewayException;
import dev.kimi.gateway.key.VirtualKey.Limits;
import dev.kimi.gateway.key.VirtualKey.Terms;
import dev.kimi.service.ModelCard;
import dev.kimi.service.ModelCard.Fact;
import dev.kimi.time.VirtualTime;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class KeyMeterTest {

    private final VirtualTime time = new VirtualTime(KeyFixture.START);

    @Test
    void a_request_above_the_rate_gets_the_time_at_which_it_fits() {
        KeyMeter meter = meter(time, requests(2));
        meter.admit(chat(1, 1));
        meter.admit(chat(1, 1));

        GatewayError rejected = rejection(meter, chat(1, 1));

        assertThat(rejected.kind()).isEqualTo(Kind.RATE_LIMIT);
        assertThat(rejected.status()).isEqualTo(429);
        assertThat(rejected.retryAfter()).isEqualTo(Duration.ofSeconds(30));
        assertThat(rejected.shouldRetry()).isNull();
        assertThat(rejected.message()).contains("'build'", "2 requests a minute");
        time.advance(Duration.ofSeconds(30).minusNanos(1));
        assertThat(rejection(meter, chat(1, 1)).retryAfter()).isEqualTo(Duration.ofNanos(1));
        time.advance(Duration.ofNanos(1));
        assertThatCode(() -> meter.admit(chat(1, 1))).doesNotThrowAnyException();
    }

    @Test
    void tokens_are_reserved_as_input_and_output_cap_and_settled_by_usage() {
        KeyMeter meter = meter(time, tokens(1000));
        Admission first = meter.admit(chat(300, 500));

        assertThat(rejection(meter, chat(200, 1)).retryAfter()).isNotNull();
        first.settle(usage(250, 50), null, true);

        meter.admit(chat(699, 1));
        assertThat(rejection(meter, chat(1, 1)).message()).contains("1000 tokens a minute");
    }

    @Test
    void the_hint_of_a_token_limit_is_when_all_of_the_request_fits() {
        KeyMeter meter = meter(time, tokens(600));
        meter.admit(chat(500, 100));

        GatewayError rejected = rejection(meter, chat(100, 50));

        assertThat(rejected.retryAfter()).isEqualTo(Duration.ofSeconds(15));
        time.advance(Duration.ofSeconds(15));
        meter.admit(chat(100, 50));
    }

    @Test
    void more_usage_than_was_reserved_is_paid_for_by_what_comes_after() {
        KeyMeter meter = meter(time, tokens(600));
        Admission admission = meter.admit(chat(10, 10));
        time.advance(Duration.ofMinutes(5));

        admission.settle(usage(10, 1210), null, true);

        assertThat(rejection(meter, chat(600, 1)).retryAfter()).isEqualTo(Duration.ofSeconds(120));
    }

    @Test
    void a_cap_above_the_limit_reserves_what_the_limit_leaves() {
        KeyMeter meter = meter(time, tokens(1000));

        Admission admission = meter.admit(chat(10, 32_000));

        assertThat(rejection(meter, chat(1, 1)).kind()).isEqualTo(Kind.RATE_LIMIT);
        admission.settle(usage(10, 90), null, true);
        meter.admit(chat(899, 1));
    }

    @Test
    void a_request_that_can_never_fit_is_final() {
        GatewayError rejected = rejection(meter(time, tokens(1000)), chat(1001, 1));

        assertThat(rejected.status()).isEqualTo(400);
        assertThat(rejected.kind()).isEqualTo(Kind.INVALID_REQUEST);
        assertThat(rejected.shouldRetry()).isFalse();
        assertThat(rejected.retryAfter()).isNull();
        assertThat(rejected.message()).contains("1001", "1000");
    }

    @Test
    void a_rejected_call_has_taken_nothing() {
        KeyMeter meter = meter(time, new Limits(2, 100, 2, 1, new BigDecimal("1"), null));
        meter.admit(new AdmissionRequest("cheap", 50, 10, "one", List.of(KeyFixture.CHEAP)));
        KeyUsage before = meter.usage();

        assertThat(rejection(meter, chat(90, 10)).message()).contains("tokens a minute");
        assertThat(rejection(meter, chatOf("one")).message()).contains("conversation");

        assertThat(meter.usage()).isEqualTo(before);
        meter.admit(new AdmissionRequest("cheap", 30, 10, "two", List.of(KeyFixture.CHEAP)));
        assertThat(meter.usage().inFlight()).isEqualTo(2);
    }

    @Test
    void places_are_limited_for_the_key_and_for_a_conversation() {
        KeyMeter meter = meter(time, places(3, 2));
        Admission first = meter.admit(chatOf("one"));
        meter.admit(chatOf("one"));

        assertThat(rejection(meter, chatOf("one")).message()).contains("conversation has 2 calls in flight");
        meter.admit(chatOf("two"));
        GatewayError full = rejection(meter, chatOf("two"));

        assertThat(full.message()).contains("3 calls in flight");
        assertThat(full.status()).isEqualTo(429);
        assertThat(full.retryAfter()).isEqualTo(Duration.ofSeconds(1));
        first.settle(Usage.NONE, null, false);
        meter.admit(chatOf("one"));
    }

    @Test
    void settling_twice_counts_once() {
        KeyMeter meter = meter(time, new Limits(0, 1000, 2, 1, new BigDecimal("1"), null));
        meter.admit(chat(100, 100));
        Admission admission = meter.admit(new AdmissionRequest("cheap", 100, 100, "one", List.of(KeyFixture.CHEAP)));

        settle(admission, "0.25");
        settle(admission, "0.25");
        admission.settle(Usage.NONE, null, false);

        assertThat(meter.usage().inFlight()).isEqualTo(1);
        assertThat(meter.usage().spentToday()).isEqualByComparingTo("0.25");
        assertThat(meter.usage().reserved()).isEqualByComparingTo("0.0011");
    }

    @Test
    void a_call_that_reached_no_service_costs_a_request_and_nothing_else() {
        KeyMeter meter = meter(time, new Limits(1, 1000, 1, 0, new BigDecimal("1"), null));

        meter.admit(chat(1000, 0)).settle(Usage.NONE, null, false);

        assertThat(meter.usage()).isEqualTo(KeyUsage.NONE);
        assertThat(rejection(meter, chat(1000, 0)).message()).contains("1 requests a minute");
        time.advance(Duration.ofMinutes(1));
        meter.admit(chat(1000, 0));
    }

    @Test
    void a_call_of_unknown_use_costs_what_was_reserved_if_it_reached_a_service() {
        KeyMeter meter = meter(time, new Limits(0, 1000, 0, 0, new BigDecimal("1"), null));

        meter.admit(chat(500, 100)).settle(Usage.NONE, null, true);

        assertThat(meter.usage().spentToday()).isEqualByComparingTo("0.0015");
        assertThat(meter.usage().reserved()).isEqualByComparingTo("0");
        assertThat(rejection(meter, chat(400, 1)).kind()).isEqualTo(Kind.RATE_LIMIT);
    }

    @Test
    void a_stream_that_broke_off_costs_the_estimate_of_its_input_beside_what_was_written() {
        KeyMeter meter = meter(time, new Limits(0, 1000, 0, 0, new BigDecimal("1"), null));

        meter.admit(chat(400, 500)).settle(usage(0, 30), null, true);

        assertThat(meter.usage().spentToday()).isEqualByComparingTo("0.0007");
        meter.admit(chat(569, 1)).settle(Usage.NONE, null, false);
        assertThat(rejection(meter, chat(570, 1)).kind()).isEqualTo(Kind.RATE_LIMIT);
    }

    @Test
    void amounts_print_as_people_write_them() {
        KeyMeter meter = meter(time, Limits.NONE);
        settle(meter.admit(chat(1, 1)), "100");
        assertThat(meter.usage().spentToday()).hasToString("100");
        settle(meter.admit(chat(1, 1)), "0.0000015");

        assertThat(meter.usage().spentToday()).hasToString("100.0000015");
        assertThat(meter.usage().reserved()).hasToString("0");
    }

    @Test
    void a_day_that_is_spent_says_so_for_good_and_resets() {
        KeyMeter meter = meter(time, budgets("1.50", "100"));
        settle(meter.admit(chat(1, 1)), "1.5");

        GatewayError spent = rejection(meter, chat(1, 1));

        assertThat(spent.kind()).isEqualTo(Kind.BUDGET);
        assertThat(spent.status()).isEqualTo(429);
        assertThat(spent.shouldRetry()).isFalse();
        assertThat(spent.retryAfter()).isNull();
        assertThat(spent.message()).contains("1.5 US dollars a day", "resets at 2026-11-28T00:00:00Z");
        time.advance(Duration.ofHours(2).minusNanos(1));
        assertThat(rejection(meter, chat(1, 1)).kind()).isEqualTo(Kind.BUDGET);
        time.advance(Duration.ofNanos(1));
        meter.admit(chat(1, 1));
        assertThat(meter.usage().spentToday()).isEqualByComparingTo("0");
        assertThat(meter.usage().spentThisMonth()).isEqualByComparingTo("1.5");
    }

    @Test
    void a_month_that_is_spent_resets_on_its_first_day() {
        KeyMeter meter = meter(time, budgets(null, "2"));
        settle(meter.admit(chat(1, 1)), "2");

        time.advance(Duration.ofDays(2));
        assertThat(rejection(meter, chat(1, 1)).message())
                .contains("2 US dollars a month", "resets at 2026-12-01T00:00:00Z");

        time.advance(Duration.ofDays(2));
        meter.admit(chat(1, 1));
    }

    @Test
    void parallel_calls_go_over_a_budget_by_one_worst_case_at_most() {
        KeyMeter meter = meter(time, budgets("0.01", null));
        // 0.004 dollars each
        Admission first = meter.admit(chat(1000, 300));
        meter.admit(chat(1000, 300));
        meter.admit(chat(1000, 300));

        GatewayError held = rejection(meter, chat(1, 1));

        assertThat(held.kind()).isEqualTo(Kind.RATE_LIMIT);
        assertThat(held.retryAfter()).isNotNull();
        assertThat(held.message()).contains("Calls in flight", "0.01 US dollars a day");
        settle(first, "0.0001");
        meter.admit(chat(1, 1));
    }

    @Test
    void a_call_without_a_model_needs_no_money_and_no_tokens() {
        KeyMeter meter = meter(time, new Limits(1, 1, 0, 0, new BigDecimal("0"), null));

        meter.admit(AdmissionRequest.of(null)).settle(Usage.NONE, null, true);

        assertThat(meter.usage()).isEqualTo(KeyUsage.NONE);
        assertThat(rejection(meter, AdmissionRequest.of(null)).message()).contains("requests");
    }

    @Test
    void a_model_without_prices_is_counted_at_the_fallback_prices() {
        KeyMeter meter = meter(time, budgets("1", null));
        AdmissionRequest unpriced = new AdmissionRequest(
                "new-model",
                1000,
                100,
                null,
                List.of(ModelCard.builder("new-model").build()));

        Admission admission = meter.admit(unpriced);
        assertThat(meter.usage().reserved()).isEqualByComparingTo("0.2");
        admission.settle(usage(1000, 10), null, true);

        assertThat(meter.usage().spentToday()).isEqualByComparingTo("0.11");
    }

    @Test
    void a_model_without_prices_is_logged_once_with_what_to_set() {
        try (LogLines lines = new LogLines("dev.kimi.gateway.keys")) {
            KeyMeter meter = meter(time, Limits.NONE);
            AdmissionRequest unpriced = new AdmissionRequest(
                    "client-name",
                    1,
                    1,
                    null,
                    List.of(ModelCard.builder("new-model").build()));
            meter.admit(unpriced);
            meter.admit(unpriced);
            meter.admit(chat(1, 1));

            assertThat(lines.all())
                    .singleElement()
                    .asString()
                    .contains("new-model", "100 US dollars read and 1000 written", "kimi.model-cards");
        }
    }

    @Test
    void the_dearest_of_the_models_that_a_call_may_go_to_is_reserved() {
        KeyMeter meter = meter(time, budgets("100", null));
        ModelCard dear =
                KeyFixture.CHEAP.toBuilder().fact(Fact.PRICE_OUTPUT, "20").build();

        meter.admit(new AdmissionRequest("cheap", 0, 1000, null, List.of(KeyFixture.CHEAP, dear)));

        assertThat(meter.usage().reserved()).isEqualByComparingTo("0.02");
    }

    @Test
    void an_absurd_cap_does_not_get_past_a_budget() {
        KeyMeter meter = meter(time, budgets("1", null));

        for (int i = 0; i < 5; i++) {
            try {
                meter.admit(chat(Long.MAX_VALUE / 2, Long.MAX_VALUE));
            } catch (GatewayException held) {
                assertThat(held.error().kind()).isEqualTo(Kind.RATE_LIMIT);
            }
        }

        assertThat(meter.usage().reserved()).isEqualByComparingTo("1000000");
        assertThat(meter.usage().inFlight()).isEqualTo(1);
    }

    @Test
    void a_key_that_is_revoked_while_its_call_runs_is_settled_and_admits_no_other() {
        KeyMeter meter = meter(time, budgets("1", null));
        Admission running = meter.admit(chat(1, 1));
        VirtualKey key = meter.key();

        meter.change(new VirtualKey(key.id(), key.terms(), List.of(), key.created(), Instant.EPOCH));

        assertThat(rejection(meter, chat(1, 1)).status()).isEqualTo(401);
        settle(running, "0.5");
        assertThat(meter.usage().inFlight()).isZero();
        assertThat(meter.usage().spentToday()).isEqualByComparingTo("0.5");
    }

    @Test
    void calls_in_flight_count_against_changed_limits() {
        KeyMeter meter = meter(time, new Limits(0, 1000, 5, 0, null, null));
        Admission running = meter.admit(chat(400, 100));

        meter.change(key("build", new Limits(0, 2000, 1, 0, null, null)));

        assertThat(rejection(meter, chat(1, 1)).message()).contains("1 calls in flight");
        running.settle(usage(400, 0), null, true);
        assertThat(rejection(meter, chat(1600, 1)).retryAfter()).isNotNull();
        meter.admit(chat(1599, 1));
    }

    @Test
    void a_limit_that_is_new_gives_nothing_back_that_was_not_booked() {
        KeyMeter meter = meter(time, Limits.NONE);
        Admission running = meter.admit(chat(900, 100));
        meter.change(key("build", tokens(1000)));
        meter.admit(chat(1000, 0));

        running.settle(Usage.NONE, null, false);

        assertThat(rejection(meter, chat(1, 0)).kind()).isEqualTo(Kind.RATE_LIMIT);
    }

    @Test
    void a_model_beside_the_patterns_is_forbidden() {
        Terms terms = new Terms("build", List.of("claude-*", "kimi-k3"), Limits.NONE, true, null, null);
        KeyMeter meter =
                new KeyMeter(new VirtualKey("id", terms, List.of(), KeyFixture.START, null), KeyFixture.settings(time));

        GatewayError rejected = rejection(meter, new AdmissionRequest("gpt-9", 1, 1, null, List.of(KeyFixture.CHEAP)));

        assertThat(rejected.status()).isEqualTo(403);
        assertThat(rejected.kind()).isEqualTo(Kind.PERMISSION);
        assertThat(rejected.message()).contains("gpt-9", "claude-*, kimi-k3");
        assertThat(meter.mayUse("claude-sonnet-5-5")).isTrue();
    }
}
