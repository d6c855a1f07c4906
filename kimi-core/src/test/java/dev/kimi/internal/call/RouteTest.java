package dev.kimi.internal.call;

import static dev.kimi.internal.call.EngineFixture.failureOf;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.ChatResponse.Note;
import dev.kimi.chat.ChatStream;
import dev.kimi.error.DeadlineExceededException;
import dev.kimi.error.InvalidRequestException;
import dev.kimi.event.CallEvent;
import dev.kimi.event.CallEvent.Rerouted;
import dev.kimi.event.CallObserver;
import dev.kimi.internal.endpoint.Account;
import dev.kimi.internal.endpoint.Endpoint;
import dev.kimi.internal.endpoint.FailoverRouter;
import dev.kimi.internal.governor.RetryBudget;
import dev.kimi.internal.model.ModelCards;
import dev.kimi.internal.protocol.openai.OpenAiProtocol;
import dev.kimi.quota.Quota;
import dev.kimi.retry.RetryDecision;
import dev.kimi.retry.RetryPolicy;
import dev.kimi.service.ModelCard.Fact;
import dev.kimi.transport.TransportFailure;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.logging.ConsoleHandler;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Calls of a route whose endpoints are down, saturated, or hold a conversation. */
class RouteTest {

    private static final int ROW = 5;

    private final EngineFixture fixture = new EngineFixture();
    private final ScriptedTransport second = new ScriptedTransport();
    private final List<Rerouted> rerouted = new ArrayList<>();
    private final Account firstAccount = account();
    private final Account secondAccount = account();

    @BeforeEach
    void observe() {
        fixture.retryPolicy = RetryPolicy.never();
        fixture.listeners.add(started -> event -> {
            if (event instanceof Rerouted elsewhere) {
                rerouted.add(elsewhere);
            }
        });
    }

    private Account account() {
        return new Account("default", Quota.unlimited(), fixture.time, fixture.time, fixture.random);
    }

    private Engine engine() {
        Endpoint one = fixture.endpoint("first", fixture.transport, firstAccount);
        return engine(one, otherAddress());
    }

    private Endpoint otherAddress() {
        fixture.baseUri = URI.create("https://claude.test");
        return fixture.endpoint("second", second, secondAccount);
    }

    private Engine engine(Endpoint one, Endpoint other) {
        return fixture.engineOver(
                new FailoverRouter(List.of(one, other), fixture.time, fixture.random), fixture.transport);
    }

    /** The first endpoint fails until its circuit opens; the second serves all of those calls. */
    private void openFirst(Engine engine) {
        for (int i = 0; i < ROW; i++) {
            CompletableFuture<ChatResponse> call = fixture.chat(engine);
            fixture.transport.last().fail(TransportFailure.Kind.CONNECT, true);
            second.last().answer(200, "sky");
            assertThat(call).isCompleted();
        }
        rerouted.clear();
        fixture.transport.clear();
        second.clear();
    }

    @Test
    void what_ends_says_at_which_endpoint() {
        List<String> ends = new ArrayList<>();
        fixture.listeners.add(started -> event -> {
            if (event instanceof CallEvent.AttemptFinished attempt) {
                ends.add(attempt.attempt() + " at " + attempt.endpoint());
            } else if (event instanceof CallEvent.Finished call) {
                ends.add("call at " + call.endpoint());
            }
        });
        Engine engine = engine();

        fixture.chat(engine);
        fixture.transport.last().answer(503, "");
        second.last().answer(200, "sky");
        fixture.chat(engine);
        fixture.transport.last().answer(503, "");
        second.last().answer(503, "");

        assertThat(ends)
                .containsExactly(
                        "1 at first", "2 at second", "call at second", "1 at first", "2 at second", "call at second");
    }

    @Test
    void what_ends_before_it_was_sent_names_no_endpoint() {
        List<CallEvent.Finished> ends = new ArrayList<>();
        fixture.credentials = () -> new CompletableFuture<>();
        fixture.listeners.add(started -> event -> {
            if (event instanceof CallEvent.Finished call) {
                ends.add(call);
            }
        });

        fixture.chat(engine()).cancel(true);

        assertThat(ends)
                .singleElement()
                .extracting(CallEvent.Finished::endpoint)
                .isNull();
    }

    private void assertNothingIsLeft(Engine engine) {
        assertThat(engine.liveCalls()).as("calls").isZero();
        assertThat(fixture.time.pending()).as("timers").isZero();
    }

    @Test
    void while_the_circuit_is_open_calls_begin_at_the_second_endpoint_and_say_so() {
        Engine engine = engine();
        openFirst(engine);

        CompletableFuture<ChatResponse> call = fixture.chat(engine);
        second.last().answer(200, "sky");

        assertThat(fixture.transport.count()).isZero();
        assertThat(call.join().endpoint()).isEqualTo("second");
        assertThat(call.join().notes()).singleElement().satisfies(note -> {
            assertThat(note.code()).isEqualTo(Note.SENT_ELSEWHERE);
            assertThat(note.message())
                    .isEqualTo("Sent to endpoint 'second' instead of 'first': the circuit of that endpoint is open.");
        });
        assertThat(rerouted)
                .containsExactly(
                        new Rerouted("first", "second", Rerouted.Reason.CIRCUIT_OPEN, Duration.ZERO, null, null, null));
        assertNothingIsLeft(engine);
    }

    @Test
    void one_call_finds_out_whether_the_first_endpoint_is_back_and_the_others_follow() {
        Engine engine = engine();
        openFirst(engine);
        fixture.time.advance(Duration.ofSeconds(2));

        fixture.chat(engine);
        fixture.chat(engine);
        assertThat(fixture.transport.count()).as("the probe").isEqualTo(1);
        assertThat(second.count()).isEqualTo(1);
        fixture.transport.last().answer(200, "sky");
        fixture.time.advance(Duration.ofSeconds(2));

        for (int i = 0; i < 10; i++) {
            fixture.chat(engine);
        }
        assertThat(fixture.transport.count()).isEqualTo(11);
    }

    @Test
    void a_short_wait_is_waited_for_while_the_circuit_closes_too() {
        fixture.retryPolicy = failed ->
                failed.failure().status() == 500 ? RetryDecision.after(Duration.ofMillis(100)) : RetryDecision.stop();
        Engine engine = engine();
        openFirst(engine);
        fixture.time.advance(Duration.ofSeconds(2));
        fixture.chat(engine);
        fixture.transport.last().answer(200, "sky");

        CompletableFuture<ChatResponse> call = fixture.chat(engine);
        fixture.transport.last().answer(500, "");
        assertThat(rerouted).isEmpty();
        fixture.time.advance(Duration.ofMillis(100));
        fixture.transport.last().answer(200, "sky");

        assertThat(call.join().endpoint()).isEqualTo("first");
    }

    @Test
    void a_long_wait_while_the_circuit_closes_is_no_open_circuit() {
        fixture.retryPolicy = failed ->
                failed.failure().status() == 500 ? RetryDecision.after(Duration.ofSeconds(3)) : RetryDecision.stop();
        Engine engine = engine();
        openFirst(engine);
        fixture.time.advance(Duration.ofSeconds(2));
        fixture.chat(engine);
        fixture.transport.last().answer(200, "sky");

        fixture.chat(engine);
        fixture.transport.last().answer(500, "");

        assertThat(second.count()).isEqualTo(1);
        assertThat(rerouted).singleElement().extracting(Rerouted::reason).isEqualTo(Rerouted.Reason.WAIT);
    }

    @Test
    void a_probe_that_fails_goes_elsewhere_without_another_attempt_there() {
        fixture.retryPolicy = RetryPolicy.standard(3, Duration.ofSeconds(60));
        Engine engine = engine();
        for (int i = 0; i < ROW; i++) {
            fixture.chat(engine);
            fixture.transport.last().fail(TransportFailure.Kind.CONNECT, true);
        }
        fixture.time.advance(Duration.ofSeconds(2));
        fixture.transport.clear();
        second.clear();
        int budget = firstAccount.governor().budget().available();

        fixture.chat(engine);
        fixture.transport.last().fail(TransportFailure.Kind.CONNECT, true);

        assertThat(second.count()).isEqualTo(1);
        assertThat(firstAccount.governor().budget().available()).isEqualTo(budget);
    }

    @Test
    void a_probe_that_is_cancelled_leaves_its_place_to_the_next_call() {
        Engine engine = engine();
        openFirst(engine);
        fixture.time.advance(Duration.ofSeconds(2));

        fixture.chat(engine).cancel(true);
        fixture.chat(engine);

        assertThat(fixture.transport.count()).isEqualTo(2);
    }

    @Test
    void where_every_circuit_is_open_a_call_is_sent_to_the_first_endpoint() {
        Engine engine = engine();
        openBoth(engine);

        CompletableFuture<ChatResponse> call = fixture.chat(engine);
        fixture.transport.last().answer(200, "sky");

        assertThat(call.join().endpoint()).isEqualTo("first");
    }

    @Test
    void a_call_does_not_fail_while_an_endpoint_was_not_tried_though_its_circuit_is_open() {
        Engine engine = engine();
        openBoth(engine);

        CompletableFuture<ChatResponse> call = fixture.chat(engine);
        fixture.transport.last().fail(TransportFailure.Kind.CONNECT, true);
        second.last().answer(200, "sky");

        assertThat(call.join().endpoint()).isEqualTo("second");
        assertThat(rerouted).singleElement().extracting(Rerouted::reason).isEqualTo(Rerouted.Reason.FAILURE);
        assertNothingIsLeft(engine);
    }

    @Test
    void a_call_fails_once_it_has_tried_every_endpoint_whose_circuit_is_open() {
        Engine engine = engine();
        openBoth(engine);

        CompletableFuture<ChatResponse> call = fixture.chat(engine);
        fixture.transport.last().fail(TransportFailure.Kind.CONNECT, true);
        second.last().answer(503, "");

        assertThat(failureOf(call).status()).isEqualTo(503);
        assertThat(fixture.transport.count() + second.count()).isEqualTo(2);
        assertNothingIsLeft(engine);
    }

    /** The first endpoint fails until its circuit opens, and so does the second. */
    private void openBoth(Engine engine) {
        openFirst(engine);
        for (int i = 0; i < ROW; i++) {
            fixture.chat(engine);
            second.last().fail(TransportFailure.Kind.CONNECT, true);
            if (fixture.transport.count() > 0) {
                fixture.transport.last().fail(TransportFailure.Kind.CONNECT, true);
            }
        }
        rerouted.clear();
        fixture.transport.clear();
        second.clear();
    }

    @Test
    void what_the_first_endpoint_is_known_to_reject_is_rejected_while_its_circuit_is_open_too() {
        Engine engine = engine();
        openFirst(engine);

        assertThat(failureOf(engine.chat(ChatRequest.of("refused"), CallObserver.NONE, Runnable::run)))
                .isInstanceOf(InvalidRequestException.class);
    }

    @Test
    void an_endpoint_that_cannot_take_the_request_is_passed_over() {
        Endpoint one = fixture.endpoint("first", fixture.transport, firstAccount);
        fixture.protocol = new OpenAiProtocol();
        Engine engine = engine(one, otherAddress());
        for (int i = 0; i < ROW; i++) {
            fixture.chat(engine);
            fixture.transport.last().fail(TransportFailure.Kind.CONNECT, true);
        }
        fixture.transport.clear();
        second.clear();
        ChatRequest hot = ChatRequest.builder().user("hello").temperature(0.3).build();

        CompletableFuture<ChatResponse> call = engine.chat(hot, CallObserver.NONE, Runnable::run);
        fixture.transport.last().answer(200, "sky");

        assertThat(second.count()).isZero();
        assertThat(call.join().text()).isEqualTo("sky");
    }

    @Test
    void a_wait_that_is_too_long_is_a_reason_to_leave_and_costs_no_retry() {
        fixture.retryPolicy = RetryPolicy.standard(3, Duration.ofSeconds(60));
        Engine engine = engine();
        CompletableFuture<ChatResponse> call = fixture.chat(engine);

        fixture.transport.last().answer(429, "", "retry-after", "5");
        second.last().answer(200, "sky");

        assertThat(call.join().endpoint()).isEqualTo("second");
        assertThat(rerouted).singleElement().satisfies(elsewhere -> {
            assertThat(elsewhere.reason()).isEqualTo(Rerouted.Reason.WAIT);
            assertThat(elsewhere.delay()).isGreaterThanOrEqualTo(Duration.ofSeconds(5));
            assertThat(elsewhere.failure()).isNotNull();
        });
        assertThat(firstAccount.governor().budget().available()).isEqualTo(RetryBudget.CAPACITY);
        assertNothingIsLeft(engine);
    }

    @Test
    void many_calls_that_leave_take_no_retries_from_those_that_stay() {
        fixture.retryPolicy = RetryPolicy.classic(3, 1, Duration.ofSeconds(4), Duration.ofSeconds(10));
        Engine engine = engine();
        for (int i = 0; i < 20; i++) {
            fixture.chat(engine);
            fixture.transport.last().answer(500, "");
            second.last().answer(200, "sky");
            fixture.chat(engine);
            fixture.transport.last().answer(200, "sky");
        }

        assertThat(rerouted).hasSize(20).allMatch(elsewhere -> elsewhere.reason() == Rerouted.Reason.WAIT);
        assertThat(firstAccount.governor().takeRetry(RetryBudget.TRANSIENT_COST))
                .isNotNull();
    }

    @Test
    void a_call_that_would_be_held_at_a_gate_leaves_it() {
        fixture.retryPolicy = RetryPolicy.standard(3, Duration.ofSeconds(60));
        Engine engine = engine();
        fixture.chat(engine);
        fixture.transport.last().answer(429, "", "retry-after", "5");
        second.last().answer(200, "sky");

        CompletableFuture<ChatResponse> call = fixture.chat(engine);
        second.last().answer(200, "sky");

        assertThat(call.join().endpoint()).isEqualTo("second");
        assertThat(fixture.transport.count()).isEqualTo(1);
        assertNothingIsLeft(engine);
    }

    @Test
    void a_short_wait_is_waited_for() {
        fixture.retryPolicy = RetryPolicy.standard(3, Duration.ofSeconds(60));
        Engine engine = engine();
        CompletableFuture<ChatResponse> call = fixture.chat(engine);

        fixture.transport.last().answer(500, "");
        fixture.time.advance(Duration.ofSeconds(1));
        fixture.transport.last().answer(200, "sky");

        assertThat(call.join().endpoint()).isEqualTo("first");
        assertThat(second.count()).isZero();
    }

    /** A million tokens cost half a dollar, and nothing from the cache; each prompt has a hundred thousand. */
    private Engine pricedEngine() {
        ModelCards.Settings cards = new ModelCards.Settings();
        cards.fact("kimi-k3", Fact.CURRENCY, "USD");
        cards.fact("kimi-k3", Fact.PRICE_INPUT, "0.5");
        cards.fact("kimi-k3", Fact.PRICE_OUTPUT, "1");
        cards.fact("kimi-k3", Fact.PRICE_CACHE_READ, "0");
        fixture.cards = cards.cards();
        fixture.protocol = new LineProtocol() {
            @Override
            public long inputTokens(ChatRequest request) {
                return 100_000;
            }
        };
        fixture.retryPolicy = RetryPolicy.standard(3, Duration.ofSeconds(60));
        return engine();
    }

    @Test
    void a_conversation_waits_as_long_as_its_prompt_cache_is_worth_which_is_a_second_for_a_cent() {
        Engine engine = pricedEngine();
        session(engine, "a");
        fixture.transport.last().answer(200, "sky");

        session(engine, "a");
        fixture.transport.last().answer(429, "", "retry-after", "4");

        assertThat(second.count()).isZero();
        fixture.time.advance(Duration.ofSeconds(5));
        assertThat(fixture.transport.count()).isEqualTo(3);
    }

    @Test
    void a_conversation_leaves_its_prompt_cache_for_a_longer_wait_and_the_event_says_what_it_costs() {
        Engine engine = pricedEngine();
        session(engine, "a");
        fixture.transport.last().answer(200, "sky");

        CompletableFuture<ChatResponse> call = session(engine, "a");
        fixture.transport.last().answer(429, "", "retry-after", "8");
        second.last().answer(200, "sky");

        assertThat(rerouted).singleElement().satisfies(elsewhere -> {
            assertThat(elsewhere.delay()).isBetween(Duration.ofSeconds(8), Duration.ofSeconds(10));
            assertThat(elsewhere.lostCache()).isEqualByComparingTo("0.05");
            assertThat(elsewhere.currency()).isEqualTo("USD");
        });
        assertThat(call.join().notes())
                .extracting(Note::message)
                .singleElement()
                .asString()
                .matches(
                        "Sent to endpoint 'second' instead of 'first': it would have waited \\d+m?s, which costs about 0\\.05"
                                + " USD for the lost prompt cache \\(RateLimitException, status 429\\)\\.");
    }

    @Test
    void what_has_no_prompt_cache_there_leaves_for_a_wait_of_more_than_a_second() {
        Engine engine = pricedEngine();
        session(engine, "a");

        fixture.transport.last().answer(429, "", "retry-after", "1");

        assertThat(second.count()).isEqualTo(1);
        assertThat(rerouted.get(0).lostCache()).isNull();
    }

    private CompletableFuture<ChatResponse> session(Engine engine, String id) {
        ChatRequest request = ChatRequest.builder().user("hello").sessionId(id).build();
        return engine.chat(request, CallObserver.NONE, Runnable::run);
    }

    @Test
    void of_two_keys_at_one_address_a_conversation_stays_with_the_one_where_it_was() {
        Engine engine = engine(
                fixture.endpoint("first", fixture.transport, firstAccount),
                fixture.endpoint("second", second, secondAccount));
        session(engine, "a");
        fixture.transport.last().answer(503, "");
        second.last().answer(200, "sky");

        session(engine, "a");
        session(engine, "b");
        assertThat(second.count()).isEqualTo(2);
        assertThat(fixture.transport.count()).isEqualTo(2);

        fixture.time.advance(Duration.ofMinutes(5));
        session(engine, "a");
        assertThat(fixture.transport.count()).as("its cache is cold").isEqualTo(3);
    }

    @Test
    void calls_from_before_a_reset_say_nothing_of_a_circuit_that_was_dropped() {
        Endpoint one = fixture.endpoint("first", fixture.transport, firstAccount);
        FailoverRouter router = new FailoverRouter(List.of(one, otherAddress()), fixture.time, fixture.random);
        Engine engine = fixture.engineOver(router, fixture.transport);
        for (int i = 0; i < ROW; i++) {
            fixture.chat(engine);
        }
        List<String> lines = new ArrayList<>();
        Logger logger = Logger.getLogger("dev.kimi.routes");
        Handler handler = new ConsoleHandler() {
            @Override
            public void publish(LogRecord line) {
                lines.add(line.getMessage());
            }
        };
        logger.addHandler(handler);
        try {
            router.reset();
            for (int i = 0; i < ROW; i++) {
                fixture.transport.sent(i).fail(TransportFailure.Kind.CONNECT, true);
            }
        } finally {
            logger.removeHandler(handler);
        }

        assertThat(lines).isEmpty();
    }

    @Test
    void a_session_with_another_model_has_another_prompt_cache() {
        Engine engine = engine(
                fixture.endpoint("first", fixture.transport, firstAccount),
                fixture.endpoint("second", second, secondAccount));
        session(engine, "a");
        fixture.transport.last().answer(503, "");
        second.last().answer(200, "sky");

        ChatRequest other = ChatRequest.builder()
                .model("other")
                .user("hello")
                .sessionId("a")
                .build();
        engine.chat(other, CallObserver.NONE, Runnable::run);

        assertThat(fixture.transport.count()).isEqualTo(2);
        assertThat(second.count()).isEqualTo(1);
    }

    @Test
    void a_conversation_that_is_elsewhere_while_the_circuit_is_open_says_so_each_time() {
        Engine engine = engine();
        openFirst(engine);
        session(engine, "a");
        second.last().answer(200, "sky");

        session(engine, "a");

        assertThat(fixture.transport.count()).isZero();
        assertThat(rerouted)
                .hasSize(2)
                .allMatch(elsewhere -> elsewhere.reason() == Rerouted.Reason.CIRCUIT_OPEN
                        && elsewhere.to().equals("second"));
    }

    @Test
    void a_conversation_returns_to_the_first_service_with_its_next_request() {
        Engine engine = engine();
        session(engine, "a");
        fixture.transport.last().answer(503, "");
        second.last().answer(200, "sky");

        session(engine, "a");

        assertThat(fixture.transport.count()).isEqualTo(2);
    }

    @Test
    void a_stream_that_gets_no_head_in_time_goes_elsewhere() {
        Engine engine = engine();
        ChatStream stream = fixture.stream(engine);

        fixture.time.advance(fixture.timeouts.headers());
        assertThat(fixture.transport.last().aborted()).isTrue();
        second.last().headers(200).body("a\n.\n").complete();

        assertThat(stream.response().endpoint()).isEqualTo("second");
        assertNothingIsLeft(engine);
    }

    @Test
    void a_whole_response_that_does_not_come_in_time_may_be_paid_for_and_is_not_asked_for_elsewhere() {
        Engine engine = engine();
        CompletableFuture<ChatResponse> call = fixture.chat(engine);

        fixture.time.advance(fixture.timeouts.firstEvent());

        assertThat(failureOf(call)).isInstanceOf(DeadlineExceededException.class);
        assertThat(second.count()).isZero();
    }
}
