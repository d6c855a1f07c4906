package dev.kimi.internal.call;

import static dev.kimi.internal.call.EngineFixture.failureOf;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.chat.ChatResponse;
import dev.kimi.error.RateLimitException;
import dev.kimi.error.RejectedException;
import dev.kimi.internal.governor.RetryBudget;
import dev.kimi.quota.Quota;
import dev.kimi.retry.RetryPolicy;
import dev.kimi.spi.ProviderSettings;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What earlier calls taught a client ends with a reset, and calls from before it teach it nothing more. */
class ResetLimitsTest {

    private final EngineFixture fixture = new EngineFixture();

    @Test
    void a_429_holds_back_no_call_after_the_reset() {
        Engine engine = fixture.engine();
        fixture.chat(engine);
        fixture.transport.last().answer(429, "", "retry-after", "120");
        assertThat(failureOf(fixture.chat(engine))).isInstanceOf(RateLimitException.class);

        fixture.account().resetLimits();

        CompletableFuture<ChatResponse> after = fixture.chat(engine);
        assertThat(fixture.transport.count()).isEqualTo(2);
        fixture.transport.last().answer(200, "sky");
        assertThat(after).isCompleted();
    }

    @Test
    void a_429_of_a_call_from_before_the_reset_holds_back_no_call_after_it() {
        Engine engine = fixture.engine();
        CompletableFuture<ChatResponse> before = fixture.chat(engine);

        fixture.account().resetLimits();
        fixture.transport.sent(0).answer(429, "", "retry-after", "120");

        fixture.chat(engine);
        assertThat(failureOf(before)).isInstanceOf(RateLimitException.class);
        assertThat(fixture.transport.count()).isEqualTo(2);
    }

    @Test
    void a_call_that_waits_for_the_end_of_a_429_waits_on() {
        Engine engine = fixture.engine();
        CompletableFuture<ChatResponse> first = fixture.chat(engine);
        fixture.transport.last().answer(429, "", "retry-after", "20");
        CompletableFuture<ChatResponse> waiting = fixture.chat(engine);

        fixture.account().resetLimits();
        fixture.time.advance(Duration.ofMillis(19_999));
        assertThat(fixture.transport.count()).isEqualTo(1);
        fixture.time.advance(Duration.ofMillis(1));
        fixture.transport.last().answer(200, "sky");
        fixture.time.advance(Duration.ofSeconds(5));
        fixture.transport.last().answer(200, "sky");

        assertThat(first).isCompleted();
        assertThat(waiting).isCompleted();
        fixture.assertNothingIsLeft(engine);
    }

    @Test
    void the_retry_budget_is_full_after_the_reset() {
        Engine engine = fixture.engine();
        CompletableFuture<ChatResponse> before = fixture.chat(engine);
        fixture.transport.last().answer(503, "");
        assertThat(fixture.governor().budget().available()).isLessThan(RetryBudget.CAPACITY);

        fixture.account().resetLimits();

        assertThat(fixture.governor().budget().available()).isEqualTo(RetryBudget.CAPACITY);
        before.cancel(true);
    }

    @Test
    void the_throttle_rejects_no_call_after_the_reset() {
        fixture.retryPolicy = RetryPolicy.never();
        fixture.random = () -> 0L;
        Engine engine = fixture.engine();
        for (int i = 0; i < 100; i++) {
            CompletableFuture<ChatResponse> call = fixture.chat(engine);
            if (!call.isDone()) {
                fixture.transport.last().answer(503, "");
            }
        }
        assertThat(failureOf(fixture.chat(engine))).isInstanceOf(RejectedException.class);
        int sent = fixture.transport.count();

        fixture.account().resetLimits();
        fixture.chat(engine);
        fixture.chat(engine);

        assertThat(fixture.transport.count()).isEqualTo(sent + 2);
    }

    @Test
    void the_quota_is_unused_after_the_reset_and_calls_that_wait_for_it_are_sent() {
        fixture.quota = Quota.local(ProviderSettings.builder("kimi.quota", fixture.time)
                .time(fixture.time)
                .set("requests-per-minute", "1")
                .build());
        Engine engine = fixture.engine();
        fixture.chat(engine);
        fixture.transport.last().answer(200, "sky");
        CompletableFuture<ChatResponse> waiting = fixture.chat(engine);
        assertThat(fixture.transport.count()).isEqualTo(1);

        fixture.account().resetLimits();
        assertThat(fixture.transport.count()).isEqualTo(2);
        fixture.transport.last().answer(200, "sky");

        assertThat(waiting).isCompleted();
        fixture.assertNothingIsLeft(engine);
    }
}
