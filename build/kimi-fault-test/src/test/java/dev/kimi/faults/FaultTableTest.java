package dev.kimi.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kimi.Part;
import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
import dev.kimi.error.DeadlineExceededException;
import dev.kimi.error.KimiException;
import dev.kimi.error.RateLimitException;
import dev.kimi.error.RejectedException;
import dev.kimi.retry.RetryDecision;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.Latency;
import dev.kimi.test.Reply;
import dev.kimi.time.Timeouts;
import dev.kimi.time.VirtualTime;
import dev.kimi.transport.PoolState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Rows of docs/faults.md whose waits are too long for a wall clock, and those about many calls at once. */
@Timeout(60)
@ParameterizedClass
@EnumSource
class FaultTableTest {

    private static final ChatRequest REQUEST = ChatRequest.of("Why?");

    @Parameter
    Wire wire = Wire.OPENAI_HTTP1;

    private CancelFixture fixture;

    private CancelFixture fixture(KimiSimulator service) {
        fixture = new CancelFixture(wire, service);
        fixture.builder.timeouts(Timeouts.defaults());
        return fixture;
    }

    @AfterEach
    void nothing_is_left() {
        CancelFixture.eventually(
                "no exchange is under way", () -> fixture.client().pool().exchanges() == 0);
        CancelFixture.eventually("nobody waits", () -> fixture.client().pool().pending() == 0);
        CancelFixture.eventually("no timer is left", () -> fixture.time.pending() == 0);
        assertThat(fixture.settled).hasValue(fixture.reserved.get());
        fixture.close();
    }

    private Caller started(Caller.Form form) {
        Caller caller = new Caller(form, fixture.client(), REQUEST);
        caller.mayRead.complete(null);
        return caller.start();
    }

    @Test
    void a_wait_that_the_service_asks_for_is_kept_to_the_full() {
        fixture(KimiSimulator.start());
        fixture.kimi.reply(Reply.rateLimited(Duration.ofSeconds(20)), Reply.text("yes"));
        Caller caller = started(Caller.Form.FUTURE);
        CancelFixture.eventually("it waits", () -> fixture.time.waits().stream().anyMatch(FaultTableTest::asAsked));

        fixture.time.advance(Duration.ofMillis(19_999));
        assertThat(fixture.call().attempts).hasValue(1);
        driveUntil(caller.outcome::isDone);

        assertThat(caller.outcome.join().failure()).isNull();
        assertThat(fixture.call().attempts).hasValue(2);
    }

    /** The 20 s that were asked for, and up to a quarter more so that not all callers come at once. */
    private static boolean asAsked(Duration wait) {
        return wait.compareTo(Duration.ofSeconds(20)) >= 0 && wait.compareTo(Duration.ofSeconds(25)) <= 0;
    }

    /** Lets the clients' time go on while nothing is under way over a socket. */
    private void driveUntil(BooleanSupplier condition) {
        CancelFixture.eventually("all is done", () -> {
            if (fixture.client().pool().exchanges() + fixture.client().pool().pending() == 0) {
                fixture.time.advance(Duration.ofMillis(100));
            }
            return condition.getAsBoolean();
        });
    }

    @Test
    void a_cancel_while_an_error_response_arrives_slowly_ends_all_attempts() {
        fixture(KimiSimulator.start());
        fixture.kimi.reply(Reply.unavailable().stallAfterBytes(5));
        Caller caller = started(Caller.Form.FUTURE);
        fixture.kimi.awaitRequests(1).join();
        CancelFixture.eventually("the error response begins", () -> fixture.kimi.bytesSent() == 5);

        caller.cancelFuture();

        assertThat(fixture.kimi.awaitAborted(1).join()).hasSize(1);
        fixture.time.advance(Duration.ofHours(1));
        assertThat(fixture.call().attempts).hasValue(1);
        assertThat(fixture.kimi.requests()).hasSize(1);
    }

    @Test
    void a_stream_that_falls_silent_times_out_by_a_limit_of_its_own() {
        fixture(KimiSimulator.start());
        // one word: nothing comes after the first event, which would begin the limit anew
        fixture.kimi.reply(Reply.text("one two three four").stallAfterEvents(wire.eventsUntilText(1)));
        Caller caller = started(Caller.Form.ITERATE);
        caller.firstEvent.join();

        fixture.time.advance(Duration.ofSeconds(59));
        assertThat(caller.outcome).isNotDone();
        fixture.time.advance(Duration.ofSeconds(2));

        assertThat(caller.outcome.join().failure())
                .isInstanceOfSatisfying(
                        DeadlineExceededException.class,
                        late -> assertThat(late.phase()).isEqualTo(DeadlineExceededException.Phase.IDLE));
        assertThat(fixture.kimi.awaitAborted(1).join()).hasSize(1);
    }

    @Test
    void a_stream_that_is_alive_lives_for_75_seconds_and_more_on_defaults() {
        VirtualTime theirs = new VirtualTime();
        Duration gap = Duration.ofSeconds(5);
        fixture(KimiSimulator.builder()
                .time(theirs)
                .latency(Latency.of(gap, gap))
                .start());
        fixture.kimi.reply(Reply.text("one two three four five six seven eight nine ten eleven twelve thirteen"
                + " fourteen fifteen sixteen seventeen eighteen"));
        Caller caller = started(Caller.Form.ITERATE);

        for (int step = 0; !caller.outcome.isDone(); step++) {
            int arrived = step - 2;
            CancelFixture.eventually(
                    "the service is about to say something",
                    () -> caller.outcome.isDone() || (theirs.pending() == 1 && caller.events.get() >= arrived));
            fixture.time.advance(gap);
            theirs.advance(gap);
        }

        assertThat(caller.outcome.join().failure()).isNull();
        assertThat(Duration.ofNanos(fixture.time.nanoTime())).isGreaterThan(Duration.ofSeconds(75));
    }

    @Test
    void more_calls_than_connections_wait_in_a_queue_that_is_bounded_and_seen() {
        fixture(KimiSimulator.builder().maxConcurrentStreams(1).start());
        fixture.kimi.otherwise(Reply.text("never").stallBeforeHeaders());
        fixture.builder
                .retryPolicy(failed -> RetryDecision.stop())
                .set(Part.TRANSPORT, "max-connections", "4")
                .set(Part.TRANSPORT, "max-pending", "6");
        List<Caller> callers = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            callers.add(started(Caller.Form.FUTURE));
        }
        fixture.kimi.awaitRequests(4).join();
        for (int i = 0; i < 6; i++) {
            callers.add(started(Caller.Form.FUTURE));
        }
        CancelFixture.eventually("six wait", () -> fixture.client().pool().pending() == 6);

        Caller oneTooMany = started(Caller.Form.FUTURE);

        assertThat(oneTooMany.outcome.join().failure())
                .isInstanceOfSatisfying(
                        RejectedException.class,
                        full -> assertThat(full.reason()).isEqualTo(RejectedException.Reason.QUEUE_FULL))
                .hasMessageContaining("Connection queue is full (max-pending 6). Send less at a time, or raise");
        assertThat(fixture.client().pool())
                .extracting(
                        PoolState::active, PoolState::idle, PoolState::pending, PoolState::max, PoolState::exchanges)
                .containsExactly(4, 0, 6, 4, 4);
        callers.forEach(Caller::cancelFuture);
    }

    @Test
    void a_connection_that_the_service_closed_while_idle_costs_neither_call_nor_retry() {
        fixture(KimiSimulator.start());
        fixture.builder.retryPolicy(failed -> RetryDecision.stop());
        for (int i = 0; i < 5; i++) {
            assertThat(fixture.client().chat(REQUEST).text()).isNotEmpty();
            fixture.kimi.disconnectAll();
            CancelFixture.eventually(
                    "the connection is gone", () -> fixture.client().pool().idle() == 0);
        }
        assertThat(fixture.kimi.requests()).hasSize(5);
    }

    @Test
    void fifty_callers_of_a_service_that_rejects_all_do_not_become_a_storm() {
        fixture(KimiSimulator.start());
        fixture.kimi.otherwise(Reply.overloaded());
        // what the budget has in store for bad times is used up first
        for (int wave = 0; wave < 4; wave++) {
            fiftyCalls();
        }
        int before = fixture.kimi.requests().size();

        fiftyCalls();

        assertThat(fixture.kimi.requests().size() - before).isLessThanOrEqualTo(55);
    }

    private void fiftyCalls() {
        List<CompletableFuture<ChatResponse>> calls = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            calls.add(fixture.client().chatAsync(REQUEST));
        }
        driveUntil(() -> calls.stream().allMatch(CompletableFuture::isDone));
        assertThat(calls).allMatch(CompletableFuture::isCompletedExceptionally);
    }

    @Test
    void a_redirect_to_another_host_takes_no_key_there() {
        fixture(KimiSimulator.start());
        try (KimiSimulator elsewhere = KimiSimulator.start()) {
            fixture.kimi.reply(Reply.redirectTo(elsewhere.baseUrl() + "/v1/chat/completions"));

            assertThatThrownBy(() -> fixture.client().chat(REQUEST))
                    .isInstanceOfSatisfying(
                            KimiException.class,
                            failure -> assertThat(failure.status()).isEqualTo(307));

            assertThat(elsewhere.connectionsAccepted()).isZero();
        }
        assertThat(fixture.kimi.requests())
                .singleElement()
                .satisfies(sent -> assertThat(sent.headers(wire.isAnthropic() ? "x-api-key" : "authorization"))
                        .as("the key, where this service has it")
                        .hasSize(1));
    }

    @Test
    void a_429_of_one_class_of_models_holds_back_no_other() {
        fixture(KimiSimulator.start());
        String rejected = wire.isAnthropic() ? "claude-opus-5-5" : "kimi-k3";
        // Anthropic's limits are those of a class; of Kimi's the words must say so
        fixture.kimi.reply(
                wire.isAnthropic()
                        ? Reply.tpmLimited(Duration.ofHours(1))
                        : Reply.error(
                                        429,
                                        "rate_limit_reached_error",
                                        "Rate limit reached for kimi-k3 on tokens per min (TPM): Limit 6000")
                                .header("Retry-After", "3600"));
        assertThatThrownBy(() -> chat(rejected)).isInstanceOf(RateLimitException.class);

        assertThatThrownBy(() -> chat(rejected))
                .isInstanceOf(RateLimitException.class)
                .hasMessageContaining("limit of tokens per minute for model " + rejected);
        assertThat(chat(wire.isAnthropic() ? "claude-sonnet-5-5" : "kimi-k2.6").text())
                .isNotEmpty();

        assertThat(fixture.kimi.requests()).hasSize(2);
    }

    private ChatResponse chat(String model) {
        return fixture.client()
                .chat(ChatRequest.builder().model(model).user("Why?").build());
    }
}
