package dev.kimi.internal.call;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.ChatResponse.Note;
import dev.kimi.event.CallEvent.Rerouted;
import dev.kimi.event.CallObserver;
import dev.kimi.internal.endpoint.Account;
import dev.kimi.internal.endpoint.Endpoint;
import dev.kimi.internal.endpoint.FailoverRouter;
import dev.kimi.internal.protocol.openai.OpenAiProtocol;
import dev.kimi.quota.Quota;
import dev.kimi.quota.QuotaDecision;
import dev.kimi.quota.QuotaRequest;
import dev.kimi.quota.Settlement;
import dev.kimi.retry.RetryPolicy;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Calls of a route whose first endpoint has no quota left for them. */
class SaturatedEndpointTest {

    private final EngineFixture fixture = new EngineFixture();
    private final ScriptedTransport second = new ScriptedTransport();
    private final List<Rerouted> rerouted = new ArrayList<>();
    private final Ledger firstQuota = new Ledger();
    private final Ledger secondQuota = new Ledger();
    private final Account firstAccount = account(firstQuota);
    private final Account secondAccount = account(secondQuota);

    /** A quota that puts everybody off for so long, or for no time. */
    private static final class Ledger implements Quota {
        private Duration wait = Duration.ZERO;
        private int granted;
        private int asked;
        private final List<String> settled = new ArrayList<>();
        private @Nullable Runnable within;

        @Override
        public QuotaDecision reserve(QuotaRequest request) {
            asked++;
            Runnable once = within;
            within = null;
            if (once != null) {
                once.run();
            }
            if (!wait.isZero()) {
                return QuotaDecision.later(wait);
            }
            granted++;
            return QuotaDecision.granted(
                    settlement -> settled.add(settlement.outcome().name()));
        }
    }

    @BeforeEach
    void observe() {
        fixture.listeners.add(started -> event -> {
            if (event instanceof Rerouted elsewhere) {
                rerouted.add(elsewhere);
            }
        });
    }

    private Account account(Quota quota) {
        return new Account("default", quota, fixture.time, fixture.time, fixture.random);
    }

    private Engine engine() {
        return engine(fixture.endpoint("first", fixture.transport, firstAccount), other());
    }

    private Endpoint other() {
        fixture.baseUri = URI.create("https://claude.test");
        return fixture.endpoint("second", second, secondAccount);
    }

    private Engine engine(Endpoint one, Endpoint two) {
        return fixture.engineOver(
                new FailoverRouter(List.of(one, two), fixture.time, fixture.random), fixture.transport);
    }

    private void assertNothingIsLeft(Engine engine) {
        assertThat(engine.liveCalls()).as("calls").isZero();
        assertThat(firstAccount.admission().waiting()
                        + secondAccount.admission().waiting())
                .as("queued calls")
                .isZero();
        assertThat(fixture.time.pending()).as("timers").isZero();
        assertThat(firstQuota.settled).as("settled of the first").hasSize(firstQuota.granted);
        assertThat(secondQuota.settled).as("settled of the second").hasSize(secondQuota.granted);
    }

    @Test
    void a_call_whose_account_has_used_its_minute_goes_on_where_it_is_admitted_at_once() {
        firstQuota.wait = Duration.ofSeconds(30);
        Engine engine = engine();

        CompletableFuture<ChatResponse> call = fixture.chat(engine);
        second.last().answer(200, "sky");

        assertThat(fixture.transport.count()).isZero();
        assertThat(call.join().endpoint()).isEqualTo("second");
        assertThat(rerouted)
                .containsExactly(new Rerouted(
                        "first", "second", Rerouted.Reason.WAIT, Duration.ofSeconds(30), null, null, null));
        assertThat(call.join().notes())
                .extracting(Note::message)
                .containsExactly("Sent to endpoint 'second' instead of 'first': it would have waited 30s.");
        assertNothingIsLeft(engine);
    }

    @Test
    void a_call_that_the_closing_client_ends_on_its_way_gives_its_reservation_back() {
        firstQuota.wait = Duration.ofSeconds(30);
        Engine engine = engine();
        secondQuota.within = engine::close;

        CompletableFuture<ChatResponse> call = fixture.chat(engine);

        assertThat(call).isCompletedExceptionally();
        assertThat(secondQuota.granted).isEqualTo(1);
        assertNothingIsLeft(engine);
    }

    @Test
    void a_short_wait_for_quota_is_waited_for() {
        firstQuota.wait = Duration.ofMillis(900);
        Engine engine = engine();
        CompletableFuture<ChatResponse> call = fixture.chat(engine);

        firstQuota.wait = Duration.ZERO;
        fixture.time.advance(Duration.ofMillis(900));
        fixture.transport.last().answer(200, "sky");

        assertThat(call.join().endpoint()).isEqualTo("first");
        assertThat(rerouted).isEmpty();
        assertNothingIsLeft(engine);
    }

    @Test
    void those_behind_the_first_of_the_queue_expect_to_wait_as_long_each() {
        firstQuota.wait = Duration.ofMillis(400);
        Engine engine = engine();

        fixture.chat(engine);
        fixture.chat(engine);
        assertThat(second.count()).isZero();
        fixture.chat(engine);

        assertThat(second.count()).isEqualTo(1);
        assertThat(firstAccount.admission().waiting()).isEqualTo(2);
        assertThat(rerouted.get(0).delay()).isEqualTo(Duration.ofMillis(1200));
    }

    @Test
    void a_wait_that_proves_longer_than_it_seemed_is_a_reason_to_leave() {
        firstQuota.wait = Duration.ofMillis(400);
        Engine engine = engine();
        CompletableFuture<ChatResponse> call = fixture.chat(engine);
        assertThat(second.count()).isZero();

        fixture.time.advance(Duration.ofSeconds(1));
        second.last().answer(200, "sky");

        assertThat(call.join().endpoint()).isEqualTo("second");
        assertNothingIsLeft(engine);
    }

    @Test
    void a_call_stays_in_the_queue_while_no_other_endpoint_admits_it_at_once() {
        firstQuota.wait = Duration.ofSeconds(5);
        secondQuota.wait = Duration.ofSeconds(5);
        Engine engine = engine();
        CompletableFuture<ChatResponse> call = fixture.chat(engine);
        assertThat(firstAccount.admission().waiting()).isEqualTo(1);
        assertThat(secondAccount.admission().waiting()).isZero();

        firstQuota.wait = Duration.ZERO;
        fixture.time.advance(Duration.ofSeconds(5));
        fixture.transport.last().answer(200, "sky");

        assertThat(call.join().endpoint()).isEqualTo("first");
        assertNothingIsLeft(engine);
    }

    @Test
    void a_call_in_the_queue_leaves_once_another_endpoint_has_quota() {
        firstQuota.wait = Duration.ofSeconds(50);
        secondQuota.wait = Duration.ofSeconds(50);
        Engine engine = engine();
        CompletableFuture<ChatResponse> call = fixture.chat(engine);

        secondQuota.wait = Duration.ZERO;
        fixture.time.advance(Duration.ofSeconds(1));
        second.last().answer(200, "sky");

        assertThat(call.join().endpoint()).isEqualTo("second");
        assertNothingIsLeft(engine);
    }

    @Test
    void a_call_does_not_pass_those_who_wait_at_the_other_endpoint() {
        firstQuota.wait = Duration.ofSeconds(50);
        secondQuota.wait = Duration.ofMillis(100);
        Engine engine = engine();
        Engine onlySecond = fixture.engineOver(
                new FailoverRouter(
                        List.of(fixture.endpoint("second", second, secondAccount)), fixture.time, fixture.random),
                second);
        fixture.chat(onlySecond);
        secondQuota.wait = Duration.ZERO;

        fixture.chat(engine);

        assertThat(firstAccount.admission().waiting()).isEqualTo(1);
    }

    @Test
    void a_call_before_a_closed_gate_waits_there_while_the_other_endpoint_has_no_quota() {
        secondQuota.wait = Duration.ofSeconds(50);
        fixture.retryPolicy = RetryPolicy.standard(3, Duration.ofSeconds(60));
        Engine engine = engine();
        CompletableFuture<ChatResponse> limited = fixture.chat(engine);
        fixture.transport.last().answer(429, "", "retry-after", "5");
        CompletableFuture<ChatResponse> held = fixture.chat(engine);

        assertThat(rerouted).isEmpty();
        assertThat(secondAccount.admission().waiting()).isZero();
        fixture.time.advance(Duration.ofSeconds(20));
        fixture.transport.sent(1).answer(200, "sky");
        fixture.transport.sent(2).answer(200, "sky");

        assertThat(limited).isCompleted();
        assertThat(held).isCompleted();
        assertNothingIsLeft(engine);
    }

    @Test
    void a_call_before_a_closed_gate_leaves_for_an_endpoint_with_quota_that_it_holds_on_arrival() {
        Engine engine = engine();
        fixture.retryPolicy = RetryPolicy.standard(3, Duration.ofSeconds(60));
        CompletableFuture<ChatResponse> call = fixture.chat(engine);

        fixture.transport.last().answer(429, "", "retry-after", "5");
        second.last().answer(200, "sky");

        assertThat(call).isCompleted();
        assertThat(secondQuota.asked).isEqualTo(1);
        assertNothingIsLeft(engine);
    }

    @Test
    void what_was_reserved_at_an_endpoint_that_cannot_take_the_request_is_given_back() {
        Endpoint one = fixture.endpoint("first", fixture.transport, firstAccount);
        fixture.protocol = new OpenAiProtocol();
        Engine engine = engine(one, other());
        firstQuota.wait = Duration.ofSeconds(30);
        ChatRequest hot = ChatRequest.builder().user("hello").temperature(0.3).build();

        CompletableFuture<ChatResponse> call = engine.chat(hot, CallObserver.NONE, Runnable::run);
        assertThat(secondQuota.settled).containsExactly("NOT_COUNTED");
        firstQuota.wait = Duration.ZERO;
        fixture.time.advance(Duration.ofSeconds(30));
        fixture.transport.last().answer(200, "sky");

        assertThat(call.join().endpoint()).isEqualTo("first");
        assertNothingIsLeft(engine);
    }

    @Test
    void a_call_that_is_admitted_at_the_moment_when_it_leaves_gives_that_back() {
        firstQuota.wait = Duration.ofSeconds(30);
        Engine engine = engine();
        // while the call, in its turn, is being admitted at the second, the first has capacity and admits it too
        secondQuota.within = () -> {
            firstQuota.wait = Duration.ZERO;
            firstAccount.admission().settle(settlement -> {}, Settlement.notCounted());
        };

        CompletableFuture<ChatResponse> call = fixture.chat(engine);
        second.last().answer(200, "sky");

        assertThat(call.join().endpoint()).isEqualTo("second");
        assertThat(firstQuota.granted).isEqualTo(1);
        assertThat(firstQuota.settled).containsExactly("NOT_COUNTED");
        assertThat(fixture.transport.count()).isZero();
        assertNothingIsLeft(engine);
    }

    @Test
    void a_client_without_another_endpoint_waits_and_is_not_woken_to_look() {
        firstQuota.wait = Duration.ofSeconds(30);
        Engine engine = fixture.engineOver(
                new FailoverRouter(
                        List.of(fixture.endpoint("first", fixture.transport, firstAccount)),
                        fixture.time,
                        fixture.random),
                fixture.transport);

        fixture.chat(engine);
        fixture.time.advance(Duration.ofSeconds(29));

        assertThat(firstQuota.asked).isEqualTo(2);
        assertThat(firstAccount.admission().waiting()).isEqualTo(1);
    }
}
