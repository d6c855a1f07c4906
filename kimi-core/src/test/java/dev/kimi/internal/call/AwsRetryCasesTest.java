package dev.kimi.internal.call;

import static dev.kimi.internal.call.EngineFixture.failureOf;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.chat.ChatResponse;
import dev.kimi.error.RejectedException;
import dev.kimi.event.CallEvent;
import dev.kimi.internal.governor.RetryBudget;
import dev.kimi.internal.protocol.openai.OpenAiProtocol;
import dev.kimi.retry.CappedPolicy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The numbers that AWS publishes for the standard retry mode of its SDKs (2026; smithy-kotlin, {@code retries/impl}),
 * run through the whole engine: for each response of the service what is left of the budget, the delay before the next
 * attempt, and how the call ends. Jitter is at its largest, as there. Of their cases two have no counterpart here: the
 * shorter base for one of their services, and long polling. Their {@code x-amz-retry-after} in milliseconds is our
 * {@code retry-after-ms}, their throttling error our 429.
 */
class AwsRetryCasesTest {

    private static final Duration CAP = Duration.ofSeconds(20);
    private static final String SKY = "{\"id\":\"1\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\","
            + "\"content\":\"sky\"},\"finish_reason\":\"stop\"}]}";

    private final List<Duration> delays = new ArrayList<>();
    private final EngineFixture fixture = new EngineFixture();

    static Stream<Case> cases() {
        return Stream.of(
                new Case("a retry succeeds in the end")
                        .step(500, 486, 0.05)
                        .step(500, 472, 0.1)
                        .succeeds(486),
                new Case("no more attempts than allowed")
                        .step(502, 486, 0.05)
                        .step(502, 472, 0.1)
                        .fails(502, 472),
                new Case("the budget is spent after one retry")
                        .tokens(14)
                        .step(500, 0, 0.05)
                        .isRejected(500, 0),
                new Case("no retry at all without tokens").tokens(0).isRejected(500, 0),
                new Case("the back-off doubles")
                        .attempts(5)
                        .step(500, 486, 0.05)
                        .step(500, 472, 0.1)
                        .step(500, 458, 0.2)
                        .step(500, 444, 0.4)
                        .fails(500, 444),
                new Case("the back-off has a cap")
                        .attempts(5)
                        .cap(Duration.ofMillis(200))
                        .step(500, 486, 0.05)
                        .step(500, 472, 0.1)
                        .step(500, 458, 0.2)
                        .step(500, 444, 0.2)
                        .fails(500, 444),
                new Case("retries stop when the budget is exhausted")
                        .attempts(5)
                        .tokens(20)
                        .step(500, 6, 0.05)
                        .isRejected(502, 6),
                new Case("throttling costs less and waits longer")
                        .step(429, 495, 1.0)
                        .succeeds(500),
                new Case("the service's word is obeyed")
                        .hinted(500, "1500", 486, 1.5)
                        .succeeds(500),
                new Case("but not below the back-off")
                        .hinted(500, "0", 486, 0.05)
                        .succeeds(500),
                new Case("nor beyond five seconds more")
                        .hinted(500, "10000", 486, 5.05)
                        .succeeds(500),
                new Case("and not when it makes no sense")
                        .hinted(500, "invalid", 486, 0.05)
                        .succeeds(500),
                new Case("successes refill the budget")
                        .attempts(5)
                        .tokens(30)
                        .step(500, 16, 0.05)
                        .step(502, 2, 0.1)
                        .succeeds(16)
                        .step(500, 2, 0.05)
                        .succeeds(16));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void gives_the_published_numbers(Case published) {
        fixture.protocol = new OpenAiProtocol();
        fixture.retryPolicy = CappedPolicy.standard(published.maxAttempts, published.cap);
        fixture.listeners.add(started -> event -> {
            if (event instanceof CallEvent.RetryScheduled retry) {
                delays.add(retry.delay());
            }
        });
        Engine engine = fixture.engine();
        assertThat(fixture.governor().budget().take(RetryBudget.CAPACITY - published.tokens))
                .isTrue();

        CompletableFuture<ChatResponse> call = null;
        for (Step step : published.steps) {
            if (call == null) {
                call = fixture.chat(engine);
            }
            call = take(step, call, engine);
        }
        fixture.assertNothingIsLeft(engine);
    }

    /** Responds, looks at what came of it, and lets the back-off pass; returns the call, or null when it has ended. */
    private @Nullable CompletableFuture<ChatResponse> take(
            Step step, CompletableFuture<ChatResponse> call, Engine engine) {
        int sent = fixture.transport.count();
        if (step.hint == null) {
            fixture.transport.last().answer(step.status, step.status == 200 ? SKY : "");
        } else {
            fixture.transport.last().answer(step.status, "", "retry-after-ms", step.hint);
        }
        assertThat(fixture.governor().budget().available()).isEqualTo(step.tokensLeft);
        if (step.end == End.RETRIED) {
            Duration delay = delays.get(delays.size() - 1);
            assertThat(delay.toNanos() / 1e9).isBetween(step.delay * 0.999_999, step.delay);
            fixture.time.advance(delay);
            assertThat(fixture.transport.count()).isEqualTo(sent + 1);
            return call;
        }
        assertThat(call).isDone();
        switch (step.end) {
            case SUCCEEDED -> assertThat(call.join().text()).isEqualTo("sky");
            case FAILED -> assertThat(failureOf(call).status()).isEqualTo(step.status);
            default ->
                assertThat(failureOf(call))
                        .isInstanceOfSatisfying(
                                RejectedException.class,
                                e -> assertThat(e.reason()).isEqualTo(RejectedException.Reason.RETRY_BUDGET_EXHAUSTED));
        }
        return null;
    }

    /** Two calls at a time that share the budget. */
    @Test
    void gives_the_published_numbers_for_calls_that_share_the_budget() {
        Engine engine = fixture.engine();
        CompletableFuture<ChatResponse> one = fixture.chat(engine);
        ScriptedTransport.Sent ofOne = fixture.transport.last();
        CompletableFuture<ChatResponse> other = fixture.chat(engine);
        ScriptedTransport.Sent ofOther = fixture.transport.last();

        ofOne.answer(500, "");
        assertThat(fixture.governor().budget().available()).isEqualTo(486);
        fixture.time.advance(Duration.ofMillis(50));
        ofOne = fixture.transport.last();
        ofOne.answer(500, "");
        assertThat(fixture.governor().budget().available()).isEqualTo(472);
        ofOther.answer(500, "");
        assertThat(fixture.governor().budget().available()).isEqualTo(458);
        fixture.time.advance(Duration.ofMillis(50));
        fixture.transport.last().answer(200, "sky");
        assertThat(other).isCompleted();
        assertThat(fixture.governor().budget().available()).isEqualTo(472);
        fixture.time.advance(Duration.ofMillis(50));
        fixture.transport.last().answer(200, "sky");

        assertThat(one).isCompleted();
        assertThat(fixture.governor().budget().available()).isEqualTo(486);
    }

    private enum End {
        RETRIED,
        SUCCEEDED,
        FAILED,
        REJECTED
    }

    private record Step(int status, @Nullable String hint, int tokensLeft, double delay, End end) {}

    /** Given numbers and expected steps; responses of 200 end a call and begin the next. */
    static final class Case {
        private final String name;
        private final List<Step> steps = new ArrayList<>();
        private int maxAttempts = 3;
        private int tokens = RetryBudget.CAPACITY;
        private Duration cap = CAP;

        Case(String name) {
            this.name = name;
        }

        Case attempts(int most) {
            maxAttempts = most;
            return this;
        }

        Case tokens(int available) {
            tokens = available;
            return this;
        }

        Case cap(Duration longest) {
            cap = longest;
            return this;
        }

        Case step(int status, int tokensLeft, double delay) {
            steps.add(new Step(status, null, tokensLeft, delay, End.RETRIED));
            return this;
        }

        Case hinted(int status, String hint, int tokensLeft, double delay) {
            steps.add(new Step(status, hint, tokensLeft, delay, End.RETRIED));
            return this;
        }

        Case succeeds(int tokensLeft) {
            steps.add(new Step(200, null, tokensLeft, 0, End.SUCCEEDED));
            return this;
        }

        Case fails(int status, int tokensLeft) {
            steps.add(new Step(status, null, tokensLeft, 0, End.FAILED));
            return this;
        }

        Case isRejected(int status, int tokensLeft) {
            steps.add(new Step(status, null, tokensLeft, 0, End.REJECTED));
            return this;
        }

        @Override
        public String toString() {
            return name;
        }
    }
}
