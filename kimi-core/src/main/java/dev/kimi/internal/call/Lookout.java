package dev.kimi.internal.call;

import dev.kimi.time.TimeSource;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Looks, while a call waits at one endpoint, whether it is better off at another. It has no timer of its own, but sees
 * to it that the one of the call's limits fires. Used in turns of the call only.
 */
final class Lookout {

    /** So often a stream that waits for the head of its response looks whether that is in vain. */
    private static final Duration HEAD_LOOK = Duration.ofMillis(200);

    /** So often a call that waits for quota looks whether it need not wait elsewhere. */
    private static final Duration QUEUE_LOOK = Duration.ofSeconds(1);

    private final TrackOwner call;
    private final Visit visit;
    private final TimeLimits limits;
    private final TimeSource time;
    private final boolean streamed;
    private long queuedNanos;

    Lookout(TrackOwner call, Visit visit, TimeLimits limits, TimeSource time, boolean streamed) {
        this.call = call;
        this.visit = visit;
        this.limits = limits;
        this.time = time;
        this.streamed = streamed;
    }

    /** The call waits for quota now, for so long as far as is known. */
    void queued(long waitNanos) {
        queuedNanos = time.nanoTime();
        leaveQueue(waitNanos);
    }

    private void leaveQueue(long waitNanos) {
        if (!call.leavesQueue(Duration.ofNanos(waitNanos))) {
            limits.fireBy(QUEUE_LOOK);
        }
    }

    /** The call sends a request, or soon will. */
    void sends() {
        if (streamed) {
            limits.fireBy(HEAD_LOOK);
        }
    }

    /** The timer has fired, and no limit has passed. */
    void look(CallState state, @Nullable Attempt attempt) {
        if (state == CallState.QUEUED) {
            leaveQueue(time.nanoTime() - queuedNanos + visit.lease().firstWaitsNanos());
        } else if (state == CallState.SENDING && streamed && attempt != null) {
            if (!visit.isInVain(attempt) || !call.leavesSilence(limits.phaseRemaining())) {
                limits.fireBy(HEAD_LOOK);
            }
        }
    }
}
