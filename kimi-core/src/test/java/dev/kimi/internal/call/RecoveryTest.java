package dev.kimi.internal.call;

import static dev.kimi.internal.call.EngineFixture.failureOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.ChatStream;
import dev.kimi.error.InvalidRequestException;
import dev.kimi.error.KimiException;
import dev.kimi.error.RateLimitException;
import dev.kimi.error.RejectedException;
import dev.kimi.error.ServerException;
import dev.kimi.error.TransportException;
import dev.kimi.event.CallObserver;
import dev.kimi.internal.governor.RetryBudget;
import dev.kimi.transport.TransportFailure.Kind;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What follows a failed attempt: another one, with what and when, or the end. */
class RecoveryTest {

    private final EngineFixture fixture = new EngineFixture();

    @Test
    void a_server_error_is_retried_after_a_back_off_and_then_succeeds() {
        Engine engine = fixture.engine();
        CompletableFuture<ChatResponse> call = fixture.chat(engine);

        fixture.transport.last().answer(503, "");
        assertThat(fixture.transport.count()).isEqualTo(1);
        fixture.time.advance(Duration.ofMillis(49));
        assertThat(fixture.transport.count()).isEqualTo(1);
        fixture.time.advance(Duration.ofMillis(1));
        assertThat(fixture.transport.count()).isEqualTo(2);
        fixture.transport.last().answer(200, "sky");

        assertThat(call.join().text()).isEqualTo("sky");
        fixture.assertNothingIsLeft(engine);
    }

    @Test
    void the_last_failure_is_reported_with_the_number_of_attempts_and_the_time_they_took() {
        Engine engine = fixture.engine();
        CompletableFuture<ChatResponse> call = fixture.chat(engine);

        fixture.transport.last().answer(503, "");
        fixture.time.advance(Duration.ofMillis(50));
        fixture.transport.last().answer(503, "");
        fixture.time.advance(Duration.ofMillis(100));
        fixture.transport.last().answer(500, "");

        KimiException failure = failureOf(call);
        assertThat(failure).isInstanceOf(ServerException.class);
        assertThat(failure.status()).isEqualTo(500);
        assertThat(failure.attempts()).isEqualTo(3);
        assertThat(failure.elapsed()).isBetween(Duration.ofMillis(149), Duration.ofMillis(150));
        fixture.assertNothingIsLeft(engine);
    }

    @Test
    void a_hint_of_the_service_is_waited_for_and_never_cut_short() {
        Engine engine = fixture.engine();
        fixture.chat(engine);

        fixture.transport.last().answer(429, "", "retry-after", "20");
        fixture.time.advance(Duration.ofSeconds(20).minusNanos(1));
        assertThat(fixture.transport.count()).isEqualTo(1);
        fixture.time.advance(Duration.ofSeconds(5));
        assertThat(fixture.transport.count()).isEqualTo(2);
    }

    @Test
    void a_hint_beyond_the_ceiling_fails_at_once_and_says_when_to_come_back() {
        Engine engine = fixture.engine();
        CompletableFuture<ChatResponse> call = fixture.chat(engine);

        fixture.transport.last().answer(429, "", "retry-after", "3600");

        KimiException failure = failureOf(call);
        assertThat(failure).isInstanceOf(RateLimitException.class);
        assertThat(failure.retryAt()).isEqualTo(fixture.time.now().plusSeconds(3600));
        assertThat(fixture.transport.count()).isEqualTo(1);
        fixture.assertNothingIsLeft(engine);
    }

    @Test
    void a_retry_that_cannot_begin_before_the_deadline_fails_now_with_its_cause() {
        Engine engine = fixture.engine();
        CompletableFuture<ChatResponse> call = fixture.chat(engine, Duration.ofSeconds(10));

        fixture.transport.last().answer(429, "", "retry-after", "10");

        assertThat(failureOf(call)).isInstanceOf(RateLimitException.class);
        fixture.assertNothingIsLeft(engine);
    }

    @Test
    void what_is_left_until_the_deadline_counts_and_not_all_of_it() {
        Engine engine = fixture.engine();
        CompletableFuture<ChatResponse> call = fixture.chat(engine, Duration.ofSeconds(10));
        fixture.time.advance(Duration.ofSeconds(8));

        fixture.transport.last().answer(429, "", "retry-after", "2");

        assertThat(failureOf(call)).isInstanceOf(RateLimitException.class);
        fixture.assertNothingIsLeft(engine);
    }

    @Test
    void a_bad_request_is_not_retried() {
        Engine engine = fixture.engine();
        CompletableFuture<ChatResponse> call = fixture.chat(engine);

        fixture.transport.last().answer(400, "");

        assertThat(failureOf(call)).isInstanceOf(InvalidRequestException.class);
        assertThat(fixture.transport.count()).isEqualTo(1);
    }

    @Test
    void a_request_that_is_known_to_be_rejected_is_not_sent() {
        Engine engine = fixture.engine();

        CompletableFuture<ChatResponse> call = engine.chat(ChatRequest.of("refused"), CallObserver.NONE, Runnable::run);

        assertThat(failureOf(call)).isInstanceOf(InvalidRequestException.class);
        assertThatThrownBy(() -> engine.stream(ChatRequest.of("refused"))).isInstanceOf(InvalidRequestException.class);
        assertThat(fixture.transport.count()).isZero();
        fixture.assertNothingIsLeft(engine);
    }

    @Test
    void a_request_that_may_have_been_worked_on_is_not_sent_again() {
        Engine engine = fixture.engine();
        CompletableFuture<ChatResponse> call = fixture.chat(engine);

        fixture.transport.last().fail(Kind.RESET, false);

        assertThat(failureOf(call))
                .isInstanceOfSatisfying(
                        TransportException.class,
                        e -> assertThat(e.unprocessed()).isFalse())
                .hasMessageContaining("broke before the response");
        assertThat(fixture.transport.count()).isEqualTo(1);
    }

    @Test
    void a_request_that_cannot_have_been_worked_on_is_sent_again() {
        Engine engine = fixture.engine();
        CompletableFuture<ChatResponse> call = fixture.chat(engine);

        fixture.transport.last().fail(Kind.CONNECT, true);
        assertThat(fixture.transport.count()).as("not at once").isEqualTo(1);
        assertThat(fixture.governor().budget().available()).isEqualTo(500 - RetryBudget.TRANSIENT_COST);
        fixture.time.advance(Duration.ofMillis(50));
        fixture.transport.last().answer(200, "sky");

        assertThat(call.join().text()).isEqualTo("sky");
        assertThat(fixture.governor().budget().available()).isEqualTo(500);
    }

    @Test
    void a_stale_pooled_connection_is_replaced_at_once_and_free_of_charge_but_not_for_ever() {
        Engine engine = fixture.engine();
        CompletableFuture<ChatResponse> call = fixture.chat(engine);

        for (int free = 1; free <= 3; free++) {
            fixture.transport.last().fail(Kind.STALE_CONNECTION, true);
            assertThat(fixture.transport.count()).isEqualTo(free + 1);
        }
        assertThat(fixture.governor().budget().available()).isEqualTo(500);

        fixture.transport.last().fail(Kind.STALE_CONNECTION, true);
        assertThat(fixture.transport.count()).isEqualTo(4);
        assertThat(fixture.governor().budget().available()).isEqualTo(500 - RetryBudget.TRANSIENT_COST);
        fixture.time.advance(Duration.ofMillis(50));
        fixture.transport.last().answer(200, "sky");
        assertThat(call.join().text()).isEqualTo("sky");
        fixture.assertNothingIsLeft(engine);
    }

    @Test
    void a_body_that_ends_within_the_response_is_no_response() {
        Engine engine = fixture.engine();
        CompletableFuture<ChatResponse> call = fixture.chat(engine);

        fixture.transport.last().headers(200).body("half an ans").fail(Kind.RESET, false);

        assertThat(failureOf(call)).isInstanceOf(TransportException.class);
    }

    @Test
    void a_retry_policy_that_throws_stops_the_retries_and_not_the_engine() {
        fixture.retryPolicy = attempt -> {
            throw new IllegalStateException("broken policy");
        };
        Engine engine = fixture.engine();
        CompletableFuture<ChatResponse> call = fixture.chat(engine);

        fixture.transport.last().answer(503, "");

        assertThat(failureOf(call)).isInstanceOf(ServerException.class);
        fixture.assertNothingIsLeft(engine);
    }

    @Test
    void once_the_retry_budget_is_exhausted_failures_are_reported_at_once() {
        Engine engine = fixture.engine();
        int calls = 0;
        while (fixture.governor().budget().available() >= RetryBudget.TRANSIENT_COST) {
            CompletableFuture<ChatResponse> call = fixture.chat(engine);
            for (int attempt = 0; attempt < 3 && !call.isDone(); attempt++) {
                fixture.transport.last().answer(503, "");
                fixture.time.advance(Duration.ofSeconds(1));
            }
            assertThat(call).isDone();
            calls++;
        }

        CompletableFuture<ChatResponse> call = fixture.chat(engine);
        fixture.transport.last().answer(503, "");

        KimiException failure = failureOf(call);
        assertThat(failure).isInstanceOfSatisfying(RejectedException.class, e -> {
            assertThat(e.reason()).isEqualTo(RejectedException.Reason.RETRY_BUDGET_EXHAUSTED);
            assertThat(e.getCause()).isInstanceOf(ServerException.class);
            assertThat(e.status()).isEqualTo(503);
        });
        assertThat(fixture.transport.count()).isEqualTo(calls + 500 / RetryBudget.TRANSIENT_COST + 1);
    }

    @Test
    void an_attempt_that_failed_within_its_response_is_drained_for_a_second_and_then_let_go_of() {
        Engine engine = fixture.engine();
        ChatStream stream = fixture.stream(engine);
        ScriptedTransport.Sent refused = fixture.transport.last().headers(200).body("!\n");
        assertThat(refused.demand()).as("its last bytes may come").isPositive();
        fixture.time.advance(Duration.ofMillis(999));
        assertThat(refused.aborted()).isFalse();

        fixture.time.advance(Duration.ofMillis(1));

        assertThat(refused.aborted()).isTrue();
        assertThat(fixture.transport.count()).as("the call goes on").isEqualTo(2);
        stream.close();
        fixture.assertNothingIsLeft(engine);
    }
}
