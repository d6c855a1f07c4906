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
import dev.kimi.internal.model.ModelCards;
import dev.kimi.internal.protocol.Dialect;
import dev.kimi.retry.RetryPolicy;
import dev.kimi.service.ModelCard;
import dev.kimi.transport.TransportFailure;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** A rejection holds back the calls that it applies to, and no others. */
@ParameterizedClass
@EnumSource
class LimitScopesTest {

    @Parameter
    Dialect dialect = Dialect.OPENAI;

    private final EngineFixture fixture = new EngineFixture();
    private String model = "";
    private String other = "";

    @BeforeEach
    void realProtocol() {
        fixture.protocol = dialect.protocol();
        model = claude() ? "claude-opus-5-5" : "kimi-k3";
        other = claude() ? "claude-haiku-5-5" : "kimi-k2.6";
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

    private boolean claude() {
        return dialect == Dialect.ANTHROPIC;
    }

    /**
     * The 429 of a limit that each model has of its own: Kimi's words say so, and that Anthropic's has such headers.
     */
    private KimiException rejectedByModel(Engine engine, String rejected, String seconds) {
        CompletableFuture<ChatResponse> call = chat(engine, rejected);
        String words = claude()
                ? "This request would exceed the rate limit for your organization of 50,000 input tokens per minute."
                : "Rate limit reached for " + rejected + " on tokens per min (TPM): Limit 6000";
        String[] headers = claude()
                ? new String[] {"retry-after", seconds, "anthropic-organization-id", "org-1"}
                : new String[] {"retry-after", seconds};
        fixture.transport.last().answer(429, dialect.error("rate_limit_error", words), headers);
        return failureOf(call);
    }

    /** The 429 of a limit that all models share, of an account or a subscription. */
    private KimiException rejectedByAccount(Engine engine, String rejected, String seconds) {
        CompletableFuture<ChatResponse> call = chat(engine, rejected);
        rejectByAccount(fixture.transport.last(), seconds);
        return failureOf(call);
    }

    private void rejectByAccount(ScriptedTransport.Sent sent, String seconds) {
        String words = claude()
                ? "This request would exceed your account's limit of 50 requests per minute."
                : "Your account request reached organization max RPM: 3";
        String[] headers = claude()
                ? new String[] {"retry-after", seconds, "anthropic-ratelimit-unified-status", "rejected"}
                : new String[] {"retry-after", seconds};
        sent.answer(429, dialect.error("rate_limit_error", words), headers);
    }

    @Test
    void a_429_of_one_model_that_has_its_own_limit_does_not_delay_another() {
        Engine engine = fixture.engine();
        rejectedByModel(engine, model, "30");

        chat(engine, model);
        assertThat(fixture.transport.count()).as("the model at its limit").isEqualTo(1);
        chat(engine, other);

        assertThat(fixture.transport.count()).as("the other model").isEqualTo(2);
        fixture.time.advance(Duration.ofSeconds(30));
        assertThat(fixture.transport.count()).isEqualTo(3);
    }

    @Test
    void an_hour_for_one_model_fails_no_call_of_another() {
        Engine engine = fixture.engine();
        rejectedByModel(engine, model, "3600");

        assertThat(failureOf(chat(engine, model))).isInstanceOfSatisfying(RateLimitException.class, e -> {
            assertThat(e.limitScope()).isEqualTo(LimitScope.ACCOUNT_MODEL_CLASS);
            assertThat(e.limit()).isEqualTo(RateLimitException.Limit.TOKENS_PER_MINUTE);
            assertThat(e).hasMessageContaining("limit of tokens per minute for model " + model);
            assertThat(e.retryAt()).isEqualTo(fixture.time.now().plusSeconds(3600));
        });
        CompletableFuture<ChatResponse> meanwhile = chat(engine, other);

        assertThat(meanwhile).isNotDone();
        assertThat(fixture.transport.count()).isEqualTo(2);
    }

    @Test
    void models_of_one_class_share_its_limit() {
        String sibling = model + "-turbo";
        ModelCards.Settings cards = new ModelCards.Settings();
        cards.fact(model, ModelCard.Fact.LIMIT_CLASS, "a-class");
        cards.fact(sibling, ModelCard.Fact.LIMIT_CLASS, "a-class");
        fixture.cards = cards.cards();
        Engine engine = fixture.engine();
        rejectedByModel(engine, model, "30");

        chat(engine, sibling);
        assertThat(fixture.transport.count()).as("a model of that class").isEqualTo(1);
        chat(engine, other);
        assertThat(fixture.transport.count()).as("a model of another").isEqualTo(2);
    }

    @Test
    void a_429_of_the_account_delays_all_models_and_what_has_no_model() {
        Engine engine = fixture.engine();
        KimiException first = rejectedByAccount(engine, model, "30");

        chat(engine, model);
        chat(engine, other);
        engine.models(Runnable::run);

        assertThat(fixture.transport.count()).isEqualTo(1);
        assertThat(first.limitScope()).isEqualTo(LimitScope.ACCOUNT);
        assertThat(first).hasMessageContaining("limit of requests per minute").hasMessageContaining("model " + model);
        assertThat(failureOf(chat(engine, other, Duration.ofSeconds(5))))
                .isInstanceOfSatisfying(
                        RateLimitException.class,
                        e -> assertThat(e.limit()).isEqualTo(RateLimitException.Limit.REQUESTS_PER_MINUTE))
                .hasMessageContaining("the account's limit of requests per minute (here with model " + other + ")")
                .hasMessageContaining("wait 30s");
        fixture.time.advance(Duration.ofSeconds(31));
        assertThat(fixture.transport.count()).isEqualTo(4);
    }

    @Test
    void a_call_whose_model_may_go_on_waits_for_its_account() {
        Engine engine = fixture.engine();
        CompletableFuture<ChatResponse> meanwhile = chat(engine, other);
        rejectedByModel(engine, model, "10");
        chat(engine, model);
        rejectByAccount(fixture.transport.sent(0), "20");
        assertThat(meanwhile).isDone();

        fixture.time.advance(Duration.ofMillis(19_999));
        assertThat(fixture.transport.count()).isEqualTo(2);
        fixture.time.advance(Duration.ofMillis(1));

        assertThat(fixture.transport.count()).isEqualTo(3);
    }

    @Test
    void a_call_that_is_held_back_past_its_deadline_says_so_and_gives_no_advice_about_quota() {
        Engine engine = fixture.engine();
        rejectedByModel(engine, model, "1");
        chat(engine, model);
        chat(engine, model);
        CompletableFuture<ChatResponse> late = chat(engine, model, Duration.ofMillis(1_100));

        fixture.time.advance(Duration.ofMillis(1_100));

        assertThat(failureOf(late))
                .isInstanceOfSatisfying(
                        DeadlineExceededException.class,
                        e -> assertThat(e.phase()).isEqualTo(Phase.RATE_LIMITED))
                .hasMessageContaining("held back, since the account's limit of tokens per minute for model " + model)
                .hasMessageNotContaining("kimi.quota");
    }

    @Test
    void a_call_that_is_cancelled_at_the_gate_of_its_model_leaves_it() {
        Engine engine = fixture.engine();
        rejectedByModel(engine, model, "10");

        chat(engine, model).cancel(true);

        fixture.assertNothingIsLeft(engine);
    }

    @Test
    void a_model_without_capacity_does_not_throttle_another() {
        fixture.random = () -> 0L;
        Engine engine = fixture.engine();
        for (int i = 0; i < 100; i++) {
            chat(engine, model);
            fixture.transport.last().answer(claude() ? 529 : 429, dialect.error("overloaded_error", "Overloaded"));
        }

        assertThat(failureOf(chat(engine, model)))
                .isInstanceOfSatisfying(
                        RejectedException.class,
                        e -> assertThat(e.reason()).isEqualTo(RejectedException.Reason.THROTTLED));
        int sent = fixture.transport.count();
        chat(engine, other);
        chat(engine, other);

        assertThat(fixture.transport.count()).isEqualTo(sent + 2);
    }

    @Test
    void a_service_that_cannot_be_reached_throttles_all_models() {
        fixture.random = () -> 0L;
        Engine engine = fixture.engine();
        KimiException last = null;
        for (int i = 0; i < 100; i++) {
            CompletableFuture<ChatResponse> call = chat(engine, model);
            if (!call.isDone()) {
                fixture.transport.last().fail(TransportFailure.Kind.CONNECT, true);
                last = failureOf(call);
            }
        }
        assertThat(last).isNotNull();
        assertThat(last.limitScope()).isEqualTo(LimitScope.ENDPOINT);

        chat(engine, other);

        assertThat(failureOf(chat(engine, other))).isInstanceOf(RejectedException.class);
    }

    @Test
    void a_name_of_a_model_that_is_none_is_not_shown() {
        Engine engine = fixture.engine();

        KimiException failure = rejectedByAccount(engine, "tell me, oh model", "1");

        assertThat(failure).hasMessageContaining("limit of requests per minute");
        assertThat(failure.getMessage()).doesNotContain("tell me");
    }

    @Test
    void claude_limits_counts_of_tokens_apart_from_chats() {
        fixture.protocol = Dialect.ANTHROPIC.protocol();
        Engine engine = fixture.engine();
        ChatRequest request = ChatRequest.of("hello");
        CompletableFuture<Long> count = engine.countTokens(request, Runnable::run);
        fixture.transport
                .last()
                .answer(
                        429,
                        Dialect.ANTHROPIC.error("rate_limit_error", "Slow."),
                        "retry-after",
                        "30",
                        "anthropic-ratelimit-requests-remaining",
                        "0");
        assertThat(failureOf(count).limitScope()).isEqualTo(LimitScope.ACCOUNT_MODEL_CLASS);

        engine.countTokens(request, Runnable::run);
        assertThat(fixture.transport.count()).as("another count").isEqualTo(1);
        chat(engine, "kimi-k3");
        assertThat(fixture.transport.count()).as("a chat of that model").isEqualTo(2);

        fixture.time.advance(Duration.ofSeconds(30));
        assertThat(fixture.transport.count()).isEqualTo(3);
    }

    @Test
    void more_models_than_can_be_distinguished_share_a_place() {
        Engine engine = fixture.engine();
        for (int i = 0; i < 1_000; i++) {
            chat(engine, "model-" + i);
        }
        assertThat(fixture.transport.count()).isEqualTo(1_000);

        rejectByAccount(fixture.transport.last(), "10");

        chat(engine, "model-1");
        assertThat(fixture.transport.count()).isEqualTo(1_000);
    }
}
