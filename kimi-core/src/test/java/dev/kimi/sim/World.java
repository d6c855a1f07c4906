package dev.kimi.sim;

import dev.kimi.time.VirtualTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The one thread's queue of events, and what everybody notes and complains in. A complaint does not throw, since the
 * engine guards itself against what throws: it is remembered, and the schedule stops after the step.
 */
final class World {

    /** Events that "other threads" cause within a callback do so no deeper than this. */
    private static final int DEEPEST = 3;

    private record Line(long nanos, int call, String text) {}

    final VirtualTime time = new VirtualTime();
    final SimTimer timer = new SimTimer(this);
    final List<SimCall> calls = new ArrayList<>();
    final List<SimClient> clients = new ArrayList<>();
    final List<SimAccount> accounts = new ArrayList<>();
    private final @Nullable List<Line> lines;
    private final List<Runnable> afterStep = new ArrayList<>();
    private @Nullable String complaint;
    private @Nullable SimCall endedLast;
    private @Nullable SimCall beginning;
    private boolean closing;
    private int depth;

    World(boolean traced) {
        this.lines = traced ? new ArrayList<>() : null;
    }

    /** That call looks for where it begins, or nobody does. */
    void begins(@Nullable SimCall call) {
        beginning = call;
    }

    /** Something happens to that call: another one that began before has found its place. */
    void happens(SimCall call) {
        SimCall other = beginning;
        if (other != null && other != call) {
            other.hasBegun();
        }
    }

    SimAccount accountOf(SimQuota quota) {
        return accounts.stream()
                .filter(account -> account.quota == quota)
                .findFirst()
                .orElseThrow();
    }

    int liveCalls() {
        int live = 0;
        for (SimClient client : clients) {
            live += client.engine.liveCalls();
        }
        return live;
    }

    long now() {
        return time.nanoTime();
    }

    void at(long delayNanos, Runnable what) {
        time.schedule(delayNanos, what);
    }

    /** Runs once whatever is running now has returned: then no turn of any call is under way. */
    void afterStep(Runnable what) {
        afterStep.add(what);
    }

    /** Runs the next event. */
    boolean step() {
        if (!time.advanceToNext()) {
            return false;
        }
        for (int i = 0; i < afterStep.size(); i++) {
            afterStep.get(i).run();
        }
        afterStep.clear();
        return true;
    }

    // --- notes and complaints ----------------------------------------------------------------------------------

    void note(int call, String what, Object detail) {
        if (lines != null) {
            lines.add(new Line(now(), call, what + " " + detail));
        }
    }

    void note(int call, String what, long detail) {
        if (lines != null) {
            lines.add(new Line(now(), call, what + " " + detail));
        }
    }

    void note(int call, String what) {
        if (lines != null) {
            lines.add(new Line(now(), call, what));
        }
    }

    void complain(int call, String what) {
        note(call, "!!! " + what);
        if (complaint == null) {
            complaint = (call < 0 ? "" : "call " + call + ": ") + what;
        }
    }

    void check(boolean holds, int call, String otherwise) {
        if (!holds) {
            complain(call, otherwise);
        }
    }

    @Nullable String complaint() {
        return complaint;
    }

    String trace() {
        StringBuilder text = new StringBuilder();
        if (lines != null) {
            for (Line line : lines) {
                text.append(String.format(
                        "%16.9f s  %-5s %s%n", line.nanos / 1e9, line.call < 0 ? "-" : "#" + line.call, line.text));
            }
        }
        return text.toString();
    }

    // --- what other threads might do in the middle of something ------------------------------------------------

    /**
     * Called where the engine is in the middle of something and another thread could act: now and then one does. This
     * is how one thread explores the interleavings of many, as far as whole calls of the engine go.
     */
    void interleave(Chance chance) {
        if (depth >= DEEPEST || closing || !chance.oneIn(60)) {
            return;
        }
        depth++;
        int which = chance.below(12);
        if (which == 0 && clients.get(0).mayClose()) {
            close(clients.get(0));
        } else if (!calls.isEmpty()) {
            SimCall other = calls.get(chance.below(calls.size()));
            if (which < 5) {
                other.giveUp(false);
            } else {
                other.askForMore(1 + chance.below(3));
            }
        }
        depth--;
    }

    /** True once any client was closed, or began to be. */
    boolean anyClosed() {
        boolean any = closing;
        for (SimClient client : clients) {
            any |= client.closed();
        }
        return any;
    }

    boolean allClosed() {
        boolean all = true;
        for (SimClient client : clients) {
            all &= client.closed();
        }
        return all;
    }

    boolean closing() {
        return closing;
    }

    void ended(SimCall call) {
        endedLast = call;
    }

    /**
     * Whose chance to draw from for what follows the end of a call: a closing client ends its calls in no order that a
     * seed could determine.
     */
    Chance chanceWhileClosing(Chance otherwise) {
        return closing && endedLast != null ? endedLast.chanceOfExchange() : otherwise;
    }

    /** Closes the client. In which order it ends its calls is not promised, so the notes are put in one. */
    void close(SimClient client) {
        if (client.closed() || closing) {
            return;
        }
        note(-1, "close the client");
        int from = lines == null ? 0 : lines.size();
        closing = true;
        client.close();
        closing = false;
        if (lines != null) {
            lines.subList(from, lines.size()).sort(Comparator.comparingInt(Line::call));
        }
    }
}
