package dev.kimi.internal.call;

import dev.kimi.chat.Usage;
import dev.kimi.error.KimiException;
import dev.kimi.internal.governor.LimitGate;
import dev.kimi.internal.protocol.ErrorContext;
import dev.kimi.quota.Reservation;
import java.time.Duration;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * How a track of a call gets in at its endpoint: it waits for quota, once, and before each attempt for the gates and
 * throttles that hold all callers back. Used in turns of the call only, but by those where it waits.
 */
final class Admittance implements QuotaLease.Taker, Entrance.Comer {

    /** A track that wants in. */
    interface Guest {

        CallState state();

        /** It is in that state now. */
        void waits(CallState at);

        /** It may send. */
        void letIn();

        /** What it makes good, or null. */
        @Nullable KimiException recoveringFrom();

        /** What is known when an exception is made. */
        ErrorContext context();
    }

    private final Guest track;
    private final TrackOwner call;
    private final CallOwner owner;
    private final TimeLimits limits;
    private final CallReport report;
    private final Visit visit;
    private final QuotaLease lease;
    private final Entrance entrance;

    Admittance(Guest track, TrackOwner call, CallOwner owner, TimeLimits limits, CallReport report, Visit visit) {
        this.track = track;
        this.call = call;
        this.owner = owner;
        this.limits = limits;
        this.report = report;
        this.visit = visit;
        this.lease = visit.lease(this);
        this.entrance = visit.entrance(this);
    }

    @Override
    public long deadlineNanos() {
        return limits.deadlineNanos();
    }

    @Override
    public boolean isProbe() {
        return visit.pass().isProbe();
    }

    @Override
    public boolean isAbandoned() {
        return owner.closed();
    }

    /** Goes to wait for quota, and gives the nanoseconds that this will take as far as is known, 0 for at once. */
    long enter() {
        track.waits(CallState.QUEUED);
        return lease.enter();
    }

    /** Has its quota already. */
    void hold(Reservation granted) {
        lease.hold(granted);
    }

    /** The nanoseconds until the first of those that wait for quota may be admitted, as far as is known. */
    long firstWaitsNanos() {
        return lease.firstWaitsNanos();
    }

    @Override
    public void admitted(QuotaLease here, Reservation granted) {
        call.turn(() -> {
            if (track.state() == CallState.QUEUED) {
                hold(granted);
                approach();
            } else {
                here.giveBack(granted);
            }
        });
    }

    @Override
    public void notAdmitted(QuotaLease here, Function<KimiException.Details, KimiException> reason) {
        call.turn(() -> {
            if (track.state() == CallState.QUEUED) {
                call.failed(reason.apply(track.context().details().build()), true);
            }
        });
    }

    /** Goes to where all callers are held back after a 429 that applies to them. */
    void approach() {
        track.waits(CallState.GATED);
        // the timer that ended a back-off has fired, and neither the gate nor a provider of credentials has to respond
        limits.untilDeadline();
        go(entrance.enter());
    }

    @Override
    public void gateOpened(Entrance here) {
        call.turn(() -> {
            if (track.state() == CallState.GATED) {
                go(entrance.opened());
            }
        });
    }

    private void go(Entrance.Outcome outcome) {
        switch (outcome) {
            case OPEN -> track.letIn();
            // gateOpened() follows
            case WAIT -> held(entrance.remainingWait());
            default -> call.failed(entrance.rejection(outcome, track.recoveringFrom(), track.context()), true);
        }
    }

    private void held(Duration wait) {
        if (!call.leaves(wait, null)) {
            report.held(wait);
        }
    }

    /** The gate where the track waits, or null. */
    @Nullable LimitGate heldAt() {
        return entrance.heldAt();
    }

    /** Another attempt follows, see {@link Entrance#comesAgain}. */
    void comesAgain(boolean free) {
        entrance.comesAgain(free);
    }

    /**
     * The call is over or goes on elsewhere: waits no longer, and gives back what was reserved and not used.
     *
     * @param leftIn what the track was doing
     * @param usage what was used if it has succeeded, null if it has not
     */
    void leave(CallState leftIn, @Nullable Usage usage) {
        if (leftIn == CallState.QUEUED) {
            lease.leave();
        } else if (leftIn == CallState.GATED) {
            entrance.leave();
        }
        visit.left();
        if (lease.isHeld()) {
            lease.settle(visit.settlement(usage));
        }
    }
}
