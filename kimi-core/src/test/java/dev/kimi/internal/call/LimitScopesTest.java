package dev.kimi.internal.call;

import static dev.kimi.internal.call.EngineFixture.failureOf;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
import dev.kimi.error.DeadlineExceededException;
import dev.kimi.error.DeadlineExceededException.Phase;
import dev.kimi.error.KimiException;
import dev.kimi.error.KimiException.LimitScope;
import dev.kimi.error.RateLimitException;
import dev.kimi.error.RejectedException;
import dev.kimi.event.CallObserver;
import dev.kimi.internal.protocol.openai.OpenAiProtocol;
import dev.kimi.retry.RetryPolicy;
import dev.kimi.transport.TransportFailure;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A rejection holds back the calls that it applies to, and no others. */
class LimitScopesTest {

    private static final String OF_THE_MODEL =
            "{\"error\":{\"message\":\"Rate limit reached for kimi-k3 on tokens per min (TPM): Limit 6000\","
                    + "\"type\":\"rate_limit_reached_error\"}}";
    private static final String OF_THE_ACCOUNT =
            "{\"error\":{\"message\":\"Your account request reached organization max RPM: 3\","
                    + "\"type\":\"rate_limit_reached_error\"}}";

    private final EngineFixture fixture = new EngineFixture();

    @BeforeEach
    void realProtocol() {
        fixture.protocol = new OpenAiProtocol();
        fixture.retryPolicy = RetryPolicy.never();
    }

    private CompletableFuture<ChatResponse> chat(Engine engine, String model) {
        return chat(engine, model, Duration.ofMinutes(10));
    }

    private CompletableFuture<ChatResponse> chat(Engine engine, String model, Duration deadline) {
        return engine.chat(
                ChatRequest.builder()
                        .model(model)
                        .user("hello")
                        .deadline(deadline)
                        .build(),
                CallObserver.NONE,
                Runnable::run);
    }

    private KimiException refused(Engine engine, String model, int status, String body, String... headers) {
        CompletableFuture<ChatResponse> call = chat(engine, model);
        fixture.transport.last().answer(status, body, headers);
        return failureOf(call);
    }

    @Test
    void a_429_of_one_model_that_has_its_own_limit_does_not_delay_another() {
        Engine engine = fixture.engine();
        refused(engine, "kimi-k3", 429, OF_THE_MODEL, "retry-after", "30");

        chat(engine, "kimi-k3");
        assertThat(fixture.transport.count()).as("the model at its limit").isEqualTo(1);
        chat(engine, "kimi-k2.6");

        assertThat(fixture.transport.count()).as("the other model").isEqualTo(2);
        fixture.time.advance(Duration.ofSeconds(30));
        assertThat(fixture.transport.count()).isEqualTo(3);
    }

    @Test
    void an_hour_for_one_model_fails_no_call_of_another() {
        Engine engine = fixture.engine();
        refused(engine, "kimi-k3", 429, OF_THE_MODEL, "retry-after", "3600");

        assertThat(failureOf(chat(engine, "kimi-k3"))).isInstanceOfSatisfying(RateLimitException.class, e -> {
            assertThat(e.limitScope()).isEqualTo(LimitScope.ACCOUNT_MODEL_CLASS);
            assertThat(e.limit()).isEqualTo(RateLimitException.Limit.TOKENS_PER_MINUTE);
            assertThat(e).hasMessageContaining("limit of tokens per minute for model kimi-k3");
            assertThat(e.retryAt()).isEqualTo(fixture.time.now().plusSeconds(3600));
        });
        CompletableFuture<ChatResponse> other = chat(engine, "kimi-k2.6");

        assertThat(other).isNotDone();
        assertThat(fixture.transport.count()).isEqualTo(2);
    }

    @Test
    void a_429_of_the_account_delays_all_models_and_what_has_no_model() {
        Engine engine = fixture.engine();
        KimiException first = refused(engine, "kimi-k3", 429, OF_THE_ACCOUNT, "retry-after", "30");

        chat(engine, "kimi-k3");
        chat(engine, "kimi-k2.6");
        engine.models(Runnable::run);

        assertThat(fixture.transport.count()).isEqualTo(1);
        assertThat(first.limitScope()).isEqualTo(LimitScope.ACCOUNT);
        assertThat(first).hasMessageContaining("limit of requests per minute").hasMessageContaining("model kimi-k3");
        assertThat(failureOf(chat(engine, "kimi-k2.6", Duration.ofSeconds(5))))
                .isInstanceOfSatisfying(
                        RateLimitException.class,
                        e -> assertThat(e.limit()).isEqualTo(RateLimitException.Limit.REQUESTS_PER_MINUTE))
                .hasMessageContaining("the account's limit of requests per minute (here with model kimi-k2.6)")
                .hasMessageContaining("wait 30s");
        fixture.time.advance(Duration.ofSeconds(31));
        assertThat(fixture.transport.count()).isEqualTo(4);
    }

    @Test
    void a_call_whose_model_may_go_on_waits_for_its_account() {
        Engine engine = fixture.engine();
        CompletableFuture<ChatResponse> other = chat(engine, "kimi-k2.6");
        refused(engine, "kimi-k3", 429, OF_THE_MODEL, "retry-after", "10");
        chat(engine, "kimi-k3");
        fixture.transport.sent(0).answer(429, OF_THE_ACCOUNT, "retry-after", "20");
        assertThat(other).isDone();

        fixture.time.advance(Duration.ofMillis(19_999));
        assertThat(fixture.transport.count()).isEqualTo(2);
        fixture.time.advance(Duration.ofMillis(1));

        assertThat(fixture.transport.count()).isEqualTo(3);
    }

    @Test
    void a_call_that_is_held_back_past_its_deadline_says_so_and_gives_no_advice_about_quota() {
        Engine engine = fixture.engine();
        refused(engine, "kimi-k3", 429, OF_THE_MODEL, "retry-after", "1");
        chat(engine, "kimi-k3");
        chat(engine, "kimi-k3");
        CompletableFuture<ChatResponse> late = chat(engine, "kimi-k3", Duration.ofMillis(1_100));

        fixture.time.advance(Duration.ofMillis(1_100));

        assertThat(failureOf(late))
                .isInstanceOfSatisfying(
                        DeadlineExceededException.class,
                        e -> assertThat(e.phase()).isEqualTo(Phase.RATE_LIMITED))
                .hasMessageContaining("held back, since the account's limit of tokens per minute for model kimi-k3")
                .hasMessageNotContaining("kimi.quota");
    }

    @Test
    void a_call_that_is_cancelled_at_the_gate_of_its_model_leaves_it() {
        Engine engine = fixture.engine();
        refused(engine, "kimi-k3", 429, OF_THE_MODEL, "retry-after", "10");

        chat(engine, "kimi-k3").cancel(true);

        fixture.assertNothingIsLeft(engine);
    }

    @Test
    void a_model_without_capacity_does_not_throttle_another() {
        fixture.random = () -> 0L;
        Engine engine = fixture.engine();
        for (int i = 0; i < 100; i++) {
            chat(engine, "kimi-k3");
            fixture.transport.last().answer(429, "{\"error\":{\"type\":\"engine_overloaded_error\"}}");
        }

        assertThat(failureOf(chat(engine, "kimi-k3")))
                .isInstanceOfSatisfying(
                        RejectedException.class,
                        e -> assertThat(e.reason()).isEqualTo(RejectedException.Reason.THROTTLED));
        int sent = fixture.transport.count();
        chat(engine, "kimi-k2.6");
        chat(engine, "kimi-k2.6");

        assertThat(fixture.transport.count()).isEqualTo(sent + 2);
    }

    @Test
    void a_service_that_cannot_be_reached_throttles_all_models() {
        fixture.random = () -> 0L;
        Engine engine = fixture.engine();
        KimiException last = null;
        for (int i = 0; i < 100; i++) {
            CompletableFuture<ChatResponse> call = chat(engine, "kimi-k3");
            if (!call.isDone()) {
                fixture.transport.last().fail(TransportFailure.Kind.CONNECT, true);
                last = failureOf(call);
            }
        }
        assertThat(last).isNotNull();
        assertThat(last.limitScope()).isEqualTo(LimitScope.ENDPOINT);

        chat(engine, "kimi-k2.6");

        assertThat(failureOf(chat(engine, "kimi-k2.6"))).isInstanceOf(RejectedException.class);
    }

    @Test
    void a_name_of_a_model_that_is_none_is_not_shown() {
        Engine engine = fixture.engine();

        KimiException failure = refused(engine, "tell me, oh model", 429, OF_THE_ACCOUNT);

        assertThat(failure).hasMessageContaining("limit of requests per minute");
        assertThat(failure.getMessage()).doesNotContain("tell me");
    }

    @Test
    void more_models_than_can_be_distinguished_share_a_place() {
        Engine engine = fixture.engine();
        for (int i = 0; i < 1_000; i++) {
            chat(engine, "model-" + i);
        }
        assertThat(fixture.transport.count()).isEqualTo(1_000);

        fixture.transport.last().answer(429, OF_THE_ACCOUNT, "retry-after", "10");

        chat(engine, "model-1");
        assertThat(fixture.transport.count()).isEqualTo(1_000);
    }
}
