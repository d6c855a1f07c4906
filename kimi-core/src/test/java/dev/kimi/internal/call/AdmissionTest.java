package dev.kimi.internal.call;

import static dev.kimi.internal.call.EngineFixture.failureOf;
import static dev.kimi.quota.Settlement.Outcome.COMPLETED;
import static dev.kimi.quota.Settlement.Outcome.NOT_COUNTED;
import static dev.kimi.quota.Settlement.Outcome.UNKNOWN;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
import dev.kimi.error.DeadlineExceededException;
import dev.kimi.error.RejectedException;
import dev.kimi.event.CallObserver;
import dev.kimi.quota.Quota;
import dev.kimi.quota.QuotaDecision;
import dev.kimi.quota.QuotaRequest;
import dev.kimi.quota.Settlement;
import dev.kimi.retry.RetryPolicy;
import dev.kimi.spi.ProviderSettings;
import dev.kimi.transport.TransportFailure;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class AdmissionTest {

    private final EngineFixture fixture = new EngineFixture();

    private Quota local(String setting, String value) {
        return Quota.local(ProviderSettings.builder("kimi.quota", fixture.time)
                .time(fixture.time)
                .set(setting, value)
                .build());
    }

    private CompletableFuture<ChatResponse> chat(Engine engine, Duration deadline, int maxTokens) {
        return engine.chat(
                ChatRequest.builder()
                        .user("hello")
                        .deadline(deadline)
                        .maxCompletionTokens(maxTokens)
                        .build(),
                CallObserver.NONE,
                Runnable::run);
    }

    @Test
    void a_settled_call_lets_the_next_one_in_at_once() {
        fixture.quota = local("concurrency", "1");
        Engine engine = fixture.engine();
        CompletableFuture<ChatResponse> first = fixture.chat(engine);
        CompletableFuture<ChatResponse> second = fixture.chat(engine);
        assertThat(fixture.transport.count()).isEqualTo(1);
        assertThat(fixture.queuedCalls()).isEqualTo(1);

        fixture.transport.last().answer(200, "one");

        assertThat(fixture.transport.count()).isEqualTo(2);
        fixture.transport.last().answer(200, "two");
        assertThat(first.join().text() + second.join().text()).isEqualTo("onetwo");
        fixture.assertNothingIsLeft(engine);
    }

    @Test
    void the_nearest_deadline_is_admitted_first() {
        fixture.quota = local("concurrency", "1");
        Engine engine = fixture.engine();
        fixture.chat(engine);
        CompletableFuture<ChatResponse> patient = chat(engine, Duration.ofMinutes(10), 1);
        CompletableFuture<ChatResponse> hurried = chat(engine, Duration.ofMinutes(1), 1);

        fixture.transport.last().answer(200, "one");
        fixture.transport.last().answer(200, "two");

        assertThat(hurried).isDone();
        assertThat(patient).isNotDone();
    }

    @Test
    void a_call_whose_deadline_passes_in_the_queue_leaves_it_and_the_others_go_on() {
        fixture.quota = local("concurrency", "1");
        Engine engine = fixture.engine();
        fixture.chat(engine);
        CompletableFuture<ChatResponse> hurried = chat(engine, Duration.ofSeconds(5), 1);
        CompletableFuture<ChatResponse> patient = chat(engine, Duration.ofMinutes(10), 1);

        fixture.time.advance(Duration.ofSeconds(5));

        assertThat(failureOf(hurried)).isInstanceOfSatisfying(DeadlineExceededException.class, e -> {
            assertThat(e.phase()).isEqualTo(DeadlineExceededException.Phase.QUEUED);
            assertThat(e.attempts()).isZero();
        });
        assertThat(fixture.queuedCalls()).isEqualTo(1);
        fixture.transport.last().answer(200, "one");
        fixture.transport.last().answer(200, "two");
        assertThat(patient.join().text()).isEqualTo("two");
        fixture.assertNothingIsLeft(engine);
    }

    @Test
    void a_rate_is_waited_for_on_the_timer() {
        fixture.quota = local("requests-per-minute", "1");
        Engine engine = fixture.engine();
        fixture.chat(engine);
        fixture.transport.last().answer(200, "one");
        CompletableFuture<ChatResponse> second = fixture.chat(engine);

        fixture.time.advance(Duration.ofSeconds(59));
        assertThat(fixture.transport.count()).isEqualTo(1);
        fixture.time.advance(Duration.ofSeconds(1));

        assertThat(fixture.transport.count()).isEqualTo(2);
        fixture.transport.last().answer(200, "two");
        assertThat(second.join().text()).isEqualTo("two");
        fixture.assertNothingIsLeft(engine);
    }

    @Test
    void a_call_larger_than_the_limit_is_rejected_instead_of_waiting_for_ever() {
        fixture.quota = local("tokens-per-minute", "1000");
        Engine engine = fixture.engine();

        CompletableFuture<ChatResponse> call = chat(engine, Duration.ofMinutes(1), 1001);

        assertThat(failureOf(call))
                .isInstanceOfSatisfying(
                        RejectedException.class,
                        e -> assertThat(e.reason()).isEqualTo(RejectedException.Reason.OVER_QUOTA));
        fixture.assertNothingIsLeft(engine);
    }

    @Test
    void a_full_queue_rejects_and_loses_nobody() {
        fixture.quota = request -> QuotaDecision.later(Duration.ofSeconds(1));
        Engine engine = fixture.engine();
        List<CompletableFuture<ChatResponse>> calls = new ArrayList<>();
        for (int i = 0; i < 10_001; i++) {
            calls.add(fixture.chat(engine));
        }

        assertThat(fixture.queuedCalls()).isEqualTo(10_000);
        assertThat(calls.get(10_000).handle((answer, failure) -> failure).join())
                .isInstanceOfSatisfying(
                        RejectedException.class,
                        e -> assertThat(e.reason()).isEqualTo(RejectedException.Reason.QUEUE_FULL));
        engine.close();
        assertThat(calls).allMatch(CompletableFuture::isDone);
        assertThat(fixture.queuedCalls()).isZero();
    }

    @Test
    void the_last_waiter_to_be_cancelled_takes_the_timer_with_it() {
        fixture.quota = request -> QuotaDecision.later(Duration.ofHours(1));
        Engine engine = fixture.engine();
        CompletableFuture<ChatResponse> first = fixture.chat(engine);
        CompletableFuture<ChatResponse> second = fixture.chat(engine);

        first.cancel(true);
        assertThat(fixture.time.pending()).as("the deadline, and the next look").isEqualTo(2);
        second.cancel(true);

        fixture.assertNothingIsLeft(engine);
    }

    @Test
    void a_quota_that_throws_rejects_the_call() {
        fixture.quota = request -> {
            throw new IllegalStateException("broken quota");
        };
        Engine engine = fixture.engine();

        assertThat(fixture.chat(engine).handle((answer, failure) -> failure).join())
                .isInstanceOf(RejectedException.class);
        fixture.assertNothingIsLeft(engine);
    }

    @Test
    void what_was_reserved_is_settled_once_with_what_was_used() {
        List<Settlement.Outcome> settled = new ArrayList<>();
        fixture.quota = request -> QuotaDecision.granted(settlement -> settled.add(settlement.outcome()));
        Engine engine = fixture.engine();

        fixture.chat(engine);
        fixture.transport.last().answer(200, "four");
        fixture.chat(engine);
        fixture.transport.last().answer(400, "");
        fixture.chat(engine);
        fixture.transport.last().answer(401, "");
        fixture.chat(engine).cancel(true);

        assertThat(settled).containsExactly(COMPLETED, UNKNOWN, NOT_COUNTED, UNKNOWN);
    }

    @Test
    void what_the_service_did_not_count_is_given_back_and_what_it_may_have_counted_is_not() {
        List<Settlement.Outcome> settled = new ArrayList<>();
        fixture.quota = request -> QuotaDecision.granted(settlement -> settled.add(settlement.outcome()));
        fixture.retryPolicy = RetryPolicy.never();
        Engine engine = fixture.engine();

        fixture.chat(engine);
        fixture.transport.last().fail(TransportFailure.Kind.CONNECT, true);
        fixture.chat(engine);
        fixture.transport.last().fail(TransportFailure.Kind.RESET, false);
        fixture.chat(engine);
        fixture.transport.last().answer(429, "");

        assertThat(settled).containsExactly(NOT_COUNTED, UNKNOWN, NOT_COUNTED);
    }

    @Test
    void an_attempt_that_may_have_been_counted_is_not_given_back_because_the_next_is_rejected() {
        List<Settlement.Outcome> settled = new ArrayList<>();
        fixture.quota = request -> QuotaDecision.granted(settlement -> settled.add(settlement.outcome()));
        fixture.retryPolicy = RetryPolicy.standard(2, Duration.ofSeconds(60));
        Engine engine = fixture.engine();

        fixture.chat(engine);
        fixture.transport.last().answer(500, "");
        fixture.time.advance(Duration.ofSeconds(1));
        fixture.transport.last().answer(429, "");

        assertThat(fixture.transport.count()).isEqualTo(2);
        assertThat(settled).containsExactly(UNKNOWN);
    }

    @Test
    void whoever_waits_is_not_let_in_by_the_places_that_a_closing_client_frees() {
        fixture.quota = local("concurrency", "20");
        Engine engine = fixture.engine();
        List<CompletableFuture<ChatResponse>> calls = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            calls.add(fixture.chat(engine));
        }

        engine.close();

        assertThat(fixture.transport.count()).isEqualTo(20);
        assertThat(calls).allMatch(CompletableFuture::isCompletedExceptionally);
        fixture.assertNothingIsLeft(engine);
    }

    /** As many tokens as are free; a wait on the timer of an hour, so that only what is given back helps. */
    private static final class Tank implements Quota {
        private final Duration wait;
        private long free;
        private int asked;

        Tank(long free, Duration wait) {
            this.free = free;
            this.wait = wait;
        }

        @Override
        public QuotaDecision reserve(QuotaRequest request) {
            asked++;
            if (request.bookedTokens() > free) {
                return QuotaDecision.later(wait);
            }
            free -= request.bookedTokens();
            return QuotaDecision.granted(settlement -> free += request.bookedTokens());
        }
    }

    @Test
    void when_the_one_that_holds_up_the_queue_is_cancelled_the_next_fits_at_once() {
        fixture.quota = new Tank(10, Duration.ofHours(1));
        Engine engine = fixture.engine();
        chat(engine, Duration.ofMinutes(10), 8);
        CompletableFuture<ChatResponse> large = chat(engine, Duration.ofMinutes(5), 9);
        chat(engine, Duration.ofMinutes(10), 2);
        assertThat(fixture.transport.count()).isEqualTo(1);

        large.cancel(true);

        assertThat(fixture.transport.count()).isEqualTo(2);
        assertThat(fixture.queuedCalls()).isZero();
    }

    @Test
    void a_quota_is_asked_again_when_it_said_but_not_every_moment() {
        Tank tank = new Tank(0, Duration.ofSeconds(20));
        fixture.quota = tank;
        Engine engine = fixture.engine();
        chat(engine, Duration.ofMinutes(10), 1);
        int before = tank.asked;

        fixture.time.advance(Duration.ofSeconds(60));

        assertThat(tank.asked - before).isEqualTo(3);
    }

    @Test
    void a_quota_that_says_at_once_is_asked_again_after_a_millisecond() {
        Tank tank = new Tank(0, Duration.ZERO);
        fixture.quota = tank;
        Engine engine = fixture.engine();
        chat(engine, Duration.ofMinutes(10), 1);
        int before = tank.asked;

        fixture.time.advance(Duration.ofMillis(5));

        assertThat(tank.asked - before).isEqualTo(5);
    }
}
