package dev.kimi.internal.call;

import static dev.kimi.internal.call.EngineFixture.failureOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.ChatStream;
import dev.kimi.error.DeadlineExceededException;
import dev.kimi.error.InvalidRequestException;
import dev.kimi.error.KimiException;
import dev.kimi.error.ServerException;
import dev.kimi.error.TransportException;
import dev.kimi.error.TruncatedStreamException;
import dev.kimi.event.CallEvent;
import dev.kimi.event.CallObserver;
import dev.kimi.internal.endpoint.Account;
import dev.kimi.internal.endpoint.Endpoint;
import dev.kimi.internal.endpoint.FailoverRouter;
import dev.kimi.internal.endpoint.ModelNames;
import dev.kimi.internal.governor.RetryBudget;
import dev.kimi.internal.protocol.openai.OpenAiProtocol;
import dev.kimi.quota.Quota;
import dev.kimi.quota.QuotaDecision;
import dev.kimi.retry.RetryPolicy;
import dev.kimi.service.ServiceRequest;
import dev.kimi.transport.TransportFailure;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A call that goes on at a second endpoint. */
class FailoverTest {

    private final EngineFixture fixture = new EngineFixture();
    private final ScriptedTransport second = new ScriptedTransport();
    private final List<String> told = new ArrayList<>();
    private Quota firstQuota = booking("first");
    private Quota secondQuota = booking("second");
    private Account firstAccount = account(firstQuota);
    private Account secondAccount = account(secondQuota);

    @BeforeEach
    void observe() {
        fixture.retryPolicy = RetryPolicy.never();
        fixture.listeners.add(started -> event -> {
            if (event instanceof CallEvent.AttemptStarted attempt) {
                told.add("attempt " + attempt.attempt() + " at " + attempt.endpoint());
            } else if (event instanceof CallEvent.AttemptFinished attempt) {
                told.add("attempt " + attempt.attempt() + " " + attempt.status());
            } else if (event instanceof CallEvent.Finished end) {
                told.add(end.outcome() + " after " + end.attempts());
            }
        });
    }

    private Quota booking(String name) {
        return request -> {
            told.add("reserve " + name);
            return QuotaDecision.granted(settlement ->
                    told.add("settle " + name + " " + settlement.outcome() + " " + settlement.countedTokens()));
        };
    }

    private Account account(Quota quota) {
        return new Account("default", quota, fixture.time, fixture.time, fixture.random);
    }

    private Engine engine() {
        Endpoint one = fixture.endpoint("first", fixture.transport, firstAccount);
        return engine(one, fixture.endpoint("second", second, secondAccount));
    }

    private Engine engine(Endpoint one, Endpoint other) {
        return fixture.engineOver(
                new FailoverRouter(List.of(one, other), fixture.time, fixture.random), fixture.transport);
    }

    private void assertNothingIsLeft(Engine engine) {
        assertThat(engine.liveCalls()).as("calls").isZero();
        assertThat(firstAccount.admission().waiting()
                        + secondAccount.admission().waiting())
                .as("queued calls")
                .isZero();
        assertThat(fixture.time.pending()).as("timers").isZero();
    }

    @Test
    void what_fails_at_the_first_endpoint_goes_on_at_the_second_and_all_is_reported_in_order() {
        Engine engine = engine();
        CompletableFuture<ChatResponse> call = fixture.chat(engine);

        fixture.transport.last().answer(503, "");
        second.last().answer(200, "four");

        assertThat(call.join().text()).isEqualTo("four");
        assertThat(call.join().endpoint()).isEqualTo("second");
        assertThat(told)
                .containsExactly(
                        "reserve first",
                        "attempt 1 at first",
                        "attempt 1 503",
                        "settle first UNKNOWN 0",
                        "reserve second",
                        "attempt 2 at second",
                        "attempt 2 200",
                        "settle second COMPLETED 7",
                        "SUCCESS after 2");
        assertNothingIsLeft(engine);
    }

    /** The first endpoint rejects all that it gets, of two models, so that its throttle rejects by chance. */
    private Engine afterAnOutage() {
        fixture.random = () -> 0L;
        firstAccount = account(Quota.unlimited());
        secondAccount = account(Quota.unlimited());
        Engine engine = engine();
        for (int i = 0; i < 60; i++) {
            for (String model : List.of("one", "two")) {
                chat(engine, model);
                answerAll(503);
            }
            fixture.time.advance(Duration.ofSeconds(1));
        }
        fixture.transport.clear();
        second.clear();
        // past the longest pause
        fixture.time.advance(Duration.ofSeconds(5));
        return engine;
    }

    private CompletableFuture<ChatResponse> chat(Engine engine, String model) {
        return engine.chat(ChatRequest.builder().model(model).user("hello").build(), CallObserver.NONE, Runnable::run);
    }

    private void answerAll(int status) {
        fixture.transport.all().forEach(sent -> sent.answer(status, "first"));
        fixture.transport.clear();
        second.all().forEach(sent -> sent.answer(200, "second"));
        second.clear();
    }

    @Test
    void a_circuit_that_closes_makes_the_throttle_forget_the_outage() {
        Engine engine = afterAnOutage();
        CompletableFuture<ChatResponse> probe = chat(engine, "one");
        answerAll(200);
        assertThat(probe.join().text()).isEqualTo("first");
        fixture.time.advance(Duration.ofSeconds(2));

        for (int i = 0; i < 20; i++) {
            chat(engine, "one");
        }

        assertThat(fixture.transport.count()).isEqualTo(20);
        assertThat(second.count()).isZero();
    }

    @Test
    void a_probe_of_a_circuit_passes_the_throttle() {
        Engine engine = afterAnOutage();

        chat(engine, "one");
        chat(engine, "two");

        assertThat(fixture.transport.count()).as("a probe for each model").isEqualTo(2);
        assertThat(second.count()).isZero();
    }

    @Test
    void what_the_first_account_did_not_count_is_given_back_to_it() {
        Engine engine = engine();
        fixture.chat(engine);

        fixture.transport.last().answer(429, "", "retry-after", "5");

        assertThat(told).containsSubsequence("settle first NOT_COUNTED 0", "reserve second", "attempt 2 at second");
        assertThat(second.count()).isEqualTo(1);
    }

    @Test
    void a_stream_switches_before_its_first_event() {
        Engine engine = engine();
        ChatStream stream = fixture.stream(engine);
        fixture.transport.last().headers(200).body("~\n").fail(TransportFailure.Kind.RESET, false);

        second.last().headers(200).body("a\n.\n").complete();

        assertThat(stream).containsExactly(new ChatEvent.Text("a"));
        assertThat(stream.response().endpoint()).isEqualTo("second");
        assertNothingIsLeft(engine);
    }

    @Test
    void a_stream_does_not_switch_after_its_first_event() {
        Engine engine = engine();
        ChatStream stream = fixture.stream(engine);

        fixture.transport.last().headers(200).body("a\n").fail(TransportFailure.Kind.RESET, false);

        assertThatThrownBy(() -> stream.forEach(event -> {})).isInstanceOf(TruncatedStreamException.class);
        assertThat(second.count()).isZero();
        assertNothingIsLeft(engine);
    }

    @Test
    void what_may_have_been_worked_on_is_not_sent_elsewhere() {
        Engine engine = engine();
        CompletableFuture<ChatResponse> call = fixture.chat(engine);

        fixture.transport.last().fail(TransportFailure.Kind.RESET, false);

        assertThat(failureOf(call)).isInstanceOf(TransportException.class);
        assertThat(second.count()).isZero();
    }

    @Test
    void a_host_without_an_address_does_not_end_the_call() {
        Engine engine = engine();
        CompletableFuture<ChatResponse> call = fixture.chat(engine);

        fixture.transport.last().fail(TransportFailure.Kind.UNKNOWN_HOST, true);
        second.last().answer(200, "sky");

        assertThat(call).isCompleted();
    }

    @Test
    void what_the_service_rejects_as_a_request_is_not_sent_elsewhere() {
        Engine engine = engine();
        CompletableFuture<ChatResponse> call = fixture.chat(engine);

        fixture.transport.last().answer(400, "");

        assertThat(failureOf(call)).isInstanceOf(InvalidRequestException.class);
        assertThat(second.count()).isZero();
    }

    @Test
    void what_the_first_endpoint_is_known_to_reject_fails_at_once() {
        Engine engine = engine();

        assertThatThrownBy(() -> engine.stream(ChatRequest.of("refused"))).isInstanceOf(InvalidRequestException.class);
        assertThat(failureOf(engine.chat(ChatRequest.of("refused"), CallObserver.NONE, Runnable::run)))
                .isInstanceOf(InvalidRequestException.class);

        assertThat(told).isEmpty();
    }

    @Test
    void what_only_the_second_endpoint_is_known_to_reject_fails_by_what_the_first_said() {
        Endpoint one = fixture.endpoint("first", fixture.transport, firstAccount);
        fixture.protocol = new OpenAiProtocol();
        Engine engine = engine(one, fixture.endpoint("second", second, secondAccount));
        ChatRequest hot = ChatRequest.builder().user("hello").temperature(0.3).build();
        CompletableFuture<ChatResponse> call = engine.chat(hot, CallObserver.NONE, Runnable::run);

        fixture.transport.last().answer(503, "");

        assertThat(failureOf(call).status()).isEqualTo(503);
        assertThat(second.count()).isZero();
        assertThat(told).containsOnlyOnce("settle first UNKNOWN 0");
        assertNothingIsLeft(engine);
    }

    @Test
    void the_second_endpoint_gets_the_request_in_its_own_protocol_and_names() {
        Endpoint one = fixture.endpoint("first", fixture.transport, firstAccount);
        fixture.protocol = new OpenAiProtocol();
        ModelNames names = new ModelNames("large", Map.of("kimi-k3", "small"));
        Engine engine = engine(one, fixture.endpoint("second", names, second, secondAccount));
        engine.chat(ChatRequest.builder().model("kimi-k3").user("hello").build(), CallObserver.NONE, Runnable::run);

        fixture.transport.last().answer(503, "");

        assertThat(new String(fixture.transport.last().request().body().bytes(), StandardCharsets.UTF_8))
                .isEqualTo("hello");
        assertThat(new String(second.last().request().body().bytes(), StandardCharsets.UTF_8))
                .contains("\"model\":\"small\"");
    }

    @Test
    void each_account_has_its_own_budget_and_each_endpoint_its_attempts() {
        fixture.retryPolicy = RetryPolicy.standard(2, Duration.ofSeconds(60));
        Engine engine = engine();
        CompletableFuture<ChatResponse> call = fixture.chat(engine);
        fixture.transport.last().answer(500, "");
        fixture.time.advance(Duration.ofSeconds(1));
        fixture.transport.last().answer(500, "");
        assertThat(second.count()).isEqualTo(1);

        second.last().answer(500, "");
        fixture.time.advance(Duration.ofSeconds(1));
        second.last().answer(200, "sky");

        assertThat(call).isCompleted();
        assertThat(fixture.transport.count()).isEqualTo(2);
        assertThat(second.count()).isEqualTo(2);
        assertThat(told).contains("SUCCESS after 4");
        assertThat(firstAccount.governor().budget().available())
                .isEqualTo(RetryBudget.CAPACITY - RetryBudget.TRANSIENT_COST);
        assertThat(secondAccount.governor().budget().available()).isEqualTo(RetryBudget.CAPACITY);
    }

    @Test
    void a_call_that_cannot_wait_at_the_first_account_goes_to_the_second_at_once() {
        Engine engine = engine();
        fixture.chat(engine);
        fixture.transport.last().answer(429, "", "retry-after", "3600");

        fixture.chat(engine);

        assertThat(fixture.transport.count()).isEqualTo(1);
        assertThat(second.count()).isEqualTo(2);
    }

    @Test
    void a_call_that_the_first_account_can_never_admit_goes_to_the_second() {
        firstAccount = account(request -> QuotaDecision.never("too large"));
        Engine engine = engine();

        fixture.chat(engine);

        assertThat(fixture.transport.count()).isZero();
        assertThat(told).containsExactly("reserve second", "attempt 1 at second");
    }

    @Test
    void a_call_waits_for_the_quota_of_the_second_account_and_its_deadline_counts_from_its_start() {
        secondAccount = account(request -> QuotaDecision.later(Duration.ofHours(1)));
        Engine engine = engine();
        CompletableFuture<ChatResponse> call = fixture.chat(engine, Duration.ofSeconds(10));
        fixture.time.advance(Duration.ofSeconds(4));
        fixture.transport.last().answer(503, "");

        fixture.time.advance(Duration.ofMillis(5_999));
        assertThat(call).isNotDone();
        fixture.time.advance(Duration.ofMillis(1));

        assertThat(failureOf(call)).isInstanceOfSatisfying(DeadlineExceededException.class, e -> {
            assertThat(e.phase()).isEqualTo(DeadlineExceededException.Phase.QUEUED);
            assertThat(e.attempts()).isEqualTo(1);
            assertThat(e.status()).as("what the first said").isEqualTo(503);
        });
        assertThat(told).containsOnlyOnce("settle first UNKNOWN 0").doesNotContain("attempt 2 at second");
        assertNothingIsLeft(engine);
    }

    @Test
    void a_call_whose_deadline_passes_while_its_failure_is_reported_goes_nowhere() {
        fixture.listeners.add(started -> event -> {
            if (event instanceof CallEvent.AttemptFinished) {
                fixture.time.advance(Duration.ofSeconds(10));
            }
        });
        Engine engine = engine();
        CompletableFuture<ChatResponse> call = fixture.chat(engine, Duration.ofSeconds(10));

        fixture.transport.last().answer(503, "");

        assertThat(failureOf(call)).isInstanceOf(ServerException.class);
        assertThat(told)
                .containsExactly(
                        "reserve first",
                        "attempt 1 at first",
                        "attempt 1 503",
                        "settle first UNKNOWN 0",
                        "FAILURE after 1");
        assertNothingIsLeft(engine);
    }

    @Test
    void a_call_that_is_cancelled_while_it_waits_elsewhere_holds_nothing() {
        secondAccount = account(request -> QuotaDecision.later(Duration.ofHours(1)));
        Engine engine = engine();
        CompletableFuture<ChatResponse> call = fixture.chat(engine);
        fixture.transport.last().answer(503, "");

        call.cancel(true);

        assertThat(told).containsOnlyOnce("settle first UNKNOWN 0").endsWith("CANCELLED after 1");
        assertNothingIsLeft(engine);
    }

    @Test
    void when_both_fail_the_caller_hears_of_the_last() {
        Engine engine = engine();
        CompletableFuture<ChatResponse> call = fixture.chat(engine);

        fixture.transport.last().answer(503, "");
        second.last().answer(500, "");

        KimiException failure = failureOf(call);
        assertThat(failure.status()).isEqualTo(500);
        assertThat(failure.attempts()).isEqualTo(2);
        assertNothingIsLeft(engine);
    }

    @Test
    void what_is_written_for_one_service_is_not_sent_to_another() {
        Engine engine = engine();

        CompletableFuture<?> call = engine.exchange(ServiceRequest.get("/files"), Runnable::run);
        fixture.transport.last().answer(503, "");

        assertThat(call).isCompletedExceptionally();
        assertThat(second.count()).isZero();
    }
}
