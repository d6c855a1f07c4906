package dev.kimi.internal.call;

import dev.kimi.internal.endpoint.CallRequest;
import dev.kimi.time.Timeouts;
import java.time.Duration;

/**
 * What a call is to get and how long it may take.
 *
 * @param request what the caller asks for; each endpoint encodes it anew
 * @param deadline time for the whole call
 * @param responseLimit time from sending to response headers when streamed, else to the end of the response
 */
record CallPlan(CallRequest request, Duration deadline, Duration responseLimit) {

    private static final Duration MAX_DEADLINE = Duration.ofDays(365);

    static CallPlan of(CallRequest request, Timeouts timeouts) {
        Duration wanted = request.deadline();
        Duration deadline = wanted == null ? timeouts.total() : wanted;
        return new CallPlan(
                request,
                deadline.compareTo(MAX_DEADLINE) > 0 ? MAX_DEADLINE : deadline,
                request.streamed() ? timeouts.headers() : timeouts.firstEvent());
    }

    boolean streamed() {
        return request.streamed();
    }
}
