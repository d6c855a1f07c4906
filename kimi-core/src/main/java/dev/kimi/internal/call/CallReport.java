package dev.kimi.internal.call;

import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.Usage;
import dev.kimi.error.KimiException;
import dev.kimi.event.CallEvent;
import dev.kimi.event.CallObserver;
import dev.kimi.internal.protocol.ErrorContext;
import dev.kimi.internal.protocol.RequestIds;
import dev.kimi.time.TimeSource;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Notifies the observer of one call of what happens to it, in turns of the call only, so that the order holds. */
final class CallReport {

    private final TimeSource time;
    private final CallObserver observer;
    private final long startNanos;

    /** Where the last attempt went, or that which responded. */
    private @Nullable String endpoint;

    private boolean responded;

    /** The call begins now. */
    CallReport(TimeSource time, CallObserver observer) {
        this.time = time;
        this.observer = observer;
        this.startNanos = time.nanoTime();
    }

    /** When the call began, on the monotonic clock. */
    long startNanos() {
        return startNanos;
    }

    Duration elapsed() {
        return since(startNanos);
    }

    /**
     * What is known of the call when an exception is made.
     *
     * @param responding the attempt whose response is being read, or null
     * @param model the model that was asked, as the service calls it, or null
     */
    ErrorContext context(int attempts, @Nullable Attempt responding, @Nullable String model) {
        ResponseHead head = responding == null ? ResponseHead.NONE : responding.head();
        return new ErrorContext(attempts, elapsed(), time.now(), head.status(), head.headers(), model);
    }

    void held(Duration delay) {
        observer.onEvent(new CallEvent.Held(delay));
    }

    void rerouted(Route.Stage stage, @Nullable KimiException failure) {
        CallEvent.Rerouted event = Route.event(stage, failure);
        if (event != null) {
            observer.onEvent(event);
        }
    }

    void hedged(CallEvent.Hedged event) {
        observer.onEvent(event);
    }

    void noted(ChatResponse.Note note) {
        observer.onEvent(new CallEvent.Noted(note.code(), note.message()));
    }

    void attemptStarted(Attempt attempt) {
        observer.onEvent(new CallEvent.AttemptStarted(attempt.number(), attempt.endpoint()));
    }

    void firstEvent() {
        observer.onEvent(new CallEvent.FirstEvent(elapsed()));
    }

    /** Several ways lead here for one attempt; only the first counts. */
    void attemptFinished(Attempt attempt, @Nullable KimiException failure) {
        if (!attempt.report()) {
            return;
        }
        if (!responded) {
            responded = failure == null;
            endpoint = attempt.endpoint();
        }
        if (observer != CallObserver.NONE) {
            observer.onEvent(new CallEvent.AttemptFinished(
                    attempt.number(),
                    attempt.endpoint(),
                    attempt.head().status(),
                    since(attempt.startNanos()),
                    RequestIds.find(attempt.head().headers(), failure == null ? null : failure.requestId()),
                    failure));
        }
    }

    void retryScheduled(int nextAttempt, Duration delay, CallEvent.DelaySource source, KimiException failure) {
        observer.onEvent(new CallEvent.RetryScheduled(nextAttempt, delay, source, failure));
    }

    void finished(CallEvent.Outcome outcome, int status, int attempts, Usage usage, @Nullable KimiException failure) {
        boolean known = usage != Usage.NONE;
        observer.onEvent(new CallEvent.Finished(
                outcome,
                endpoint,
                status,
                attempts,
                elapsed(),
                known ? usage.promptTokens() : -1,
                known ? usage.completionTokens() : -1,
                failure));
    }

    private Duration since(long nanos) {
        return Duration.ofNanos(time.nanoTime() - nanos);
    }
}
