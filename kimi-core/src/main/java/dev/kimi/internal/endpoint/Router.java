package dev.kimi.internal.endpoint;

import dev.kimi.error.KimiException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Decides which endpoint a call goes to. It only decides: what follows from it happens in the engine. Thread-safe, and
 * never blocks.
 */
public interface Router {

    /** What is known of the call that asks. */
    interface RoutedCall {

        CallRequest request();

        /** Where it is, and has failed. */
        Endpoint endpoint();

        /** Time until its deadline; never negative. */
        Duration remaining();
    }

    /** The endpoint that a call begins at. A request that its service is known to reject fails without being sent. */
    Endpoint first(CallRequest request);

    /**
     * The endpoint that a call goes on at, when nothing more is tried at its present one. Asked only before anything of
     * a response was delivered, and when the request was not paid for.
     *
     * @param call the call
     * @param lastFailure what it fails with if it stops
     * @return another endpoint, or null to stop
     */
    @Nullable Endpoint next(RoutedCall call, KimiException lastFailure);
}
