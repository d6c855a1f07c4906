package dev.kimi.internal.call;

import static dev.kimi.internal.call.EngineFixture.failureOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kimi.auth.Credentials;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.ChatStream;
import dev.kimi.error.CallCancelledException;
import dev.kimi.error.DeadlineExceededException;
import dev.kimi.error.DeadlineExceededException.Phase;
import dev.kimi.error.RejectedException;
import dev.kimi.event.CallEvent;
import dev.kimi.quota.QuotaDecision;
import dev.kimi.transport.Exchange;
import dev.kimi.transport.ExchangeHandler;
import dev.kimi.transport.Headers;
import dev.kimi.transport.TransportFailure.Kind;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A call can be cancelled at every point of its life, and then nothing more happens and nothing is left. */
@Timeout(30)
class CancelTest {

    private final EngineFixture fixture = new EngineFixture();
    private final List<CallEvent.Finished> finished = new ArrayList<>();

    private Engine engine() {
        fixture.listeners.add(started -> event -> {
            if (event instanceof CallEvent.Finished end) {
                finished.add(end);
            }
        });
        return fixture.engine();
    }

    private void assertCancelledCleanly(Engine engine, int sent) {
        fixture.time.advance(Duration.ofHours(1));
        assertThat(fixture.transport.count()).as("requests sent").isEqualTo(sent);
        assertThat(finished).hasSize(1);
        assertThat(finished.get(0).outcome()).isEqualTo(CallEvent.Outcome.CANCELLED);
        fixture.assertNothingIsLeft(engine);
    }

    @Test
    void while_waiting_for_quota() {
        fixture.quota = request -> QuotaDecision.later(Duration.ofSeconds(5));
        Engine engine = engine();
        CompletableFuture<ChatResponse> call = fixture.chat(engine);

        assertThat(call.cancel(true)).isTrue();

        assertCancelledCleanly(engine, 0);
    }

    @Test
    void while_waiting_for_credentials() {
        CompletableFuture<Credentials> token = new CompletableFuture<>();
        fixture.credentials = () -> token;
        Engine engine = engine();
        CompletableFuture<ChatResponse> call = fixture.chat(engine);

        call.cancel(true);
        token.complete(Credentials.bearer("late"));

        assertThat(token).as("others may wait for the same token").isCompleted();
        assertCancelledCleanly(engine, 0);
    }

    @Test
    void before_response_headers() {
        Engine engine = engine();
        CompletableFuture<ChatResponse> call = fixture.chat(engine);
        ScriptedTransport.Sent exchange = fixture.transport.last();

        call.cancel(true);

        assertThat(exchange.aborted()).isTrue();
        exchange.headers(503);
        assertCancelledCleanly(engine, 1);
    }

    @Test
    void by_closing_the_client_while_a_request_is_about_to_be_sent() {
        List<Engine> closing = new ArrayList<>();
        fixture.listeners.add(started -> event -> {
            if (event instanceof CallEvent.AttemptStarted) {
                closing.get(0).close();
            }
        });
        Engine engine = engine();
        closing.add(engine);

        CompletableFuture<ChatResponse> call = fixture.chat(engine);

        assertThat(failureOf(call))
                .isInstanceOfSatisfying(
                        RejectedException.class,
                        e -> assertThat(e.reason()).isEqualTo(RejectedException.Reason.CLOSED));
        assertCancelledCleanly(engine, 0);
    }

    @Test
    void while_the_first_event_comes_which_the_observer_does_not_hear_of_after_the_end() {
        List<String> heard = new ArrayList<>();
        fixture.listeners.add(started -> event -> {
            if (event instanceof CallEvent.FirstEvent) {
                heard.add("first event");
            } else if (event instanceof CallEvent.Finished) {
                heard.add("finished");
            }
        });
        AtomicReference<ChatStream> stream = new AtomicReference<>();
        AtomicReference<ExchangeHandler> transport = new AtomicReference<>();
        Engine engine = fixture.engineOver((request, handler) -> {
            transport.set(handler);
            return new Exchange() {
                @Override
                public void request(long chunks) {
                    // within a turn of the call: the cancel waits for its end, the chunk does not
                    stream.get().close();
                    handler.onBody(ByteBuffer.wrap("a\n".getBytes(StandardCharsets.UTF_8)));
                }

                @Override
                public void abort() {}
            };
        });
        stream.set(fixture.stream(engine));

        transport.get().onHeaders(200, Headers.empty());

        assertThat(heard).containsExactly("finished");
        fixture.assertNothingIsLeft(engine);
    }

    @Test
    void while_the_body_comes() {
        Engine engine = engine();
        CompletableFuture<ChatResponse> call = fixture.chat(engine);
        ScriptedTransport.Sent exchange = fixture.transport.last();
        exchange.headers(200).body("half");

        call.cancel(true);

        assertThat(exchange.aborted()).isTrue();
        exchange.body("late").complete();
        assertCancelledCleanly(engine, 1);
    }

    @Test
    void a_failure_thrown_at_a_caller_shows_where_the_call_was_made() {
        Engine engine = fixture.engine();
        CompletableFuture<ChatResponse> call = fixture.chat(engine);
        fixture.transport.last().answer(400, "");

        assertThatThrownBy(() -> dev.kimi.outside.Caller.await(call))
                .satisfies(thrown ->
                        assertThat(thrown.getStackTrace()[0].getClassName()).isEqualTo("dev.kimi.outside.Caller"));
    }

    @Test
    void while_an_error_is_read() {
        Engine engine = engine();
        CompletableFuture<ChatResponse> call = fixture.chat(engine);
        ScriptedTransport.Sent exchange = fixture.transport.last();
        exchange.headers(503);

        call.cancel(true);
        exchange.complete();

        assertThat(exchange.aborted()).isTrue();
        assertCancelledCleanly(engine, 1);
    }

    @Test
    void during_the_back_off() {
        Engine engine = engine();
        CompletableFuture<ChatResponse> call = fixture.chat(engine);
        fixture.transport.last().answer(503, "");

        call.cancel(true);

        assertCancelledCleanly(engine, 1);
    }

    @Test
    void after_the_end_it_changes_nothing() {
        Engine engine = engine();
        CompletableFuture<ChatResponse> call = fixture.chat(engine);
        fixture.transport.last().answer(200, "sky");

        assertThat(call.cancel(true)).isFalse();

        assertThat(call.join().text()).isEqualTo("sky");
        assertThat(fixture.transport.last().aborted()).isFalse();
        assertThat(finished.get(0).outcome()).isEqualTo(CallEvent.Outcome.SUCCESS);
    }

    @Test
    void an_interrupt_of_a_blocked_caller_is_a_cancel_and_keeps_the_flag() throws InterruptedException {
        Engine engine = engine();
        CompletableFuture<ChatResponse> call = fixture.chat(engine);
        CountDownLatch began = new CountDownLatch(1);
        AtomicReference<Boolean> flag = new AtomicReference<>();
        Thread caller = new Thread(() -> {
            assertThatThrownBy(() -> Blocking.call(() -> {
                        began.countDown();
                        return call;
                    }))
                    .isInstanceOf(CallCancelledException.class);
            flag.set(Thread.currentThread().isInterrupted());
        });
        caller.start();
        began.await();

        caller.interrupt();
        caller.join();

        assertThat(flag.get()).isTrue();
        assertThat(fixture.transport.last().aborted()).isTrue();
        assertCancelledCleanly(engine, 1);
    }

    @Test
    void a_thread_that_is_interrupted_already_starts_nothing_and_keeps_the_flag() throws InterruptedException {
        Engine engine = engine();
        AtomicReference<Boolean> flag = new AtomicReference<>();
        Thread caller = new Thread(() -> {
            Thread.currentThread().interrupt();
            assertThatThrownBy(() -> Blocking.call(() -> fixture.chat(engine)))
                    .isInstanceOf(CallCancelledException.class);
            flag.set(Thread.currentThread().isInterrupted());
        });
        caller.start();
        caller.join();

        assertThat(flag.get()).isTrue();
        assertThat(fixture.transport.count()).isZero();
        fixture.assertNothingIsLeft(engine);
    }

    @Test
    void the_deadline_ends_a_call_in_every_phase_and_names_it() {
        assertThat(phaseAtDeadline(engine -> fixture.quota = request -> QuotaDecision.later(Duration.ofHours(1))))
                .isEqualTo(Phase.QUEUED);
        fixture.quota = dev.kimi.quota.Quota.unlimited();
        assertThat(phaseAtDeadline(f -> fixture.credentials = CompletableFuture::new))
                .isEqualTo(Phase.CREDENTIALS);
        fixture.credentials = dev.kimi.auth.CredentialsProvider.apiKey("sk-test");
        assertThat(phaseAtDeadline(f -> {})).isEqualTo(Phase.FIRST_EVENT);
    }

    private Phase phaseAtDeadline(java.util.function.Consumer<EngineFixture> setUp) {
        setUp.accept(fixture);
        Engine engine = fixture.engine();
        CompletableFuture<ChatResponse> call = fixture.chat(engine, Duration.ofSeconds(2));
        fixture.time.advance(Duration.ofSeconds(2));
        assertThat(engine.liveCalls()).isZero();
        assertThat(fixture.queuedCalls()).isZero();
        return ((DeadlineExceededException) failureOf(call)).phase();
    }

    @Test
    void a_deadline_during_recovery_keeps_the_cause_it_was_recovering_from() {
        Engine engine = fixture.engine();
        CompletableFuture<ChatResponse> call = fixture.chat(engine, Duration.ofSeconds(2));
        fixture.transport.last().answer(503, "");
        fixture.time.advance(Duration.ofSeconds(2));

        Throwable failure = failureOf(call);
        assertThat(failure)
                .isInstanceOf(DeadlineExceededException.class)
                .hasMessageContaining("The time limit of 2s for the whole call");
        assertThat(((DeadlineExceededException) failure).status()).isEqualTo(503);
        assertThat(fixture.transport.last().aborted()).isTrue();
        fixture.assertNothingIsLeft(engine);
    }

    @Test
    void a_failure_that_arrives_with_the_cancel_is_not_retried() {
        Engine engine = engine();
        CompletableFuture<ChatResponse> call = fixture.chat(engine);
        ScriptedTransport.Sent exchange = fixture.transport.last();

        call.cancel(true);
        exchange.fail(Kind.CONNECT, true);

        assertCancelledCleanly(engine, 1);
    }
}
