package dev.kimi.internal.call;

import static dev.kimi.internal.call.EngineFixture.failureOf;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.Message;
import dev.kimi.chat.Usage;
import dev.kimi.error.RateLimitException;
import dev.kimi.event.CallObserver;
import dev.kimi.internal.endpoint.BookingPolicy;
import dev.kimi.internal.model.ModelCards;
import dev.kimi.internal.protocol.ErrorContext;
import dev.kimi.quota.Quota;
import dev.kimi.quota.QuotaDecision;
import dev.kimi.quota.QuotaRequest;
import dev.kimi.quota.Settlement;
import dev.kimi.retry.RetryPolicy;
import dev.kimi.service.ModelCard;
import dev.kimi.service.ServiceRequest;
import dev.kimi.transport.Headers;
import dev.kimi.transport.TransportFailure;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What a quota is given of a call: before it is sent, and when it has ended. */
class QuotaSettlementTest {

    private final EngineFixture fixture = new EngineFixture();
    private final List<QuotaRequest> reserved = new ArrayList<>();
    private final List<Settlement> settled = new ArrayList<>();

    private Engine engine() {
        fixture.quota = request -> {
            reserved.add(request);
            return QuotaDecision.granted(settled::add);
        };
        return fixture.engine();
    }

    private CompletableFuture<ChatResponse> chat(Engine engine, int cap) {
        ChatRequest request = ChatRequest.builder()
                .user("hello")
                .model("kimi-k3-turbo")
                .maxCompletionTokens(cap)
                .build();
        return engine.chat(request, CallObserver.NONE, Runnable::run);
    }

    private Settlement settlement() {
        assertThat(settled).hasSize(1);
        return settled.get(0);
    }

    /** A prompt of a hundred tokens, and usages as a service with a cache reports them. */
    private static final class Counting extends LineProtocol {

        @Override
        public long inputTokens(ChatRequest request) {
            return 100;
        }

        @Override
        public ChatResponse decode(Headers headers, ByteBuffer body, ErrorContext context) {
            return ChatResponse.builder(Message.assistant("yes"))
                    .usage(Usage.builder()
                            .promptTokens(90)
                            .completionTokens(20)
                            .cachedTokens(60)
                            .build())
                    .build();
        }
    }

    /** As Anthropic counts: the output cap books nothing, and what is read from the cache does not count. */
    private static final class WithoutCap implements BookingPolicy {

        @Override
        public long bookedInput(long estimate) {
            return estimate;
        }

        @Override
        public long bookedOutput(long cap) {
            return 0;
        }

        @Override
        public long countedInput(Usage usage) {
            return usage.promptTokens() - usage.cachedTokens();
        }

        @Override
        public long countedOutput(Usage usage) {
            return usage.completionTokens();
        }
    }

    @Test
    void a_quota_learns_account_model_estimate_and_cap_and_what_kimi_books() {
        fixture.protocol = new Counting();
        ModelCards.Settings cards = new ModelCards.Settings();
        cards.fact("kimi-k3-turbo", ModelCard.Fact.LIMIT_CLASS, "turbo models");
        fixture.cards = cards.cards();

        chat(engine(), 1_000);

        assertThat(reserved).singleElement().satisfies(request -> {
            assertThat(request.account()).isEqualTo("default");
            assertThat(request.model()).isEqualTo("kimi-k3-turbo");
            assertThat(request.modelClass()).isEqualTo("turbo models");
            assertThat(request.inputTokens()).isEqualTo(100);
            assertThat(request.outputCap()).isEqualTo(1_000);
            assertThat(request.bookedInputTokens()).isEqualTo(100);
            assertThat(request.bookedOutputTokens()).isEqualTo(1_000);
            assertThat(request.bookedTokens()).isEqualTo(1_100);
        });
    }

    @Test
    void kimi_counts_all_tokens_of_the_usage_those_from_the_cache_too() {
        fixture.protocol = new Counting();
        chat(engine(), 1_000);

        fixture.transport.last().answer(200, "");

        assertThat(settlement().outcome()).isEqualTo(Settlement.Outcome.COMPLETED);
        assertThat(settlement().isMeasured()).isTrue();
        assertThat(settlement().countedInputTokens()).isEqualTo(90);
        assertThat(settlement().countedOutputTokens()).isEqualTo(20);
        assertThat(settlement().countedTokens()).isEqualTo(110);
    }

    @Test
    void a_service_that_counts_otherwise_books_and_settles_otherwise() {
        fixture.protocol = new Counting();
        fixture.booking = new WithoutCap();
        chat(engine(), 1_000);

        fixture.transport.last().answer(200, "");

        assertThat(reserved.get(0).outputCap()).isEqualTo(1_000);
        assertThat(reserved.get(0).bookedInputTokens()).isEqualTo(100);
        assertThat(reserved.get(0).bookedOutputTokens()).isZero();
        assertThat(settlement().countedInputTokens()).isEqualTo(30);
        assertThat(settlement().countedOutputTokens()).isEqualTo(20);
    }

    @Test
    void what_may_have_been_counted_counts_as_booked() {
        fixture.protocol = new Counting();
        CompletableFuture<ChatResponse> call = chat(engine(), 1_000);

        call.cancel(true);

        assertThat(settlement().outcome()).isEqualTo(Settlement.Outcome.UNKNOWN);
        assertThat(settlement().isMeasured()).isFalse();
        assertThat(settlement().countedTokens()).isEqualTo(1_100);
    }

    @Test
    void what_never_reached_the_service_counts_nothing() {
        fixture.protocol = new Counting();
        fixture.retryPolicy = RetryPolicy.never();
        chat(engine(), 1_000);

        fixture.transport.last().fail(TransportFailure.Kind.CONNECT, true);

        assertThat(settlement().outcome()).isEqualTo(Settlement.Outcome.NOT_COUNTED);
        assertThat(settlement().countedTokens()).isZero();
        assertThat(settlement().rateLimits()).isEmpty();
    }

    @Test
    void an_exchange_without_a_model_books_a_request_and_no_tokens() {
        Engine engine = engine();
        engine.exchange(ServiceRequest.get("/users/me/balance"), Runnable::run);

        fixture.transport.last().answer(200, "{}");

        assertThat(reserved.get(0).model()).isNull();
        assertThat(reserved.get(0).modelClass()).isNull();
        assertThat(reserved.get(0).bookedTokens()).isZero();
        assertThat(settlement().outcome()).isEqualTo(Settlement.Outcome.COMPLETED);
        assertThat(settlement().isMeasured()).isFalse();
    }

    @Test
    void the_headers_that_speak_of_limits_are_passed_on_whatever_their_case_and_no_others() {
        chat(engine(), 10);

        fixture.transport
                .last()
                .answer(
                        200,
                        "yes",
                        "X-RateLimit-Remaining-Requests",
                        "59",
                        "anthropic-ratelimit-input-tokens-reset",
                        "2026-08-01T00:00:00Z",
                        "X-RATELIMIT-REMAINING-REQUESTS",
                        "58",
                        "Set-Cookie",
                        "secret",
                        "x-request-id",
                        "r-1",
                        "x-ratelimiter",
                        "no");

        assertThat(settlement().rateLimits())
                .hasSize(2)
                .containsEntry("x-ratelimit-remaining-requests", "59")
                .containsEntry("anthropic-ratelimit-input-tokens-reset", "2026-08-01T00:00:00Z");
        assertThat(settlement().rateLimits().get("X-RateLimit-Remaining-Requests"))
                .isEqualTo("59");
        assertThat(settlement().toString()).doesNotContain("59");
    }

    @Test
    void a_429_says_how_long_to_wait_and_is_not_counted() {
        fixture.retryPolicy = RetryPolicy.never();
        CompletableFuture<ChatResponse> call = chat(engine(), 10);

        fixture.transport.last().answer(429, "", "Retry-After", "7");

        assertThat(failureOf(call)).isInstanceOf(RateLimitException.class);
        assertThat(settlement().outcome()).isEqualTo(Settlement.Outcome.NOT_COUNTED);
        assertThat(settlement().rateLimits()).containsEntry("retry-after", "7");
    }

    @Test
    void of_several_attempts_the_last_response_speaks() {
        chat(engine(), 10);

        fixture.transport.last().answer(429, "", "retry-after", "1", "x-ratelimit-remaining-requests", "0");
        fixture.time.advance(Duration.ofSeconds(10));
        fixture.transport.last().answer(200, "yes", "x-ratelimit-remaining-requests", "9");

        assertThat(fixture.transport.count()).isEqualTo(2);
        assertThat(settlement().outcome()).isEqualTo(Settlement.Outcome.COMPLETED);
        assertThat(settlement().rateLimits()).hasSize(1).containsEntry("x-ratelimit-remaining-requests", "9");
    }

    @Test
    void a_quota_may_use_the_client_from_within_its_decision() {
        boolean[] free = {true};
        Runnable[] within = {() -> {}};
        fixture.quota = request -> {
            Runnable once = within[0];
            within[0] = () -> {};
            once.run();
            if (!free[0]) {
                return QuotaDecision.later(Duration.ofHours(1));
            }
            free[0] = false;
            return QuotaDecision.granted(settlement -> free[0] = true);
        };
        Engine engine = fixture.engine();
        CompletableFuture<ChatResponse> sent = fixture.chat(engine);
        CompletableFuture<ChatResponse> waiting = fixture.chat(engine);
        List<CompletableFuture<ChatResponse>> begun = new ArrayList<>();
        within[0] = () -> {
            begun.add(fixture.chat(engine));
            waiting.cancel(true);
            fixture.account().resetLimits();
        };

        fixture.account().resetLimits();
        assertThat(waiting).isCancelled();
        assertThat(fixture.queuedCalls()).isEqualTo(1);
        fixture.transport.last().answer(200, "one");
        fixture.transport.last().answer(200, "two");

        assertThat(sent).isCompleted();
        assertThat(begun).singleElement().satisfies(call -> assertThat(call).isCompleted());
        fixture.assertNothingIsLeft(engine);
    }

    @Test
    void a_quota_that_notifies_of_capacity_lets_the_next_call_in_at_once() {
        boolean[] open = {false};
        List<Runnable> subscribed = new ArrayList<>();
        fixture.quota = new Quota() {
            @Override
            public QuotaDecision reserve(QuotaRequest request) {
                return open[0] ? QuotaDecision.granted(settlement -> {}) : QuotaDecision.later(Duration.ofHours(1));
            }

            @Override
            public Subscription subscribe(String account, Runnable onCapacity) {
                subscribed.add(onCapacity);
                return () -> {};
            }
        };
        Engine engine = fixture.engine();
        CompletableFuture<ChatResponse> call = fixture.chat(engine);
        assertThat(fixture.transport.count()).isZero();

        open[0] = true;
        subscribed.forEach(Runnable::run);

        assertThat(fixture.transport.count()).isEqualTo(1);
        fixture.transport.last().answer(200, "yes");
        assertThat(call).isCompleted();
        fixture.assertNothingIsLeft(engine);
    }
}
