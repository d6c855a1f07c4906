package dev.kimi.internal.call;

import static dev.kimi.internal.call.EngineFixture.failureOf;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.chat.ChatResponse;
import dev.kimi.error.DeadlineExceededException;
import dev.kimi.error.RateLimitException;
import dev.kimi.error.RejectedException;
import dev.kimi.error.ServerException;
import dev.kimi.internal.protocol.openai.OpenAiProtocol;
import dev.kimi.retry.RetryDecision;
import dev.kimi.retry.RetryPolicy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What one caller's failure means for the others. */
class GovernedTest {

    private final EngineFixture fixture = new EngineFixture();

    @Test
    void one_callers_429_holds_back_everybody_until_the_moment_that_the_service_named() {
        Engine engine = fixture.engine();
        CompletableFuture<ChatResponse> first = fixture.chat(engine);
        fixture.transport.last().answer(429, "", "retry-after", "20");

        CompletableFuture<ChatResponse> other = fixture.chat(engine);
        fixture.time.advance(Duration.ofMillis(19_999));
        assertThat(fixture.transport.count()).isEqualTo(1);
        fixture.time.advance(Duration.ofMillis(1));
        assertThat(fixture.transport.count()).isEqualTo(2);
        fixture.transport.last().answer(200, "sky");
        fixture.time.advance(Duration.ofSeconds(5));
        fixture.transport.last().answer(200, "sky");

        assertThat(first).isCompleted();
        assertThat(other).isCompleted();
        fixture.assertNothingIsLeft(engine);
    }

    @ParameterizedTest
    @CsvSource({
        "retry-after, 0",
        "retry-after-ms, 0",
        "x-retry-after, 0",
        "retry-after, 'Thu, 01 Jan 1970 00:00:00 GMT'",
        "retry-after-ms, 1"
    })
    void fifty_callers_with_a_hint_of_zero_spend_no_budget_at_once(String header, String value) {
        fixture.protocol = new OpenAiProtocol();
        fixture.random = new Random(42)::nextLong;
        Engine engine = fixture.engine();
        for (int i = 0; i < 50; i++) {
            fixture.chat(engine);
        }
        for (int i = 0; i < 50; i++) {
            fixture.transport.sent(i).answer(429, "{}", header, value);
        }

        fixture.time.advance(Duration.ofMillis(10));
        assertThat(fixture.transport.count()).isLessThanOrEqualTo(53);
        fixture.time.advance(Duration.ofMillis(990));
        assertThat(fixture.transport.count()).isGreaterThan(50);
    }

    @Test
    void who_cannot_wait_at_the_gate_learns_at_once_when_to_come_back() {
        Engine engine = fixture.engine();
        fixture.chat(engine);
        fixture.transport.last().answer(429, "", "retry-after", "20");

        CompletableFuture<ChatResponse> hasty = fixture.chat(engine, Duration.ofSeconds(10));

        assertThat(failureOf(hasty)).isInstanceOfSatisfying(RateLimitException.class, e -> {
            assertThat(e.retryAt()).isEqualTo(fixture.time.now().plusSeconds(20));
            assertThat(e.attempts()).isZero();
        });
        assertThat(fixture.transport.count()).isEqualTo(1);
    }

    @Test
    void a_service_that_asks_for_hours_is_asked_again_once_a_minute_at_most() {
        Engine engine = fixture.engine();
        fixture.chat(engine);
        fixture.transport.last().answer(429, "", "retry-after", "18000");

        for (int i = 0; i < 59; i++) {
            fixture.time.advance(Duration.ofSeconds(1));
            assertThat(failureOf(fixture.chat(engine, Duration.ofMinutes(5)))).isInstanceOf(RateLimitException.class);
        }
        assertThat(fixture.transport.count()).isEqualTo(1);
        fixture.time.advance(Duration.ofSeconds(1));
        fixture.chat(engine, Duration.ofMinutes(5));
        assertThat(fixture.transport.count()).isEqualTo(2);
    }

    @Test
    void a_call_that_is_cancelled_at_the_gate_is_never_sent() {
        Engine engine = fixture.engine();
        CompletableFuture<ChatResponse> first = fixture.chat(engine);
        fixture.transport.last().answer(429, "", "retry-after", "20");
        CompletableFuture<ChatResponse> waiting = fixture.chat(engine);

        waiting.cancel(true);
        first.cancel(true);

        fixture.assertNothingIsLeft(engine);
        fixture.time.advance(Duration.ofSeconds(60));
        assertThat(fixture.transport.count()).isEqualTo(1);
        assertThat(fixture.accountGate().waiting()).isZero();
    }

    @Test
    void those_who_waited_do_not_all_come_at_once() {
        fixture.retryPolicy = RetryPolicy.never();
        Engine engine = fixture.engine();
        fixture.chat(engine);
        fixture.transport.last().answer(429, "", "retry-after", "1");
        for (int i = 0; i < 100; i++) {
            fixture.chat(engine);
        }

        fixture.time.advance(Duration.ofMillis(1_000));
        assertThat(fixture.transport.count()).isEqualTo(1 + 1);
        fixture.time.advance(Duration.ofMillis(249));
        assertThat(fixture.transport.count()).isEqualTo(2);
        fixture.time.advance(Duration.ofMillis(1));
        assertThat(fixture.transport.count()).isEqualTo(2 + 2);
    }

    @Test
    void fifty_callers_who_are_all_rejected_do_not_make_a_storm() {
        Engine engine = fixture.engine();
        List<CompletableFuture<ChatResponse>> calls = new ArrayList<>();
        List<ScriptedTransport.Sent> open = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            calls.add(fixture.chat(engine));
            open.add(fixture.transport.last());
        }
        open.forEach(sent -> sent.answer(429, ""));
        int answered = 50;
        while (fixture.time.advanceToNext()) {
            while (answered < fixture.transport.count()) {
                fixture.transport.sent(answered++).answer(429, "");
            }
        }

        assertThat(calls).allMatch(CompletableFuture::isDone);
        // 5 % of 50 and one, ten from the reserve, and what it regains in the few seconds
        assertThat(fixture.transport.count()).isLessThanOrEqualTo(50 + 3 + 10 + 4);
        fixture.assertNothingIsLeft(engine);
    }

    @Test
    void a_service_that_is_down_is_spared_most_calls() {
        fixture.retryPolicy = RetryPolicy.never();
        fixture.random = () -> 0L;
        Engine engine = fixture.engine();
        for (int i = 0; i < 100; i++) {
            fixture.chat(engine);
            fixture.transport.last().answer(529, "");
        }
        int before = fixture.transport.count();

        List<CompletableFuture<ChatResponse>> later = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            later.add(fixture.chat(engine));
        }

        // by this chance nothing passes but the one probe, and that was made by the hundred
        assertThat(fixture.transport.count()).isEqualTo(before);
        assertThat(later)
                .allSatisfy(call -> assertThat(failureOf(call))
                        .isInstanceOfSatisfying(
                                RejectedException.class,
                                e -> assertThat(e.reason()).isEqualTo(RejectedException.Reason.THROTTLED)));
        fixture.time.advance(Duration.ofSeconds(1));
        fixture.chat(engine);
        fixture.chat(engine);
        assertThat(fixture.transport.count()).as("one probe a second").isEqualTo(before + 1);
    }

    @Test
    void a_retry_passes_the_throttle_like_a_new_call() {
        fixture.retryPolicy = attempt -> attempt.failure() instanceof ServerException
                ? RetryDecision.after(Duration.ofMillis(500))
                : RetryDecision.stop();
        fixture.random = () -> 0L;
        Engine engine = fixture.engine();
        CompletableFuture<ChatResponse> call = fixture.chat(engine);
        fixture.transport.last().answer(503, "");
        for (int i = 0; i < 100; i++) {
            fixture.chat(engine);
            fixture.transport.last().answer(529, "");
        }
        int before = fixture.transport.count();

        fixture.time.advance(Duration.ofMillis(500));

        assertThat(fixture.transport.count()).isEqualTo(before);
        assertThat(failureOf(call))
                .isInstanceOfSatisfying(
                        RejectedException.class,
                        e -> assertThat(e.reason()).isEqualTo(RejectedException.Reason.THROTTLED));
    }

    @Test
    void who_waits_behind_others_after_a_back_off_is_cancelled_at_its_deadline() {
        Engine engine = fixture.engine();
        CompletableFuture<ChatResponse> refused = fixture.chat(engine, Duration.ofMillis(1_500));
        fixture.transport.last().answer(429, "", "retry-after", "1");
        for (int i = 0; i < 1_000; i++) {
            fixture.chat(engine);
        }

        fixture.time.advance(Duration.ofMillis(1_499));
        assertThat(refused).isNotDone();
        fixture.time.advance(Duration.ofMillis(1));

        assertThat(failureOf(refused)).isInstanceOf(DeadlineExceededException.class);
        assertThat(failureOf(refused).attempts()).isEqualTo(1);
    }

    @Test
    void those_who_are_sent_for_the_first_time_raise_how_many_may_be_sent_again() {
        Engine engine = fixture.engine();
        for (int i = 0; i < 400; i++) {
            fixture.chat(engine);
            fixture.transport.last().answer(200, "sky");
        }
        int again = 0;
        for (int i = 0; i < 40; i++) {
            CompletableFuture<ChatResponse> call = fixture.chat(engine);
            fixture.transport.last().answer(500, "");
            again += call.isDone() ? 0 : 1;
        }

        assertThat(again)
                .as("one, the reserve of ten, and one in twenty of 440")
                .isEqualTo(1 + 10 + 22);
    }
}
