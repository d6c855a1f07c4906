package dev.kimi.internal.call;

import static dev.kimi.internal.call.EngineFixture.failureOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.ChatStream;
import dev.kimi.error.CallCancelledException;
import dev.kimi.error.RejectedException;
import dev.kimi.event.CallEvent;
import dev.kimi.event.CallObserver;
import dev.kimi.transport.Exchange;
import dev.kimi.transport.ExchangeHandler;
import dev.kimi.transport.Headers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A client that lets the calls under way end before it closes. */
@Timeout(60)
class ShutdownTest {

    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final EngineFixture fixture = new EngineFixture();
    private final ExecutorService otherThread = Executors.newCachedThreadPool();

    @AfterEach
    void end() {
        otherThread.shutdownNow();
    }

    private static void assertShuttingDown(CompletableFuture<?> call) {
        assertThat(failureOf(call))
                .isInstanceOfSatisfying(
                        RejectedException.class,
                        rejected -> assertThat(rejected.reason()).isEqualTo(RejectedException.Reason.SHUTTING_DOWN));
    }

    @Test
    void without_calls_it_closes_at_once_whatever_the_limit() {
        for (Duration limit :
                List.of(LIMIT, Duration.ZERO, Duration.ofSeconds(-1), Duration.ofSeconds(Long.MAX_VALUE))) {
            EngineFixture idle = new EngineFixture();
            Engine engine = idle.engine();

            assertThat(engine.shutdown(limit)).isCompletedWithValue(true);
            assertThat(idle.transport.closed()).isTrue();
            idle.assertNothingIsLeft(engine);
        }
    }

    @Test
    void calls_and_streams_under_way_end_with_their_retries_and_new_ones_are_rejected() {
        Engine engine = fixture.engine();
        CompletableFuture<ChatResponse> whole = fixture.chat(engine);
        ScriptedTransport.Sent first = fixture.transport.last();
        ChatStream stream = fixture.stream(engine);
        ScriptedTransport.Sent streamed = fixture.transport.last().headers(200).body("one\n");

        CompletableFuture<Boolean> over = engine.shutdown(LIMIT);
        assertShuttingDown(fixture.chat(engine));
        assertThatThrownBy(() -> fixture.stream(engine).iterator().hasNext())
                .isInstanceOf(RejectedException.class)
                .hasMessageContaining("shutting down");
        first.answer(503, "");
        fixture.time.advance(Duration.ofSeconds(5));
        ScriptedTransport.Sent retry = fixture.transport.last();
        assertThat(retry).isNotSameAs(streamed);
        retry.answer(200, "sky");
        assertThat(whole.join().text()).isEqualTo("sky");
        assertThat(over).isNotDone();
        assertThat(fixture.transport.closed()).isFalse();
        streamed.body(".\n").complete();

        assertThat(over).isCompletedWithValue(true);
        assertThat(fixture.transport.closed()).isTrue();
        assertThat(stream).containsExactly(new ChatEvent.Text("one"));
        assertShuttingDown(fixture.chat(engine));
        fixture.assertNothingIsLeft(engine);
    }

    @Test
    void it_closes_only_after_the_last_outcome_was_handed_over() {
        Engine engine = fixture.engine();
        AtomicReference<Boolean> closedBefore = new AtomicReference<>();
        fixture.chat(engine).thenRun(() -> closedBefore.set(fixture.transport.closed()));

        engine.shutdown(LIMIT);
        fixture.transport.last().answer(200, "sky");

        assertThat(closedBefore.get()).isFalse();
        assertThat(fixture.transport.closed()).isTrue();
    }

    @Test
    void what_has_not_ended_at_the_limit_is_cancelled_and_says_why() {
        Engine engine = fixture.engine();
        CompletableFuture<ChatResponse> sending = fixture.chat(engine);
        ScriptedTransport.Sent exchange = fixture.transport.last();
        CompletableFuture<ChatResponse> backingOff = fixture.chat(engine);
        fixture.transport.last().answer(503, "", "retry-after", "45");
        ChatStream stream = fixture.stream(engine);

        CompletableFuture<Boolean> over = engine.shutdown(LIMIT);
        fixture.time.advance(LIMIT.minusNanos(1));
        assertThat(over).isNotDone();
        fixture.time.advance(Duration.ofNanos(1));

        assertThat(over).isCompletedWithValue(false);
        assertThat(exchange.aborted()).isTrue();
        for (CompletableFuture<ChatResponse> call : List.of(sending, backingOff)) {
            assertThat(failureOf(call))
                    .isInstanceOf(CallCancelledException.class)
                    .hasMessageContaining("shutting down")
                    .hasMessageContaining("30s")
                    .hasMessageContaining("spring.lifecycle.timeout-per-shutdown-phase");
        }
        assertThatThrownBy(() -> stream.iterator().hasNext())
                .isInstanceOf(CallCancelledException.class)
                .hasMessageContaining("30s");
        fixture.assertNothingIsLeft(engine);
    }

    @Test
    void the_limit_that_is_over_first_holds() {
        Engine engine = fixture.engine();
        fixture.chat(engine);
        CompletableFuture<Boolean> first = engine.shutdown(LIMIT);
        fixture.time.advance(Duration.ofSeconds(10));

        CompletableFuture<Boolean> shorter = engine.shutdown(Duration.ofSeconds(5));
        CompletableFuture<Boolean> longer = engine.shutdown(Duration.ofHours(1));
        fixture.time.advance(Duration.ofSeconds(4));
        assertThat(first).isNotDone();
        fixture.time.advance(Duration.ofSeconds(1));

        assertThat(List.of(first, shorter, longer))
                .allSatisfy(over -> assertThat(over).isCompletedWithValue(false));
        assertThat(engine.shutdown(LIMIT)).isCompletedWithValue(false);
        fixture.assertNothingIsLeft(engine);
    }

    @Test
    void closing_ends_it_and_what_is_cut_says_how_long_it_had() {
        Engine engine = fixture.engine();
        CompletableFuture<ChatResponse> call = fixture.chat(engine);
        CompletableFuture<Boolean> over = engine.shutdown(LIMIT);
        fixture.time.advance(Duration.ofSeconds(7));

        engine.close();

        assertThat(over).isCompletedWithValue(false);
        assertThat(failureOf(call)).isInstanceOf(CallCancelledException.class).hasMessageContaining("7s");
        assertShuttingDown(fixture.chat(engine));
        fixture.assertNothingIsLeft(engine);
    }

    @Test
    void a_client_that_is_closed_has_nothing_to_wait_for() {
        Engine engine = fixture.engine();
        fixture.chat(engine);
        engine.close();

        assertThat(engine.shutdown(LIMIT)).isCompletedWithValue(true);
        assertThat(((RejectedException) failureOf(fixture.chat(engine))).reason())
                .isEqualTo(RejectedException.Reason.CLOSED);
    }

    @Test
    void a_call_that_is_being_made_while_it_begins_is_rejected() throws Exception {
        CountDownLatch making = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        fixture.listeners.add(started -> {
            making.countDown();
            await(goOn);
            return CallObserver.NONE;
        });
        Engine engine = fixture.engine();
        CompletableFuture<CompletableFuture<ChatResponse>> made =
                CompletableFuture.supplyAsync(() -> fixture.chat(engine), otherThread);
        making.await();

        CompletableFuture<Boolean> over = engine.shutdown(LIMIT);
        assertThat(over).isCompletedWithValue(true);
        goOn.countDown();

        assertShuttingDown(made.get());
        assertThat(fixture.transport.count()).isZero();
    }

    @Test
    void a_call_that_is_being_sent_while_it_begins_is_waited_for() throws Exception {
        CountDownLatch sending = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        Engine engine = fixture.engineOver((request, handler) -> {
            sending.countDown();
            await(goOn);
            return fixture.transport.send(request, handler);
        });
        CompletableFuture<CompletableFuture<ChatResponse>> made =
                CompletableFuture.supplyAsync(() -> fixture.chat(engine), otherThread);
        sending.await();

        CompletableFuture<Boolean> over = engine.shutdown(LIMIT);
        assertThat(over).isNotDone();
        goOn.countDown();
        CompletableFuture<ChatResponse> call = made.get();
        fixture.transport.last().answer(200, "sky");

        assertThat(call.join().text()).isEqualTo("sky");
        assertThat(over).isCompletedWithValue(true);
    }

    @Test
    void calls_that_race_with_its_begin_are_rejected_or_end_and_none_is_lost() throws Exception {
        for (int round = 0; round < 300; round++) {
            EngineFixture raced = new EngineFixture();
            Engine engine = raced.engineOver((request, handler) -> new Instant(handler, otherThread));
            CyclicBarrier start = new CyclicBarrier(3);
            List<CompletableFuture<CompletableFuture<ChatResponse>>> callers = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                callers.add(CompletableFuture.supplyAsync(
                        () -> {
                            await(start);
                            return raced.chat(engine);
                        },
                        otherThread));
            }
            await(start);
            CompletableFuture<Boolean> over = engine.shutdown(LIMIT);

            for (CompletableFuture<CompletableFuture<ChatResponse>> caller : callers) {
                caller.get(20, TimeUnit.SECONDS)
                        .handle((response, failure) -> {
                            if (failure == null) {
                                assertThat(response.text()).isEqualTo("sky");
                            } else {
                                assertThat(failure).isInstanceOf(RejectedException.class);
                            }
                            return null;
                        })
                        .get(20, TimeUnit.SECONDS);
            }
            assertThat(over.get(20, TimeUnit.SECONDS)).isTrue();
            assertThat(engine.liveCalls()).isZero();
        }
    }

    /** Responds on another thread. */
    private record Instant(ExchangeHandler handler, ExecutorService thread) implements Exchange {

        private Instant {
            thread.execute(() -> handler.onHeaders(200, Headers.empty()));
        }

        @Override
        public void request(long chunks) {
            thread.execute(() -> {
                handler.onBody(ByteBuffer.wrap("sky".getBytes(StandardCharsets.UTF_8)));
                handler.onComplete(Headers.empty());
            });
        }

        @Override
        public void abort() {}
    }

    @Test
    void a_stream_that_ends_at_the_very_limit_has_ended_well() {
        fixture.listeners.add(started -> event -> {
            if (event instanceof CallEvent.Finished) {
                fixture.time.advance(LIMIT);
            }
        });
        Engine engine = fixture.engine();
        ChatStream stream = fixture.stream(engine);
        ScriptedTransport.Sent exchange = fixture.transport.last().headers(200);
        CompletableFuture<Boolean> over = engine.shutdown(LIMIT);

        // the limit passes in the turn that ends the call, before its consumer has the outcome
        exchange.body("sky\n.\n").complete();

        assertThat(over).isCompletedWithValue(true);
        assertThat(stream).isNotEmpty();
        assertThat(stream.response().text()).isEqualTo("sky");
        fixture.assertNothingIsLeft(engine);
    }

    @Test
    void its_parts_are_closed_on_the_callback_executor_and_not_where_the_last_call_ended() {
        List<Runnable> callbacks = new ArrayList<>();
        fixture.callbacks = callbacks::add;
        Engine engine = fixture.engine();
        CompletableFuture<ChatResponse> call = fixture.chat(engine);

        CompletableFuture<Boolean> over = engine.shutdown(LIMIT);
        fixture.transport.last().answer(200, "sky");

        assertThat(call.join().text()).isEqualTo("sky");
        assertThat(fixture.transport.closed()).isFalse();
        while (!callbacks.isEmpty()) {
            callbacks.remove(0).run();
        }
        assertThat(fixture.transport.closed()).isTrue();
        assertThat(over).isCompletedWithValue(true);
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static void await(CyclicBarrier barrier) {
        try {
            barrier.await();
        } catch (InterruptedException | java.util.concurrent.BrokenBarrierException e) {
            throw new AssertionError(e);
        }
    }
}
