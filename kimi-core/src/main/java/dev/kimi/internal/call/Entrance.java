package dev.kimi.internal.call;

import dev.kimi.error.KimiException;
import dev.kimi.internal.governor.AccountGate;
import dev.kimi.internal.governor.Governor;
import dev.kimi.internal.protocol.ErrorContext;
import org.jspecify.annotations.Nullable;

/**
 * What one call passes before each attempt: the gate that a 429 closes for the account, and the throttle, which admits
 * calls and not their free replays. Used in turns of the call only.
 */
final class Entrance {

    /** How it went. */
    enum Outcome {
        /** Send. */
        OPEN,
        /** {@link AccountGate.Waiter#gateOpened()} will be called; ask {@link #throttle()} then. */
        WAIT,
        /** The account is at a limit for longer than the call can wait. */
        TOO_LATE,
        /** Too many wait at the gate. */
        FULL,
        /** The throttle rejects the call. */
        THROTTLED
    }

    private final Governor governor;
    private final AccountGate.Waiter call;
    private boolean admitted;

    Entrance(Governor governor, AccountGate.Waiter call) {
        this.governor = governor;
        this.call = call;
    }

    Outcome enter() {
        return switch (governor.gate().enter(call)) {
            case PASS -> throttle();
            case WAIT -> Outcome.WAIT;
            case TOO_LATE -> Outcome.TOO_LATE;
            case FULL -> Outcome.FULL;
        };
    }

    /** The gate is open, now or since it was waited for. */
    Outcome throttle() {
        admitted = admitted || governor.admit();
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
        governor.gate().leave(call);
    }

    /** What a call fails with that does not get in. */
    KimiException rejection(Outcome outcome, @Nullable KimiException recoveringFrom, ErrorContext context) {
        return switch (outcome) {
            case TOO_LATE -> Failures.gateClosed(governor.gate().askedFor(), recoveringFrom, context);
            case FULL -> Failures.queueFull(context.details().build());
            case THROTTLED -> Failures.throttled(recoveringFrom, context);
            case OPEN, WAIT -> throw new IllegalStateException("nothing was rejected");
        };
    }
}
