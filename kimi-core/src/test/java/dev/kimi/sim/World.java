package dev.kimi.sim;

import dev.kimi.internal.call.Engine;
import dev.kimi.internal.endpoint.Account;
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
    private final @Nullable List<Line> lines;
    private final List<Runnable> afterStep = new ArrayList<>();
    private @Nullable String complaint;
    private @Nullable Engine engine;
    private @Nullable Account account;
    private @Nullable SimCall endedLast;
    private boolean mayClose;
    private boolean closing;
    private boolean closed;
    private boolean sealed;
    private int depth;

    World(boolean traced) {
        this.lines = traced ? new ArrayList<>() : null;
    }

    void engine(Engine made, boolean mayBeClosed) {
        this.engine = made;
        this.mayClose = mayBeClosed;
    }

    void account(Account made) {
        this.account = made;
    }

    int queuedCalls() {
        return account == null ? 0 : account.admission().waiting();
    }

    Engine engine() {
        if (engine == null) {
            throw new IllegalStateException("no engine yet");
        }
        return engine;
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
        if (which == 0 && mayClose) {
            close();
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

    boolean closed() {
        return closed;
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

    /** True when nothing may be sent any more: all but what a turn was about to send when the client was closed. */
    boolean sealed() {
        return closing || sealed;
    }

    /** Closes the client. In which order it ends its calls is not promised, so the notes are put in one. */
    void close() {
        if (closed || closing) {
            return;
        }
        note(-1, "close the client");
        int from = lines == null ? 0 : lines.size();
        closing = true;
        engine().close();
        closing = false;
        closed = true;
        if (lines != null) {
            lines.subList(from, lines.size()).sort(Comparator.comparingInt(Line::call));
        }
        afterStep(() -> {
            sealed = true;
            check(engine().liveCalls() == 0, -1, "calls live on after the client was closed");
            check(queuedCalls() == 0, -1, "calls wait for quota after the client was closed");
        });
    }
}
