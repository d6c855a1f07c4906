package dev.kimi.observability;

import dev.kimi.error.KimiException;
import dev.kimi.event.CallListener;
import dev.kimi.test.FakeCall;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Calls that a listener is notified of. */
final class Calls {

    private final CallListener listener;

    Calls(CallListener listener) {
        this.listener = listener;
    }

    FakeCall start(String client, String operation, @Nullable String model) {
        return FakeCall.of(listener, client, operation, model);
    }

    FakeCall start(String operation) {
        return FakeCall.of(listener, operation);
    }

    /** A call of one attempt that ends with a status. */
    void responded(String operation, int status, Duration duration) {
        start(operation).attempt().pass(duration).responded(status).succeed();
    }

    /** A call of one attempt that fails. */
    void failed(String operation, Duration duration, KimiException failure) {
        start(operation).attempt().pass(duration).failed(failure).fail(failure);
    }

    /** A call that its caller cancels while it is being sent. */
    void cancelled(String operation, Duration duration, KimiException reason) {
        start(operation).attempt().pass(duration).failed(reason).cancel(reason);
    }

    /** An attempt that fails and is retried. */
    static FakeCall retry(FakeCall call, KimiException failure) {
        return call.attempt().pass(Duration.ofMillis(10)).failed(failure).retry(Duration.ofMillis(50));
    }
}
