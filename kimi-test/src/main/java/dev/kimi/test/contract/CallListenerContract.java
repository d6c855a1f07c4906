package dev.kimi.test.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kimi.error.CallCancelledException;
import dev.kimi.error.KimiException;
import dev.kimi.event.CallEvent;
import dev.kimi.event.CallListener;
import dev.kimi.test.FakeCall;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What every {@link CallListener} must do: cope with all that happens to calls, and neither throw, nor wait, nor keep
 * anything of a call that has ended. The calls are real ones of a client, without a network and on virtual time. What
 * the listener records is for its own tests to check, for which {@link FakeCall} makes calls.
 *
 * <p>That it waits is seen if its thread sleeps, parks or waits, for however short a time; not if it reads from a file
 * or a socket, which it must not do either.
 */
@Timeout(60)
public abstract class CallListenerContract {

    private static final int THREADS = 8;
    private static final int CALLS_OF_A_THREAD = 25;
    private static final int ROUNDS = 40;
    private static final int CALLS_OF_A_ROUND = 7;
    /** The latest events and failures, say. */
    private static final int MAX_KEPT = 20;

    /** Makes the listener to be tested. */
    protected abstract CallListener listener();

    @Test
    void follows_calls_that_succeed() {
        follows(RealCalls::succeeds, CallEvent.AttemptStarted.class, CallEvent.AttemptFinished.class);
    }

    @Test
    void follows_calls_without_a_model() {
        follows(RealCalls::hasNoModel, CallEvent.AttemptFinished.class);
    }

    @Test
    void follows_calls_that_are_retried_and_fail() {
        follows(RealCalls::isRetriedAndFails, CallEvent.AttemptFinished.class, CallEvent.RetryScheduled.class);
    }

    @Test
    void follows_calls_that_are_sent_again_with_new_credentials() {
        follows(RealCalls::isSentAgainWithNewCredentials, CallEvent.AttemptFinished.class);
    }

    @Test
    void follows_calls_that_fail_before_their_first_attempt() {
        follows(RealCalls::neverGetsCredentials);
    }

    @Test
    void follows_calls_that_are_held_at_a_gate() {
        follows(RealCalls::isHeldAtAGate, CallEvent.Held.class, CallEvent.RetryScheduled.class);
    }

    @Test
    void follows_calls_that_lose_content_on_their_way() {
        follows(RealCalls::losesContentOnItsWay, CallEvent.Noted.class);
    }

    @Test
    void follows_calls_that_are_repaired_and_lose_reasoning() {
        follows(RealCalls::isRepairedAndLosesReasoning, CallEvent.Noted.class, CallEvent.RetryScheduled.class);
    }

    @Test
    void follows_calls_that_go_to_another_endpoint() {
        follows(RealCalls::goesElsewhere, CallEvent.Rerouted.class);
    }

    @Test
    void follows_streams_that_are_sent_to_two_endpoints() {
        follows(RealCalls::isSentToTwoEndpoints, CallEvent.Hedged.class);
    }

    @Test
    void follows_calls_that_are_cancelled() {
        follows(RealCalls::isCancelledBeforeItsResponse, CallEvent.AttemptStarted.class);
    }

    @Test
    void follows_calls_that_pass_their_deadline() {
        follows(RealCalls::passesItsDeadline, CallEvent.AttemptStarted.class);
    }

    @Test
    void follows_streams() {
        follows(RealCalls::streams, CallEvent.FirstEvent.class);
    }

    @Test
    void follows_streams_that_are_cut_off() {
        follows(RealCalls::streamsAndIsCutOff, CallEvent.FirstEvent.class);
    }

    @Test
    void follows_streams_that_are_closed_early() {
        follows(RealCalls::streamsAndIsClosed, CallEvent.FirstEvent.class);
    }

    @Test
    void ignores_kinds_that_it_does_not_know() {
        ListenerProbe probe = new ListenerProbe(listener());
        FakeCall.of(probe, "chat")
                .other("of-a-later-version", Map.of("number", "1"))
                .attempt()
                .other("", Map.of())
                .responded(200)
                .succeed();

        assertEquals(List.of(), probe.faults());
    }

    @Test
    void copes_with_operations_and_models_that_it_does_not_know() {
        ListenerProbe probe = new ListenerProbe(listener());
        FakeCall.of(probe, "", "an operation\nof a later version", "m".repeat(10_000))
                .attempt()
                .responded(999)
                .succeed();

        assertEquals(List.of(), probe.faults());
    }

    @Test
    void leaves_the_interrupt_of_its_caller_alone() {
        ListenerProbe probe = new ListenerProbe(listener());
        Thread.currentThread().interrupt();
        try {
            FakeCall.of(probe, "chat")
                    .attempt()
                    .pass(Duration.ofMillis(1))
                    .cancel(new CallCancelledException("interrupted", KimiException.Details.NONE, null));
        } finally {
            Thread.interrupted();
        }

        assertEquals(List.of(), probe.faults());
    }

    @Test
    void follows_many_calls_at_once() throws InterruptedException, ExecutionException {
        ListenerProbe probe = new ListenerProbe(listener()).ofManyThreads();
        CyclicBarrier allBegan = new CyclicBarrier(THREADS);
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try {
            List<Future<?>> running = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                running.add(threads.submit(() -> {
                    try (RealCalls calls = new RealCalls(probe)) {
                        List<PromptedTransport.Sent> open = calls.begin(CALLS_OF_A_THREAD);
                        allBegan.await();
                        open.forEach(RealCalls::succeed);
                    }
                    return null;
                }));
            }
            for (Future<?> thread : running) {
                thread.get();
            }
        } finally {
            threads.shutdownNow();
        }

        assertEquals(List.of(), probe.faults());
    }

    @Test
    void keeps_nothing_of_calls_that_have_ended() throws InterruptedException {
        CallListener listener = listener();
        ListenerProbe probe = new ListenerProbe(listener);
        makeCalls(probe);

        int kept = probe.kept(MAX_KEPT);

        assertTrue(
                kept <= MAX_KEPT,
                () -> "the listener " + listener + " keeps " + kept + " observers, events and failures of "
                        + ROUNDS * CALLS_OF_A_ROUND + " calls that have ended; " + MAX_KEPT + " may be the latest");
    }

    /** On its own, so that no variable keeps anything. */
    private static void makeCalls(ListenerProbe probe) {
        try (RealCalls calls = new RealCalls(probe)) {
            for (int round = 0; round < ROUNDS; round++) {
                calls.succeeds();
                calls.isRetriedAndFails();
                calls.isCancelledBeforeItsResponse();
                calls.streams();
                calls.streamsAndIsClosed();
                calls.goesElsewhere();
                calls.forgetLimits();
            }
        }
    }

    private void follows(Consumer<RealCalls> call, Class<?>... kinds) {
        ListenerProbe probe = new ListenerProbe(listener());
        try (RealCalls calls = new RealCalls(probe)) {
            call.accept(calls);
        }

        assertTrue(probe.kinds().containsAll(List.of(CallEvent.Started.class, CallEvent.Finished.class)), "no end");
        assertTrue(probe.kinds().containsAll(List.of(kinds)), () -> "only " + probe.kinds());
        assertEquals(List.of(), probe.faults());
    }
}
