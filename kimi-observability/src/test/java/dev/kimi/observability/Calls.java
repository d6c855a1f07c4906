package dev.kimi.observability;

import dev.kimi.error.KimiException;
import dev.kimi.event.CallEvent;
import dev.kimi.event.CallEvent.Outcome;
import dev.kimi.event.CallListener;
import dev.kimi.event.CallObserver;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Notifies a listener of calls as the engine does. */
final class Calls {

    private final CallListener listener;

    Calls(CallListener listener) {
        this.listener = listener;
    }

    CallObserver start(String client, String operation, @Nullable String model) {
        return listener.started(new CallEvent.Started(client, operation, model));
    }

    CallObserver start(String operation) {
        return start("default", operation, "kimi-k3");
    }

    /** A call of one attempt that ends with a status. */
    void responded(String operation, int status, Duration duration) {
        CallObserver call = start(operation);
        attempt(call, 1, status, duration, null);
        call.finished(new CallEvent.Finished(Outcome.SUCCESS, status, 1, duration, 12, 34, null));
    }

    /** A call of one attempt that fails. */
    void failed(String operation, int status, Duration duration, KimiException failure) {
        CallObserver call = start(operation);
        attempt(call, 1, status, duration, failure);
        call.finished(new CallEvent.Finished(Outcome.FAILURE, status, 1, duration, -1, -1, failure));
    }

    /** A call that its caller cancels while it is being sent. */
    void cancelled(String operation, Duration duration, KimiException reason) {
        CallObserver call = start(operation);
        attempt(call, 1, 0, duration, reason);
        call.finished(new CallEvent.Finished(Outcome.CANCELLED, 0, 1, duration, -1, -1, reason));
    }

    static void attempt(CallObserver call, int number, int status, Duration duration, @Nullable KimiException failure) {
        call.attemptStarted(new CallEvent.AttemptStarted(number, "default"));
        call.attemptFinished(new CallEvent.AttemptFinished(number, status, duration, null, failure));
    }

    static void retry(CallObserver call, int number, int status, KimiException failure) {
        attempt(call, number, status, Duration.ofMillis(10), failure);
        call.retryScheduled(new CallEvent.RetryScheduled(
                number + 1, Duration.ofMillis(50), CallEvent.DelaySource.BACK_OFF, failure));
    }

    static void end(CallObserver call, int status, int attempts) {
        call.finished(new CallEvent.Finished(Outcome.SUCCESS, status, attempts, Duration.ofMillis(100), 12, 34, null));
    }
}
