package dev.kimi.internal.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kimi.auth.Credentials;
import dev.kimi.auth.CredentialsProvider;
import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse.Note;
import dev.kimi.chat.ChatStream;
import dev.kimi.error.CallCancelledException;
import dev.kimi.error.DeadlineExceededException;
import dev.kimi.error.RateLimitException;
import dev.kimi.error.ServerException;
import dev.kimi.error.TruncatedStreamException;
import dev.kimi.event.CallEvent;
import dev.kimi.event.CallEvent.Hedged;
import dev.kimi.internal.endpoint.Account;
import dev.kimi.internal.endpoint.Endpoint;
import dev.kimi.internal.endpoint.FailoverRouter;
import dev.kimi.internal.endpoint.Hedging;
import dev.kimi.internal.governor.LimitTarget;
import dev.kimi.internal.model.ModelCards;
import dev.kimi.quota.Quota;
import dev.kimi.quota.QuotaDecision;
import dev.kimi.retry.RetryPolicy;
import dev.kimi.service.ModelCard.Fact;
import dev.kimi.transport.TransportFailure;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Streams that are sent to a second endpoint too when the first is slow. */
class HedgingTest {

    /** So many are measured before a stream is sent twice. */
    private static final int SAMPLES = 20;

    private static final Duration USUAL = Duration.ofMillis(400);

    private final EngineFixture fixture = new EngineFixture();
    private final ScriptedTransport first = fixture.transport;
    private final ScriptedTransport second = new ScriptedTransport();
    private final List<CallEvent> events = new ArrayList<>();
    private final List<String> settled = new ArrayList<>();
    private Duration secondQuotaWait = Duration.ZERO;
    private final Account firstAccount = account("first", Quota.unlimited());
    private final Account secondAccount = account(
            "second",
            request -> secondQuotaWait.isZero()
                    ? QuotaDecision.granted(settlement -> {})
                    : QuotaDecision.later(secondQuotaWait));

    @BeforeEach
    void observe() {
        fixture.retryPolicy = RetryPolicy.never();
        fixture.listeners.add(started -> events::add);
    }

    private Account account(String name, Quota quota) {
        Quota noted = request -> {
            QuotaDecision decision = quota.reserve(request);
            return decision instanceof QuotaDecision.Granted
                    ? QuotaDecision.granted(settlement -> settled.add(name + " " + settlement.outcome()))
                    : decision;
        };
        return new Account("default", noted, fixture.time, fixture.time, fixture.random);
    }

    private Engine engine(double share) {
        Endpoint one = fixture.endpoint("first", first, firstAccount);
        fixture.baseUri = URI.create("https://claude.test");
        Endpoint two = fixture.endpoint("second", second, secondAccount);
        return fixture.engineOver(
                new FailoverRouter(List.of(one, two), 1, fixture.time, fixture.random, new Hedging(share)), first);
    }

    /** An engine that knows how long the first endpoint takes, and may send the next calls twice. */
    private Engine measured() {
        return measured(0.5);
    }

    private Engine measured(double share) {
        Engine engine = engine(share);
        serve(engine, SAMPLES, USUAL);
        return engine;
    }

    private void serve(Engine engine, int calls, Duration firstEvent) {
        for (int i = 0; i < calls; i++) {
            ChatStream stream = fixture.stream(engine);
            fixture.time.advance(firstEvent);
            respond(first.last());
            assertThat(stream.response().text()).isEqualTo("sky");
        }
        forget();
    }

    private void forget() {
        first.clear();
        second.clear();
        events.clear();
        settled.clear();
    }

    private static void respond(ScriptedTransport.Sent sent) {
        sent.headers(200).body("sky\n.\n").complete();
    }

    /** A stream that waits at both endpoints. */
    private ChatStream hedged(Engine engine) {
        ChatStream stream = fixture.stream(engine);
        fixture.time.advance(USUAL);
        assertThat(first.count()).isEqualTo(1);
        assertThat(second.count()).isEqualTo(1);
        return stream;
    }

    private List<Hedged> hedges() {
        return events.stream()
                .filter(Hedged.class::isInstance)
                .map(Hedged.class::cast)
                .toList();
    }

    private <T extends CallEvent> List<T> events(Class<T> kind) {
        return events.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    private void assertNothingIsLeft(Engine engine) {
        assertThat(engine.liveCalls()).as("calls").isZero();
        assertThat(fixture.time.pending()).as("timers").isZero();
        assertThat(events(CallEvent.AttemptFinished.class))
                .as("reported attempts")
                .hasSameSizeAs(events(CallEvent.AttemptStarted.class));
        assertThat(settled).as("settled reservations").hasSameSizeAs(events(CallEvent.AttemptStarted.class));
    }

    @Test
    void a_stream_that_waits_for_longer_than_nineteen_of_twenty_is_sent_to_the_second_endpoint_too() {
        Engine engine = measured();
        ChatStream stream = fixture.stream(engine);

        fixture.time.advance(USUAL.minusMillis(1));
        assertThat(second.count()).isZero();
        fixture.time.advance(Duration.ofMillis(1));
        assertThat(second.count()).isEqualTo(1);
        assertThat(first.last().aborted()).isFalse();

        fixture.time.advance(Duration.ofMillis(30));
        second.last().headers(200).body("sky\n");
        assertThat(first.last().aborted())
                .as("the slower one is aborted at once")
                .isTrue();
        assertThat(settled).containsExactly("first UNKNOWN");
        second.last().body(".\n").complete();

        assertThat(stream.response().endpoint()).isEqualTo("second");
        assertThat(hedges()).containsExactly(new Hedged("first", "second", USUAL, "second", null, null));
        assertThat(stream.response().notes())
                .containsExactly(new Note(
                        Note.HEDGED,
                        "Sent to endpoint 'second' too, since 'first' had sent no event for 400ms; 'second' responded"
                                + " first."));
        assertThat(settled).containsExactly("first UNKNOWN", "second COMPLETED");
        assertThat(events(CallEvent.FirstEvent.class)).hasSize(1);
        assertThat(events.get(events.size() - 1)).isInstanceOfSatisfying(CallEvent.Finished.class, end -> {
            assertThat(end.attempts()).isEqualTo(2);
            assertThat(end.status()).isEqualTo(200);
        });
        assertNothingIsLeft(engine);
    }

    @Test
    void the_first_attempt_may_still_deliver_first() {
        Engine engine = measured();
        ChatStream stream = hedged(engine);

        first.last().headers(200).body("sky\n");
        assertThat(second.last().aborted()).isTrue();
        first.last().body(".\n").complete();

        assertThat(stream.response().endpoint()).isEqualTo("first");
        assertThat(hedges()).containsExactly(new Hedged("first", "second", USUAL, "first", null, null));
        assertThat(stream.response().notes()).extracting(Note::code).containsExactly(Note.HEDGED);
        assertThat(settled).containsExactly("second UNKNOWN", "first COMPLETED");
        assertThat(events(CallEvent.AttemptFinished.class).get(0).failure())
                .isInstanceOf(CallCancelledException.class)
                .hasMessage("This attempt was cancelled, since the one at endpoint 'first' responded first.");
        assertNothingIsLeft(engine);
    }

    @Test
    void a_response_head_without_an_event_is_no_sign_that_one_comes() {
        Engine engine = measured();
        ChatStream stream = fixture.stream(engine);
        first.last().headers(200).body(": keep-alive\n");

        fixture.time.advance(USUAL);
        respond(second.last());

        assertThat(stream.response().endpoint()).isEqualTo("second");
        assertNothingIsLeft(engine);
    }

    @Test
    void what_the_other_attempt_may_cost_is_said_where_prices_are_known() {
        ModelCards.Settings cards = new ModelCards.Settings();
        cards.fact("kimi-k3", Fact.CURRENCY, "USD");
        cards.fact("kimi-k3", Fact.PRICE_INPUT, "0.5");
        cards.fact("kimi-k3", Fact.PRICE_OUTPUT, "1");
        fixture.cards = cards.cards();
        fixture.protocol = new LineProtocol() {
            @Override
            public long inputTokens(ChatRequest request) {
                return 100_000;
            }
        };
        Engine engine = measured();
        ChatStream stream = hedged(engine);

        respond(second.last());

        assertThat(hedges()).singleElement().satisfies(hedge -> {
            assertThat(hedge.cost()).isEqualByComparingTo("0.05");
            assertThat(hedge.currency()).isEqualTo("USD");
        });
        assertThat(stream.response().notes().get(0).message())
                .contains("may cost 0.05")
                .contains("USD for the prompt");
    }

    @Test
    void without_twenty_measured_streams_none_is_sent_twice() {
        Engine engine = engine(0.5);
        serve(engine, SAMPLES - 1, USUAL);

        fixture.stream(engine);
        fixture.time.advance(Duration.ofSeconds(10));

        assertThat(second.count()).isZero();
    }

    @Test
    void no_more_than_the_share_of_the_calls_is_sent_twice() {
        Engine engine = measured(0.05);
        List<ChatStream> streams = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            streams.add(fixture.stream(engine));
            // or the endpoint would be silent, and all would leave it
            first.last().headers(200);
        }

        fixture.time.advance(USUAL.multipliedBy(2));

        // one for the 20 that were measured, and two for the 40 that are slow
        assertThat(second.count()).isEqualTo(3);
        streams.forEach(ChatStream::close);
        assertNothingIsLeft(engine);
    }

    @Test
    void a_second_attempt_does_not_wait_for_quota() {
        Engine engine = measured();
        secondQuotaWait = Duration.ofMillis(1);

        fixture.stream(engine);
        fixture.time.advance(USUAL.multipliedBy(3));

        assertThat(second.count()).isZero();
        assertThat(secondAccount.admission().waiting()).isZero();
    }

    @Test
    void a_second_attempt_does_not_wait_at_a_gate() {
        Engine engine = measured();
        secondAccount
                .governor()
                .passage(new LimitTarget("https://claude.test", null, null))
                .gates()
                .get(0)
                .close(Duration.ofSeconds(30), RateLimitException.Limit.REQUESTS_PER_MINUTE);

        fixture.stream(engine);
        fixture.time.advance(USUAL.multipliedBy(3));
        assertThat(second.count()).isZero();

        fixture.time.advance(Duration.ofSeconds(30));
        fixture.stream(engine);
        fixture.time.advance(USUAL);
        assertThat(second.count()).as("the gate has opened").isEqualTo(1);
    }

    @Test
    void an_endpoint_whose_circuit_is_open_gets_no_second_attempt() {
        Engine engine = measured();
        for (int i = 0; i < 5; i++) {
            fixture.chat(engine);
            first.last().answer(503, "");
            second.last().fail(TransportFailure.Kind.CONNECT, true);
            fixture.chat(engine);
            first.last().answer(200, "sky");
        }
        forget();

        fixture.stream(engine);
        fixture.time.advance(USUAL);

        assertThat(second.count()).isZero();
    }

    @Test
    void a_second_attempt_that_fails_is_not_made_again_and_the_first_goes_on() {
        fixture.retryPolicy = RetryPolicy.standard(3, Duration.ofSeconds(60));
        Engine engine = measured();
        ChatStream stream = hedged(engine);

        second.last().answer(503, "");
        fixture.time.advance(Duration.ofSeconds(3));
        assertThat(second.count()).isEqualTo(1);
        assertThat(events(CallEvent.RetryScheduled.class)).isEmpty();
        respond(first.last());

        assertThat(stream.response().endpoint()).isEqualTo("first");
        assertThat(hedges()).containsExactly(new Hedged("first", "second", USUAL, null, null, null));
        assertThat(stream.response().notes().get(0).message()).endsWith("that attempt failed.");
        assertNothingIsLeft(engine);
    }

    @Test
    void when_the_first_attempt_fails_the_second_is_waited_for_instead_of_backing_off() {
        fixture.retryPolicy = RetryPolicy.standard(3, Duration.ofSeconds(60));
        Engine engine = measured();
        ChatStream stream = hedged(engine);
        int budget = firstAccount.governor().budget().available();

        first.last().answer(503, "");
        fixture.time.advance(Duration.ofSeconds(5));
        assertThat(first.count()).isEqualTo(1);
        assertThat(firstAccount.governor().budget().available()).isEqualTo(budget);
        respond(second.last());

        assertThat(stream.response().endpoint()).isEqualTo("second");
        assertThat(events(CallEvent.RetryScheduled.class)).isEmpty();
        assertThat(settled).containsExactly("first UNKNOWN", "second COMPLETED");
        assertNothingIsLeft(engine);
    }

    @Test
    void when_both_attempts_fail_the_first_is_retried_as_without_the_second() {
        fixture.retryPolicy = RetryPolicy.standard(3, Duration.ofSeconds(60));
        Engine engine = measured();
        ChatStream stream = hedged(engine);

        first.last().answer(503, "");
        second.last().answer(503, "");
        assertThat(events(CallEvent.RetryScheduled.class)).hasSize(1);
        fixture.time.advance(Duration.ofSeconds(1));
        assertThat(first.count()).isEqualTo(2);
        respond(first.last());

        assertThat(stream.response().endpoint()).isEqualTo("first");
        assertThat(second.count()).isEqualTo(1);
    }

    @Test
    void when_both_attempts_fail_for_good_the_call_fails_with_the_failure_of_the_first() {
        Engine engine = measured();
        ChatStream stream = hedged(engine);

        first.last().answer(500, "");
        second.last().answer(400, "");

        assertThatThrownBy(() -> stream.iterator().hasNext())
                .isInstanceOfSatisfying(
                        ServerException.class, e -> assertThat(e.status()).isEqualTo(500));
        assertNothingIsLeft(engine);
    }

    @Test
    void rejected_credentials_of_the_first_attempt_are_replaced_only_when_the_second_has_failed() {
        fixture.credentials = new CredentialsProvider() {
            @Override
            public CompletionStage<Credentials> credentials() {
                return CompletableFuture.completedFuture(Credentials.bearer("sk-test"));
            }

            @Override
            public boolean invalidate(Credentials rejected) {
                return true;
            }
        };
        Engine engine = measured();
        ChatStream stream = hedged(engine);

        first.last().answer(401, "");
        assertThat(first.count()).isEqualTo(1);
        second.last().answer(503, "");
        assertThat(first.count()).isEqualTo(2);
        respond(first.last());

        assertThat(stream.response().endpoint()).isEqualTo("first");
    }

    @Test
    void a_time_limit_of_the_first_attempt_leaves_the_second_to_go_on_alone() {
        Engine engine = measured();
        ChatStream stream = hedged(engine);

        fixture.time.advance(fixture.timeouts.headers().minus(USUAL));
        assertThat(first.last().aborted()).isTrue();
        assertThat(second.last().aborted()).isFalse();
        respond(second.last());

        assertThat(stream.response().endpoint()).isEqualTo("second");
        assertNothingIsLeft(engine);
    }

    @Test
    void cancelling_the_call_ends_both_attempts() {
        Engine engine = measured();
        ChatStream stream = hedged(engine);

        stream.close();

        assertThat(first.last().aborted()).isTrue();
        assertThat(second.last().aborted()).isTrue();
        assertThat(settled).containsExactlyInAnyOrder("first UNKNOWN", "second UNKNOWN");
        assertThat(hedges()).containsExactly(new Hedged("first", "second", USUAL, null, null, null));
        assertThat(events.get(events.size() - 1)).isInstanceOf(CallEvent.Finished.class);
        assertNothingIsLeft(engine);
    }

    @Test
    void closing_the_client_ends_both_attempts() {
        Engine engine = measured();
        hedged(engine);

        engine.close();

        assertThat(first.last().aborted()).isTrue();
        assertThat(second.last().aborted()).isTrue();
        assertThat(engine.liveCalls()).isZero();
    }

    @Test
    void the_deadline_is_that_of_both_attempts() {
        Engine engine = measured();
        ChatStream stream = engine.stream(ChatRequest.builder()
                .user("hello")
                .deadline(Duration.ofSeconds(3))
                .build());
        fixture.time.advance(USUAL);
        first.last().answer(503, "");

        fixture.time.advance(Duration.ofSeconds(3).minus(USUAL));

        assertThat(second.last().aborted()).isTrue();
        assertThatThrownBy(() -> stream.iterator().hasNext()).isInstanceOf(DeadlineExceededException.class);
        assertNothingIsLeft(engine);
    }

    @Test
    void a_second_attempt_that_has_delivered_is_cut_like_any_other() {
        Engine engine = measured();
        ChatStream stream = hedged(engine);

        second.last().headers(200).body("sk\n");
        second.last().fail(TransportFailure.Kind.RESET, false);

        assertThatThrownBy(() -> stream.forEach(event -> {})).isInstanceOf(TruncatedStreamException.class);
        assertThat(first.count() + second.count()).isEqualTo(2);
        assertNothingIsLeft(engine);
    }

    @Test
    void of_two_responses_without_content_one_is_handed_over() {
        Engine engine = measured();
        ChatStream stream = hedged(engine);

        second.last().headers(200).body(".\n").complete();

        assertThat(stream.response().endpoint()).isEqualTo("second");
        assertThat(first.last().aborted()).isTrue();
        assertNothingIsLeft(engine);
    }

    @Test
    void a_whole_response_is_not_asked_for_twice() {
        Engine engine = measured();

        fixture.chat(engine);
        fixture.time.advance(Duration.ofSeconds(10));

        assertThat(second.count()).isZero();
    }

    @Test
    void a_service_that_becomes_slow_is_measured_anew() {
        Engine engine = measured(0.05);
        serve(engine, 64, USUAL.multipliedBy(2));

        ChatStream stream = fixture.stream(engine);
        fixture.time.advance(USUAL.multipliedBy(2).minusMillis(1));
        respond(first.last());

        assertThat(second.count()).isZero();
        assertThat(stream.response().notes()).isEmpty();
    }

    @Test
    void events_are_those_of_one_attempt() {
        Engine engine = measured();
        ChatStream stream = hedged(engine);
        first.last().headers(200).body("~\nfi");

        second.last().headers(200).body("se\ncond\n.\n").complete();

        List<String> texts = new ArrayList<>();
        stream.forEach(event -> texts.add(((ChatEvent.Text) event).value()));
        assertThat(texts).containsExactly("se", "cond");
    }
}
