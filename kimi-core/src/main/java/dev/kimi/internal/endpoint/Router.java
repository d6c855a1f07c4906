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

        /** Where it is. */
        Endpoint endpoint();

        /** Whether the call was at the endpoint before, is there, or was found unable to go there. */
        boolean hasTried(Endpoint endpoint);

        /** Time until its deadline; never negative. */
        Duration remaining();
    }

    /**
     * The endpoint where the request belongs, and whose rules hold for it: what its service is known to reject fails
     * without being sent, wherever the call goes then.
     */
    Endpoint first(CallRequest request);

    /** Whether there is more than one endpoint for such a request. */
    boolean hasOthers(CallRequest request);

    /**
     * Where a call begins, which has tried nothing yet.
     *
     * @param call at its first endpoint
     * @return a leg to that or another endpoint
     */
    Leg begin(RoutedCall call);

    /**
     * Where a call goes on, when nothing more is tried at its present endpoint. Asked only before anything of a
     * response was delivered, and when the request was not paid for.
     *
     * @param lastFailure what it fails with if it stops
     * @return a leg to another endpoint, or null to stop
     */
    @Nullable Leg next(RoutedCall call, KimiException lastFailure);

    /**
     * Where a call goes on that would have to wait at its present endpoint. Asked only before anything of a response
     * was delivered, and when the request was not paid for.
     *
     * @param wait how long it would wait there
     * @param failure what it recovers from, or null when it has not failed
     * @return a leg to another endpoint, or null to wait
     */
    @Nullable Leg ratherThanWait(RoutedCall call, Duration wait, @Nullable KimiException failure);

    /** When a stream is sent to a second endpoint too, and how many are; null if none is. */
    @Nullable Hedging hedging();

    /**
     * Where a stream is sent too that has waited long for its first event.
     *
     * @return a leg to another endpoint that is not known to be down, or null for none
     */
    @Nullable Leg hedge(RoutedCall call);

    /** Something of a good response to the call was delivered from its present endpoint. */
    void responded(RoutedCall call);
}
