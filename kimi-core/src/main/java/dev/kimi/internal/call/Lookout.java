package dev.kimi.internal.call;

import dev.kimi.internal.endpoint.Hedging;
import dev.kimi.time.TimeSource;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Looks, while a call waits at one endpoint, whether it is better off at another, or at another too. It has no timer of
 * its own, but sees to it that the one of the call's limits fires. Used in turns of the call only.
 */
final class Lookout {

    /** So often a stream that waits for the head of its response looks whether that is in vain. */
    private static final long HEAD_LOOK_NANOS = 200_000_000L;

    /** So often a call that waits for quota looks whether it need not wait elsewhere. */
    private static final long QUEUE_LOOK_NANOS = 1_000_000_000L;

    private final TrackOwner call;
    private final Visit visit;
    private final Admittance admittance;
    private final TimeLimits limits;
    private final TimeSource time;
    private final CallPlan plan;
    private final @Nullable Hedging hedging;
    private long queuedNanos;
    /** Since the attempt was sent. */
    private long hedgeAfterNanos = Hedging.NEVER;

    Lookout(
            TrackOwner call,
            Visit visit,
            Admittance admittance,
            TimeLimits limits,
            TimeSource time,
            CallPlan plan,
            @Nullable Hedging hedging) {
        this.call = call;
        this.visit = visit;
        this.admittance = admittance;
        this.limits = limits;
        this.time = time;
        this.plan = plan;
        this.hedging = hedging;
    }

    /** The call waits for quota now, for so long as far as is known. */
    void queued(long waitNanos) {
        queuedNanos = time.nanoTime();
        leaveQueue(waitNanos);
    }

    private void leaveQueue(long waitNanos) {
        if (!call.leavesQueue(Duration.ofNanos(waitNanos))) {
            limits.fireIn(QUEUE_LOOK_NANOS);
        }
    }

    /** The call begins. */
    void begins() {
        if (plan.streamed() && hedging != null) {
            hedging.callBegins();
        }
        sends();
    }

    /** The call sends a request, or soon will. */
    void sends() {
        if (plan.streamed()) {
            hedgeAfterNanos = hedging == null ? Hedging.NEVER : hedging.delayNanos(visit.endpoint(), plan.request());
            limits.fireIn(Math.min(HEAD_LOOK_NANOS, hedgeAfterNanos));
        }
    }

    /** The timer has fired, and no limit has passed. */
    void look(CallState state, @Nullable Attempt attempt) {
        if (state == CallState.QUEUED) {
            leaveQueue(time.nanoTime() - queuedNanos + admittance.firstWaitsNanos());
        } else if (plan.streamed() && attempt != null) {
            if (state == CallState.SENDING) {
                lookAtHead(attempt);
            } else if (state == CallState.RECEIVING && !attempt.contentBegun()) {
                hedge(attempt);
            }
        }
    }

    private void lookAtHead(Attempt attempt) {
        if (!visit.isInVain(attempt) || !call.leavesSilence(limits.phaseRemaining())) {
            hedge(attempt);
            limits.fireIn(HEAD_LOOK_NANOS);
        }
    }

    /** Once for an attempt. */
    private void hedge(Attempt attempt) {
        if (hedgeAfterNanos == Hedging.NEVER) {
            return;
        }
        long left = attempt.startNanos() + hedgeAfterNanos - time.nanoTime();
        if (left > 0) {
            limits.fireIn(left);
        } else {
            hedgeAfterNanos = Hedging.NEVER;
            call.hedge(attempt);
        }
    }
}
