package dev.kimi.internal.call;

import dev.kimi.error.KimiException;
import dev.kimi.internal.governor.LimitGate;
import dev.kimi.internal.governor.Passage;
import dev.kimi.internal.protocol.ErrorContext;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What one call passes before each attempt: the gates that a 429 closes for all in the scope of the limit, and the
 * throttles, which admit calls and not their free replays. Used in turns of the call only.
 */
final class Entrance implements LimitGate.Waiter {

    /** A call that wants in. */
    interface Comer {

        /** The gate has let it in; ask {@link Entrance#opened()}. It may have left meanwhile. */
        void gateOpened(Entrance here);

        /** When waiting has lost its point, on the monotonic clock. */
        long deadlineNanos();

        /** Whether it is sent to find out that the service has recovered, which no throttle keeps it from. */
        boolean isProbe();
    }

    /** How it went. */
    enum Outcome {
        /** Send. */
        OPEN,
        /** {@link Comer#gateOpened} will be called; ask {@link #opened()} then. */
        WAIT,
        /** The service asks to wait for longer than the call can. */
        TOO_LATE,
        /** Too many wait at the gate. */
        FULL,
        /** The throttle rejects the call. */
        THROTTLED
    }

    private final Passage passage;
    private final Comer call;
    /** Where the call waits, or was rejected. */
    private @Nullable LimitGate heldAt;

    private boolean admitted;

    Entrance(Passage passage, Comer call) {
        this.passage = passage;
        this.call = call;
    }

    @Override
    public void gateOpened() {
        call.gateOpened(this);
    }

    @Override
    public long deadlineNanos() {
        return call.deadlineNanos();
    }

    Outcome enter() {
        return passGates(null);
    }

    /** The gate where the call waited has let it in. The others may have been closed meanwhile. */
    Outcome opened() {
        return passGates(heldAt);
    }

    private Outcome passGates(@Nullable LimitGate passed) {
        for (LimitGate gate : passage.gates()) {
            LimitGate.Entry entry = gate == passed ? LimitGate.Entry.PASS : gate.enter(this);
            if (entry != LimitGate.Entry.PASS) {
                heldAt = gate;
                return switch (entry) {
                    case TOO_LATE -> Outcome.TOO_LATE;
                    case FULL -> Outcome.FULL;
                    default -> Outcome.WAIT;
                };
            }
        }
        heldAt = null;
        admitted = admitted || passage.admit(call.isProbe());
        return admitted ? Outcome.OPEN : Outcome.THROTTLED;
    }

    /**
     * Another attempt follows.
     *
     * @param free whether it only replaces one that was sent for nothing, and so is no new request for the throttle
     */
    void comesAgain(boolean free) {
        admitted &= free;
    }

    /** The call no longer waits at the gate. */
    void leave() {
        LimitGate gate = heldAt;
        if (gate != null) {
            gate.leave(this);
        }
    }

    /** What is left of the wait that the service asked for, zero while the call waits at no gate. */
    Duration remainingWait() {
        LimitGate gate = heldAt;
        return gate == null ? Duration.ZERO : gate.askedFor();
    }

    /** The gate where the call waits, or null. */
    @Nullable LimitGate heldAt() {
        return heldAt;
    }

    /** What a call fails with that does not get in. */
    KimiException rejection(Outcome outcome, @Nullable KimiException recoveringFrom, ErrorContext context) {
        LimitGate gate = heldAt;
        if (outcome == Outcome.THROTTLED) {
            return Failures.throttled(recoveringFrom, context);
        } else if (gate == null) {
            throw new IllegalStateException("nothing was rejected");
        }
        return outcome == Outcome.TOO_LATE
                ? Failures.gateClosed(gate, recoveringFrom, context)
                : Failures.gateFull(gate, context);
    }
}
