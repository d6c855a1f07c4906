package dev.kimi.test;

import dev.kimi.error.KimiException;
import dev.kimi.event.CallEvent;
import dev.kimi.event.CallEvent.DelaySource;
import dev.kimi.event.CallEvent.Outcome;
import dev.kimi.event.CallListener;
import dev.kimi.event.CallObserver;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Notifies a listener of one call as a client does, without a client: for unit tests of listeners, which get whatever
 * events are needed, with the components that later versions add.
 *
 * <pre>{@code
 * FakeCall call = FakeCall.of(listener, "chat");
 * call.attempt().pass(Duration.ofMillis(20)).failed(new OverloadedException("busy", KimiException.Details.NONE, null));
 * call.retry(Duration.ofSeconds(1)).attempt().responded(200).succeed();
 * }</pre>
 *
 * Time passes only with {@link #pass} and {@link #retry}. The order of events is the caller's to keep; whether a
 * listener copes with what real calls do is what {@code CallListenerContract} says. Not thread-safe.
 */
public final class FakeCall {

    private static final AtomicLong NUMBERS = new AtomicLong();

    private final CallObserver observer;
    private String endpoint = "default";
    private @Nullable String sentTo;
    private int attempts;
    private int status;
    private Duration elapsed = Duration.ZERO;
    private Duration attemptStarted = Duration.ZERO;
    private @Nullable KimiException failure;

    private FakeCall(CallObserver observer) {
        this.observer = observer;
    }

    /** Begins a call of {@code kimi-k3} by the client {@code default}. */
    public static FakeCall of(CallListener listener, String operation) {
        return of(listener, "default", operation, "kimi-k3");
    }

    /**
     * Begins a call.
     *
     * @param model null for an operation that has none
     */
    public static FakeCall of(CallListener listener, String client, String operation, @Nullable String model) {
        return new FakeCall(
                listener.started(new CallEvent.Started(client, NUMBERS.getAndIncrement(), operation, model)));
    }

    /** Time passes: within an attempt it belongs to it. */
    public FakeCall pass(Duration time) {
        elapsed = elapsed.plus(time);
        return this;
    }

    /** The call is held at a gate, and the wait passes. */
    public FakeCall held(Duration delay) {
        return event(new CallEvent.Held(delay)).pass(delay);
    }

    /** Something of the request was left out. */
    public FakeCall noted(String code, String message) {
        return event(new CallEvent.Noted(code, message));
    }

    /** The call goes to another endpoint, since it has failed or would fail; its next attempts are sent there. */
    public FakeCall rerouted(String from, String to, CallEvent.Rerouted.Reason reason) {
        endpoint = to;
        return event(new CallEvent.Rerouted(from, to, reason, Duration.ZERO, null, null, null));
    }

    /**
     * The call, sent to a second endpoint too after so long, has a response from one of them.
     *
     * @param winner that one, or null when the second attempt has failed
     */
    public FakeCall hedged(String from, String to, Duration after, @Nullable String winner) {
        return event(new CallEvent.Hedged(from, to, after, winner, null, null));
    }

    /** Something that later versions report. */
    public FakeCall other(String type, Map<String, String> details) {
        return event(new CallEvent.Other(type, details));
    }

    /** The next attempt begins, at the endpoint {@code default} unless the call was rerouted. */
    public FakeCall attempt() {
        attemptStarted = elapsed;
        sentTo = endpoint;
        return event(new CallEvent.AttemptStarted(++attempts, endpoint));
    }

    /** The first event of a stream arrives. */
    public FakeCall firstEvent() {
        return event(new CallEvent.FirstEvent(elapsed));
    }

    /** The attempt ends well, with a status. */
    public FakeCall responded(int responseStatus) {
        return attemptEnds(responseStatus, null);
    }

    /** The attempt fails. Its status is that of the failure, its request id too. */
    public FakeCall failed(KimiException attemptFailure) {
        return attemptEnds(attemptFailure.status(), attemptFailure);
    }

    private FakeCall attemptEnds(int responseStatus, @Nullable KimiException attemptFailure) {
        status = responseStatus;
        failure = attemptFailure;
        return event(new CallEvent.AttemptFinished(
                attempts,
                endpoint,
                responseStatus,
                elapsed.minus(attemptStarted),
                attemptFailure == null ? null : attemptFailure.requestId(),
                attemptFailure));
    }

    /**
     * Another attempt is scheduled after what failed last, and the back-off passes.
     *
     * @throws IllegalStateException if the last attempt has not failed
     */
    public FakeCall retry(Duration delay) {
        if (failure == null) {
            throw new IllegalStateException("No attempt has failed that could be retried. Call failed(...) before.");
        }
        return event(new CallEvent.RetryScheduled(attempts + 1, delay, DelaySource.BACK_OFF, failure))
                .pass(delay);
    }

    /** The call ends well, with 12 tokens of prompt and 34 of completion. */
    public void succeed() {
        finish(Outcome.SUCCESS, 12, 34, null);
    }

    /** The call fails: with what its last attempt failed with, or before it had one. */
    public void fail(KimiException callFailure) {
        finish(Outcome.FAILURE, -1, -1, callFailure);
    }

    /** The call is cancelled, within an attempt or outside of one. */
    public void cancel(KimiException reason) {
        finish(Outcome.CANCELLED, -1, -1, reason);
    }

    private void finish(Outcome outcome, long promptTokens, long completionTokens, @Nullable KimiException reason) {
        event(new CallEvent.Finished(
                outcome, sentTo, status, attempts, elapsed, promptTokens, completionTokens, reason));
    }

    private FakeCall event(CallEvent event) {
        observer.onEvent(event);
        return this;
    }
}
