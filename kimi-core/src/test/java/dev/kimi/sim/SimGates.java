package dev.kimi.sim;

import dev.kimi.internal.governor.LimitGate;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The gates of one account as they must be: which are closed until when, and how many of those who waited may have gone
 * on since.
 */
final class SimGates {

    private static final long LONGEST = 60_000_000_000L;
    private static final long PACE = 250_000_000L;
    private static final int MOST_DOUBLINGS = 20;

    /** One gate, beside the engine's own, which is asked for nothing but how many wait. */
    static final class Gate {
        private final LimitGate real;
        private long closedAt = -1;
        private long closedUntil;
        private long letIn;
        private final List<GateLine> waiting = new ArrayList<>();

        private Gate(LimitGate real) {
            this.real = real;
        }

        private @Nullable String model() {
            return real.modelClass();
        }

        void leave(GateLine one) {
            waiting.remove(one);
        }

        private boolean speaksFor(String asked) {
            return model() == null || asked.equals(model());
        }
    }

    private final List<Gate> gates = new ArrayList<>();

    /** Looks at that gate too. */
    void add(LimitGate real) {
        if (gates.stream().noneMatch(gate -> gate.real == real)) {
            gates.add(new Gate(real));
        }
    }

    /** The service asked one call to wait, which counts for all in the scope, but for no longer than a minute. */
    void close(@Nullable String model, long now, long hintNanos) {
        for (Gate gate : gates) {
            if (model == null ? gate.model() == null : model.equals(gate.model())) {
                gate.closedAt = now;
                gate.closedUntil = Math.max(gate.closedUntil, now + Math.min(hintNanos, LONGEST));
                gate.letIn = 0;
            }
        }
    }

    /** Of several that were let in together the first may close the gate at that very moment. */
    boolean maySend(String model, long now) {
        return gates.stream()
                .allMatch(gate -> !gate.speaksFor(model) || now == gate.closedAt || now >= gate.closedUntil);
    }

    /** Whether who comes now has others before him that wait at a gate which has opened. */
    boolean passesOthers(String model, long now) {
        return gates.stream()
                .anyMatch(gate -> gate.speaksFor(model) && now != gate.closedAt && gate.real.waiting() > 0);
    }

    /** Whether a gate stands in the way: it is closed, or others that wait are let in one after another. */
    boolean mayHold(String model, long now, int others) {
        return gates.stream()
                .anyMatch(gate -> gate.speaksFor(model) && (now < gate.closedUntil || gate.real.waiting() >= others));
    }

    /** The one gate where a call of that model waits now, or null when there is no saying. */
    @Nullable Gate heldAt(String model, long now) {
        List<Gate> shut = gates.stream()
                .filter(gate -> gate.speaksFor(model) && (now < gate.closedUntil || gate.real.waiting() > 0))
                .toList();
        return shut.size() == 1 ? shut.get(0) : null;
    }

    /** One waits there, behind those who do already. */
    void queue(Gate gate, GateLine one) {
        gate.waiting.add(one);
    }

    /** Whether nobody who waits there has come before. */
    boolean isFirst(Gate gate, GateLine one) {
        return gate.waiting.get(0) == one;
    }

    /** One who waited there sends; false if too many have done so: one, then two, then four every 250 ms. */
    boolean mayEnter(Gate gate, long now) {
        if (now <= gate.closedAt || now < gate.closedUntil) {
            return true;
        }
        gate.letIn++;
        long rounds = Math.min(MOST_DOUBLINGS, (now - gate.closedUntil) / PACE);
        return gate.letIn <= (2L << rounds) - 1;
    }

    /** Until when one of so many may have to wait for its turn. */
    long latestTurn(String model, int many) {
        long latest = 0;
        for (Gate gate : gates) {
            latest = gate.speaksFor(model) ? Math.max(latest, gate.closedUntil) : latest;
        }
        // first at the gate of the model, then at that of the account
        return latest + 2 * PACE * (Integer.SIZE - Integer.numberOfLeadingZeros(many));
    }

    /** How many wait at all gates together. */
    int waiting() {
        int waiting = 0;
        for (Gate gate : gates) {
            waiting += gate.real.waiting();
        }
        return waiting;
    }
}
