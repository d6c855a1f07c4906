package dev.kimi.internal.call;

import static dev.kimi.internal.call.EngineFixture.failureOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.kimi.auth.Credentials;
import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.ChatStream;
import dev.kimi.error.CallCancelledException;
import dev.kimi.error.KimiException;
import dev.kimi.error.RateLimitException;
import dev.kimi.error.RejectedException;
import dev.kimi.event.CallEvent;
import dev.kimi.quota.QuotaDecision;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whoever gives a call up learns how many requests it made, how long it took and which response had begun. */
@Timeout(60)
class CancelDetailsTest {

    private final EngineFixture fixture = new EngineFixture();
    private final List<CallEvent.Finished> finished = new ArrayList<>();

    /** Where a call can be, each reached after three seconds. */
    enum Phase {
        QUEUED(0),
        GATED(0),
        CREDENTIALS(0),
        SENDING(1),
        RECEIVING(1),
        BACK_OFF(1),
        SENDING_AGAIN(2);

        final int attempts;

        Phase(int attempts) {
            this.attempts = attempts;
        }
    }

    private Engine engine(Phase phase) {
        fixture.listeners.add(started -> event -> {
            if (event instanceof CallEvent.Finished end) {
                finished.add(end);
            }
        });
        if (phase == Phase.QUEUED) {
            fixture.quota = request -> QuotaDecision.later(Duration.ofMinutes(1));
        } else if (phase == Phase.CREDENTIALS) {
            CompletableFuture<Credentials> never = new CompletableFuture<>();
            fixture.credentials = () -> never;
        }
        Engine engine = fixture.engine();
        if (phase == Phase.GATED) {
            fixture.accountGate().close(Duration.ofSeconds(30), RateLimitException.Limit.UNKNOWN);
        }
        return engine;
    }

    private void reach(Phase phase) {
        Duration left = Duration.ofSeconds(3);
        if (phase == Phase.RECEIVING) {
            fixture.transport.last().headers(200, "x-request-id", "r-1").body("a\n");
        } else if (phase == Phase.BACK_OFF || phase == Phase.SENDING_AGAIN) {
            Duration late = phase == Phase.BACK_OFF ? left : Duration.ofSeconds(1);
            fixture.time.advance(late);
            fixture.transport.last().answer(503, "");
            left = left.minus(late);
        }
        fixture.time.advance(left);
    }

    private void assertDetails(@Nullable Throwable thrown, Phase phase) {
        assertThat(thrown).isInstanceOfSatisfying(KimiException.class, e -> {
            assertThat(e.attempts()).isEqualTo(phase.attempts);
            assertThat(e.elapsed()).isEqualTo(Duration.ofSeconds(3));
            assertThat(e.status()).isEqualTo(phase == Phase.RECEIVING ? 200 : 0);
            assertThat(e.requestId()).isEqualTo(phase == Phase.RECEIVING ? "r-1" : null);
        });
    }

    private void assertTold(Class<? extends KimiException> type, Phase phase) {
        assertThat(finished).hasSize(1);
        assertThat(finished.get(0).failure()).isInstanceOf(type);
        assertDetails(finished.get(0).failure(), phase);
    }

    @ParameterizedTest
    @EnumSource
    void a_future_that_is_cancelled(Phase phase) {
        Engine engine = engine(phase);
        CompletableFuture<ChatResponse> call = fixture.chat(engine);
        reach(phase);

        call.cancel(true);

        assertTold(CallCancelledException.class, phase);
        fixture.assertNothingIsLeft(engine);
    }

    @ParameterizedTest
    @EnumSource
    void a_client_that_is_closed(Phase phase) {
        Engine engine = engine(phase);
        CompletableFuture<ChatResponse> call = fixture.chat(engine);
        reach(phase);

        engine.close();

        assertTold(RejectedException.class, phase);
        assertDetails(failureOf(call), phase);
    }

    @ParameterizedTest
    @EnumSource
    void a_stream_that_is_closed(Phase phase) {
        Engine engine = engine(phase);
        ChatStream stream = fixture.stream(engine);
        reach(phase);
        Iterator<ChatEvent> events = stream.iterator();

        stream.close();

        assertTold(CallCancelledException.class, phase);
        assertDetails(catchThrowableOfType(CallCancelledException.class, events::hasNext), phase);
        fixture.assertNothingIsLeft(engine);
    }

    @ParameterizedTest
    @EnumSource
    void a_subscription_that_is_cancelled(Phase phase) {
        Engine engine = engine(phase);
        AtomicReference<Flow.Subscription> subscription = new AtomicReference<>();
        fixture.stream(engine).subscribe(new Flow.Subscriber<>() {
            @Override
            public void onSubscribe(Flow.Subscription given) {
                subscription.set(given);
            }

            @Override
            public void onNext(ChatEvent event) {}

            @Override
            public void onError(Throwable failure) {}

            @Override
            public void onComplete() {}
        });
        reach(phase);

        subscription.get().cancel();

        assertTold(CallCancelledException.class, phase);
        fixture.assertNothingIsLeft(engine);
    }

    /** What the code throws on a thread that is interrupted while it waits. */
    private static KimiException interrupted(CountDownLatch waits, Runnable code) throws InterruptedException {
        AtomicReference<KimiException> thrown = new AtomicReference<>();
        Thread caller = new Thread(() -> thrown.set(catchThrowableOfType(KimiException.class, code::run)));
        caller.start();
        waits.await();
        caller.interrupt();
        caller.join();
        return thrown.get();
    }

    @ParameterizedTest
    @EnumSource
    void a_blocked_caller_that_is_interrupted(Phase phase) throws InterruptedException {
        Engine engine = engine(phase);
        CompletableFuture<ChatResponse> call = fixture.chat(engine);
        reach(phase);
        CountDownLatch waits = new CountDownLatch(1);

        KimiException thrown = interrupted(
                waits,
                () -> Blocking.call(() -> {
                    waits.countDown();
                    return call;
                }));

        assertThat(thrown).hasMessageContaining("interrupted");
        assertDetails(thrown, phase);
        assertTold(CallCancelledException.class, phase);
        assertThat(finished.get(0).failure()).hasMessageContaining("interrupted");
        fixture.assertNothingIsLeft(engine);
    }

    @ParameterizedTest
    @EnumSource
    void a_reader_of_a_stream_that_is_interrupted(Phase phase) throws InterruptedException {
        Engine engine = engine(phase);
        Iterator<ChatEvent> events = fixture.stream(engine).iterator();
        reach(phase);
        if (phase == Phase.RECEIVING) {
            events.next();
        }
        CountDownLatch waits = new CountDownLatch(1);

        KimiException thrown = interrupted(waits, () -> {
            waits.countDown();
            events.hasNext();
        });

        assertDetails(thrown, phase);
        assertTold(CallCancelledException.class, phase);
        fixture.assertNothingIsLeft(engine);
    }

    /** Another thread is in a turn of the call, so that the cancel is left to it. */
    @Test
    void an_interrupt_while_the_call_is_busy_knows_its_attempts_too() throws InterruptedException {
        CountDownLatch inTurn = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        fixture.listeners.add(started -> event -> {
            if (event instanceof CallEvent.RetryScheduled) {
                inTurn.countDown();
                try {
                    goOn.await();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            }
        });
        Engine engine = engine(Phase.SENDING);
        CompletableFuture<ChatResponse> call = fixture.chat(engine);
        fixture.time.advance(Duration.ofSeconds(3));
        Thread service = new Thread(() -> fixture.transport.last().answer(503, ""));
        service.start();
        inTurn.await();
        CountDownLatch waits = new CountDownLatch(1);

        KimiException thrown = interrupted(
                waits,
                () -> Blocking.call(() -> {
                    waits.countDown();
                    return call;
                }));
        goOn.countDown();
        service.join();

        assertDetails(thrown, Phase.SENDING);
        assertTold(CallCancelledException.class, Phase.SENDING);
        assertThat(fixture.transport.count()).isEqualTo(1);
        fixture.assertNothingIsLeft(engine);
    }

    @Test
    void a_call_that_can_never_fit_the_quota_says_how_long_it_waited() {
        List<QuotaDecision> decisions =
                new ArrayList<>(List.of(QuotaDecision.later(Duration.ofSeconds(3)), QuotaDecision.never("too large")));
        fixture.quota = request -> decisions.size() == 1 ? decisions.get(0) : decisions.remove(0);
        decisions.add(0, QuotaDecision.later(Duration.ofSeconds(3)));
        Engine engine = fixture.engine();
        CompletableFuture<ChatResponse> call = fixture.chat(engine);

        fixture.time.advance(Duration.ofSeconds(3));

        assertDetails(failureOf(call), Phase.QUEUED);
        fixture.assertNothingIsLeft(engine);
    }
}
