package dev.kimi.sim;

import dev.kimi.error.DeadlineExceededException;
import dev.kimi.error.DeadlineExceededException.Phase;
import dev.kimi.error.KimiException;
import dev.kimi.error.RateLimitException;
import org.jspecify.annotations.Nullable;

/** One call before the gates: held back only where there is reason to, and let in in its turn. */
final class GateLine {

    private final World world;
    private final SimCall call;
    private boolean held;
    private SimGates.@Nullable Gate heldAt;

    GateLine(World world, SimCall call) {
        this.world = world;
        this.call = call;
    }

    private void check(boolean holds, String otherwise) {
        world.check(holds, call.number(), otherwise);
    }

    void held(SimGates gates, long delayNanos, long remainingNanos) {
        world.note(call.number(), "held", delayNanos);
        check(gates.mayHold(call.model(), world.now(), 2), "held back at a gate that is open");
        check(delayNanos < remainingNanos, "held back for longer than it has");
        leave();
        held = true;
        heldAt = gates.heldAt(call.model(), world.now());
        if (heldAt != null) {
            gates.queue(heldAt, this);
        }
    }

    /** An attempt begins. Credentials that are late may come for a call that passed before a gate was closed. */
    void pass(SimGates gates, boolean credentialsMayBeLate) {
        long now = world.now();
        if (!credentialsMayBeLate) {
            check(gates.maySend(call.model(), now), "sent while the account's gate is closed");
            check(heldAt == null || gates.mayEnter(heldAt, now), "the gate lets in too many at once");
            check(heldAt == null || gates.isFirst(heldAt, this), "is let in before others that have waited longer");
            check(held || !gates.passesOthers(call.model(), now), "passed those who wait at the gate");
        }
        leave();
    }

    void leave() {
        held = false;
        if (heldAt != null) {
            heldAt.leave(this);
        }
        heldAt = null;
    }

    /** Who is rejected by a gate, or waits there until the end, must have one in the way. */
    void checkEnd(SimGates gates, KimiException failure) {
        boolean rejected = failure instanceof RateLimitException && failure.status() == 0;
        check(!rejected || gates.mayHold(call.model(), world.now(), 1), "rejected by a gate that is open");
        if (failure instanceof DeadlineExceededException late && late.phase() == Phase.RATE_LIMITED) {
            long turn = gates.latestTurn(call.model(), world.calls.size());
            check(world.now() <= turn, "was never let in at a gate that had opened");
        }
    }
}
