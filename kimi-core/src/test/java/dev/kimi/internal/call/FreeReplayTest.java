package dev.kimi.internal.call;

import static dev.kimi.internal.call.EngineFixture.failureOf;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.chat.ChatResponse;
import dev.kimi.error.KimiException;
import dev.kimi.error.RejectedException;
import dev.kimi.error.TransportException;
import dev.kimi.event.CallEvent;
import dev.kimi.internal.governor.RetryBudget;
import dev.kimi.retry.FailedAttempt;
import dev.kimi.retry.RetryDecision;
import dev.kimi.retry.RetryPolicy;
import dev.kimi.transport.TransportFailure.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Requests that were sent for nothing by nobody's fault, and faults that no second attempt can mend. */
class FreeReplayTest {

    private final EngineFixture fixture = new EngineFixture();

    @Test
    void a_refused_stream_is_sent_again_at_once_and_then_with_growing_pauses_until_the_deadline() {
        Engine engine = fixture.engine();
        CompletableFuture<ChatResponse> call = fixture.chat(engine, Duration.ofMinutes(1));

        fixture.transport.last().fail(Kind.REFUSED, true);
        assertThat(fixture.transport.count()).as("at once").isEqualTo(2);
        fixture.transport.last().fail(Kind.REFUSED, true);
        assertThat(fixture.transport.count()).as("after a pause").isEqualTo(2);
        while (!call.isDone()) {
            int before = fixture.transport.count();
            assertThat(fixture.time.advanceToNext()).isTrue();
            if (fixture.transport.count() > before) {
                fixture.transport.last().fail(Kind.REFUSED, true);
            }
        }

        assertThat(failureOf(call)).isInstanceOfSatisfying(TransportException.class, e -> {
            assertThat(e.unprocessed()).isTrue();
            assertThat(e.attempts()).isEqualTo(fixture.transport.count());
            assertThat(e.elapsed()).isGreaterThan(Duration.ofSeconds(58));
        });
        assertThat(fixture.transport.count()).as("it does not spin").isBetween(60, 140);
        assertThat(fixture.governor().budget().available()).isEqualTo(RetryBudget.CAPACITY);
        fixture.assertNothingIsLeft(engine);
    }

    @Test
    void the_smallest_chance_makes_a_pause_too() {
        fixture.random = () -> 0L;
        Engine engine = fixture.engine();
        fixture.chat(engine, Duration.ofMinutes(1));

        for (int i = 0; i < 12; i++) {
            int before = fixture.transport.count();
            fixture.transport.last().fail(Kind.REFUSED, true);
            assertThat(fixture.transport.count() - before).isEqualTo(i == 0 ? 1 : 0);
            fixture.time.advance(Duration.ofSeconds(1));
            assertThat(fixture.transport.count()).isEqualTo(before + 1);
        }
    }

    @Test
    void refused_streams_ask_no_policy_and_spend_nothing_of_what_calls_share() {
        List<Integer> asked = new ArrayList<>();
        fixture.retryPolicy = attempt -> {
            asked.add(attempt.attempt());
            return RetryDecision.stop();
        };
        Engine engine = fixture.engine();

        List<CompletableFuture<ChatResponse>> calls = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            calls.add(fixture.chat(engine));
        }
        for (int i = 0; i < 60; i++) {
            fixture.transport.sent(i).fail(Kind.REFUSED, true);
        }
        for (int i = 60; i < 120; i++) {
            fixture.transport.sent(i).answer(200, "sky");
        }

        assertThat(calls).allSatisfy(call -> assertThat(call).isCompleted());
        assertThat(asked).isEmpty();
        assertThat(fixture.governor().budget().available()).isEqualTo(RetryBudget.CAPACITY);
        fixture.chat(engine);
        assertThat(fixture.transport.count()).as("nobody is held back").isEqualTo(121);
    }

    @Test
    void what_was_rejected_does_not_count_for_the_policy() {
        List<Integer> asked = new ArrayList<>();
        RetryPolicy standard = RetryPolicy.standard(3, Duration.ofSeconds(60));
        fixture.retryPolicy = attempt -> {
            asked.add(attempt.attempt());
            return standard.decide(attempt);
        };
        Engine engine = fixture.engine();
        CompletableFuture<ChatResponse> call = fixture.chat(engine);

        for (int i = 0; i < 5; i++) {
            fixture.transport.last().fail(Kind.REFUSED, true);
            fixture.time.advance(Duration.ofSeconds(1));
        }
        for (int i = 0; i < 3; i++) {
            fixture.transport.last().answer(500, "");
            fixture.time.advance(Duration.ofSeconds(1));
        }

        assertThat(failureOf(call).attempts()).isEqualTo(8);
        assertThat(asked).containsExactly(1, 2, 3);
    }

    @ParameterizedTest
    @EnumSource(
            value = Kind.class,
            names = {"REFUSED", "STALE_CONNECTION", "IDLE_CLOSE"})
    void a_call_that_was_let_through_is_not_held_back_by_the_throttle_on_its_way_back(Kind kind) {
        fixture.retryPolicy = RetryPolicy.never();
        fixture.random = () -> 0L;
        Engine engine = fixture.engine();
        CompletableFuture<ChatResponse> call = fixture.chat(engine);
        ScriptedTransport.Sent first = fixture.transport.last();
        for (int i = 0; i < 100; i++) {
            fixture.chat(engine);
            fixture.transport.last().answer(529, "");
        }
        assertThat(failureOf(fixture.chat(engine)))
                .as("new calls are held back")
                .isInstanceOfSatisfying(
                        RejectedException.class,
                        e -> assertThat(e.reason()).isEqualTo(RejectedException.Reason.THROTTLED));

        first.fail(kind, kind != Kind.IDLE_CLOSE);
        fixture.transport.last().answer(200, "sky");

        assertThat(call.join().text()).isEqualTo("sky");
    }

    @ParameterizedTest
    @EnumSource(
            value = Kind.class,
            names = {"REFUSED", "STALE_CONNECTION", "IDLE_CLOSE", "UNKNOWN_HOST", "CERTIFICATE", "TLS_MISMATCH", "PROXY"
            })
    void what_is_no_sign_of_overload_teaches_the_throttle_nothing(Kind kind) {
        fixture.retryPolicy = RetryPolicy.never();
        fixture.random = () -> 0L;
        Engine engine = fixture.engine();
        for (int i = 0; i < 200; i++) {
            CompletableFuture<ChatResponse> call = fixture.chat(engine, Duration.ofSeconds(1));
            for (int attempt = 0; attempt < 20 && !call.isDone(); attempt++) {
                fixture.transport.last().fail(kind, kind != Kind.IDLE_CLOSE);
                fixture.time.advance(Duration.ofMillis(200));
            }
        }

        int before = fixture.transport.count();
        fixture.chat(engine);
        fixture.chat(engine);
        fixture.chat(engine);

        assertThat(fixture.transport.count()).isEqualTo(before + 3);
        assertThat(fixture.governor().budget().available()).isEqualTo(RetryBudget.CAPACITY);
    }

    @Test
    void listeners_hear_of_every_attempt() {
        List<Integer> started = new ArrayList<>();
        List<Integer> finished = new ArrayList<>();
        fixture.listeners.add(event -> happened -> {
            if (happened instanceof CallEvent.AttemptStarted attempt) {
                started.add(attempt.attempt());
            } else if (happened instanceof CallEvent.AttemptFinished attempt) {
                finished.add(attempt.attempt());
            }
        });
        Engine engine = fixture.engine();
        fixture.chat(engine);

        fixture.transport.last().fail(Kind.REFUSED, true);
        fixture.transport.last().answer(200, "sky");

        assertThat(started).containsExactly(1, 2);
        assertThat(finished).containsExactly(1, 2);
    }

    @Test
    void the_gate_holds_what_was_rejected_like_everybody_else() {
        Engine engine = fixture.engine();
        CompletableFuture<ChatResponse> call = fixture.chat(engine);
        ScriptedTransport.Sent first = fixture.transport.last();
        fixture.chat(engine).cancel(true);
        fixture.chat(engine);
        fixture.transport.last().answer(429, "", "retry-after", "20");

        int before = fixture.transport.count();
        first.fail(Kind.REFUSED, true);
        assertThat(fixture.transport.count()).isEqualTo(before);
        fixture.time.advance(Duration.ofSeconds(30));
        fixture.transport.sent(before).answer(200, "sky");
        fixture.transport.last().answer(200, "sky");

        assertThat(call.join().text()).isEqualTo("sky");
        fixture.assertNothingIsLeft(engine);
    }

    @Test
    void a_reused_connection_that_ended_in_good_order_is_replaced_once_in_a_call() {
        fixture.retryPolicy = attempt -> RetryDecision.after(Duration.ofMillis(1));
        Engine engine = fixture.engine();
        CompletableFuture<ChatResponse> call = fixture.chat(engine);

        fixture.transport.last().fail(Kind.IDLE_CLOSE, false);
        assertThat(fixture.transport.count()).as("at once").isEqualTo(2);
        assertThat(call).isNotDone();
        fixture.transport.last().fail(Kind.IDLE_CLOSE, false);

        assertThat(failureOf(call))
                .isInstanceOfSatisfying(
                        TransportException.class,
                        e -> assertThat(e.unprocessed()).isFalse());
        assertThat(failureOf(call).attempts()).isEqualTo(2);
        assertThat(fixture.governor().budget().available()).isEqualTo(RetryBudget.CAPACITY);
        fixture.assertNothingIsLeft(engine);
    }

    @Test
    void it_is_not_replaced_when_that_is_switched_off() {
        fixture.replayOnIdleClose = false;
        Engine engine = fixture.engine();
        CompletableFuture<ChatResponse> call = fixture.chat(engine);

        fixture.transport.last().fail(Kind.IDLE_CLOSE, false);

        assertThat(failureOf(call))
                .isInstanceOfSatisfying(
                        TransportException.class,
                        e -> assertThat(e.unprocessed()).isFalse());
        assertThat(fixture.transport.count()).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource(
            value = Kind.class,
            names = {"REFUSED", "STALE_CONNECTION", "IDLE_CLOSE"})
    void once_a_response_has_begun_nothing_is_free(Kind kind) {
        Engine engine = fixture.engine();
        CompletableFuture<ChatResponse> call = fixture.chat(engine);

        fixture.transport.last().headers(200).body("half an ans").fail(kind, kind != Kind.IDLE_CLOSE);

        assertThat(failureOf(call))
                .isInstanceOfSatisfying(
                        TransportException.class,
                        e -> assertThat(e.unprocessed()).isFalse());
        assertThat(fixture.transport.count()).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource(
            value = Kind.class,
            names = {"UNKNOWN_HOST", "CERTIFICATE", "TLS_MISMATCH", "PROXY"})
    void a_wrong_setting_gets_one_attempt_whatever_the_policy_says(Kind kind) {
        fixture.retryPolicy = attempt -> RetryDecision.after(Duration.ofMillis(1));
        Engine engine = fixture.engine();
        CompletableFuture<ChatResponse> call = fixture.chat(engine);

        fixture.transport.last().fail(kind, true);

        assertThat(failureOf(call)).isInstanceOfSatisfying(TransportException.class, e -> {
            assertThat(e.permanent()).isTrue();
            assertThat(e.unprocessed()).isTrue();
            assertThat(e.attempts()).isEqualTo(1);
            assertThat(e.getCause()).isSameAs(ScriptedTransport.CAUSE);
        });
        assertThat(fixture.transport.count()).isEqualTo(1);
        fixture.assertNothingIsLeft(engine);
    }

    @Test
    void a_source_that_fails_gets_one_attempt_and_is_not_to_be_sent_again() {
        fixture.retryPolicy = attempt -> RetryDecision.after(Duration.ofMillis(1));
        Engine engine = fixture.engine();
        CompletableFuture<ChatResponse> call = fixture.chat(engine);

        fixture.transport.last().fail(Kind.REQUEST_BODY, true);

        assertThat(failureOf(call)).isInstanceOfSatisfying(TransportException.class, e -> {
            assertThat(e.permanent()).isTrue();
            assertThat(e.unprocessed()).isFalse();
            assertThat(e.getCause()).isSameAs(ScriptedTransport.CAUSE);
        });
        assertThat(fixture.transport.count()).isEqualTo(1);
        fixture.assertNothingIsLeft(engine);
    }

    @Test
    void the_built_in_policies_know_that_a_wrong_setting_does_not_pass() {
        TransportException wrong = new TransportException("unknown host", KimiException.Details.NONE, true, true, null);
        FailedAttempt attempt = new FailedAttempt(wrong, 1, Duration.ofMinutes(1), fixture.random);

        assertThat(RetryPolicy.standard(3, Duration.ofSeconds(60))
                        .decide(attempt)
                        .delay())
                .isNull();
        assertThat(RetryPolicy.classic(3, 1, Duration.ofSeconds(1), Duration.ofSeconds(2))
                        .decide(attempt)
                        .delay())
                .isNull();
    }
}
