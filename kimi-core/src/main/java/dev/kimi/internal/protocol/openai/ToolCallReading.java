package dev.kimi.internal.protocol.openai;

import dev.kimi.internal.protocol.openai.ToolCallDraft.State;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One way in which a service may number, identify and name the pieces of its tool calls, and the calls that the pieces
 * become when they are read in that way. A reading that contradicts itself gives no calls.
 */
final class ToolCallReading {

    /** What a name says that comes for a call which has one. */
    enum Names {
        /** It begins another call. */
        ONCE,
        /** The same name again, in each piece. */
        REPEATED,
        /** More of the name. */
        IN_PIECES
    }

    /**
     * What all pieces have in common.
     *
     * @param oneIndex whether no number tells two calls apart
     * @param freshIds whether each piece has an id of its own
     * @param typesMark whether only some pieces name the kind of the call, as the first of each call may
     * @param idsMark whether only some pieces have an id, as the first of each call may
     */
    record Signs(boolean oneIndex, boolean freshIds, boolean typesMark, boolean idsMark) {

        boolean mark() {
            return typesMark || idsMark;
        }

        boolean isFirst(ToolCallPiece piece) {
            return typesMark ? piece.typed : !piece.id.isEmpty();
        }
    }

    /** Far beyond what any service takes, and a bound to the work on names in pieces. */
    private static final int LONGEST_NAME = 1_024;

    private final boolean byIndex;
    private final boolean byId;
    private final Signs signs;
    private final Names names;
    private final List<ToolCallDraft> calls = new ArrayList<>();
    private @Nullable ToolCallDraft latest;
    private int pieces;
    private boolean mayBeCut;
    private boolean single = true;
    private boolean contradiction;
    private boolean unsure;

    /**
     * @param byIndex whether the number identifies a call
     * @param byId whether the id does, where no number did
     */
    ToolCallReading(boolean byIndex, boolean byId, Signs signs, Names names) {
        this.byIndex = byIndex;
        this.byId = byId;
        this.signs = signs;
        this.names = names;
    }

    Names names() {
        return names;
    }

    List<ToolCallDraft> calls() {
        return calls;
    }

    /**
     * Reads the pieces and returns whether they make sense in this way.
     *
     * @param declared whether the request has a tool of that name
     * @param mayBeCut whether calls may be incomplete
     */
    boolean read(List<ToolCallPiece> all, Predicate<String> declared, boolean mayBeCut) {
        pieces = all.size();
        this.mayBeCut = mayBeCut;
        for (ToolCallPiece piece : all) {
            single &= piece.isSingle();
            add(piece);
            if (contradiction) {
                return false;
            }
        }
        for (ToolCallDraft call : calls) {
            // As a rule that is a name that came twice, and not a name such as "gogo" in pieces.
            boolean twice = call.nameIsDoubled && !declared.test(call.name);
            if (twice || !(mayBeCut ? call.state() != State.BROKEN : call.isWhole())) {
                return false;
            }
        }
        return true;
    }

    /** Whether all calls are alike: a service that identifies or types one of them does so with each. */
    boolean isRegular() {
        return calls.stream().map(call -> call.id.isEmpty()).distinct().count() <= 1
                && calls.stream().map(call -> call.typed).distinct().count() <= 1;
    }

    /** Whether the pieces could as well be parted in another way, so that this one excludes others but is none. */
    boolean isUnsure() {
        return unsure;
    }

    /** Whether each piece is a whole call by itself and says so by its type. */
    boolean isOneCallAPiece() {
        return single && calls.size() == pieces && calls.stream().allMatch(call -> call.typed && call.isWhole());
    }

    boolean isSame(ToolCallReading other) {
        if (calls.size() != other.calls.size()) {
            return false;
        }
        for (int i = 0; i < calls.size(); i++) {
            if (!calls.get(i).isSame(other.calls.get(i))) {
                return false;
            }
        }
        return true;
    }

    private void add(ToolCallPiece piece) {
        ToolCallDraft found = find(piece);
        ToolCallDraft call = found == null ? begin(piece) : found;
        identify(call, piece);
        name(call, piece);
        call.append(piece.arguments);
        contradiction |= call.state() == State.BROKEN;
        latest = call;
    }

    private ToolCallDraft begin(ToolCallPiece piece) {
        contradiction |= calls.size() == ToolCallCollector.MAX_CALLS;
        ToolCallDraft call = new ToolCallDraft(piece.index, piece.typed);
        calls.add(call);
        return call;
    }

    private void identify(ToolCallDraft call, ToolCallPiece piece) {
        if (call.id.isEmpty()) {
            call.id = piece.id;
        } else if (!piece.id.isEmpty() && !piece.id.equals(call.id)) {
            // With a name beside it, another id is another call, unless ids are seen to mean nothing.
            contradiction |= !piece.name.isEmpty() && !signs.freshIds();
        }
    }

    private void name(ToolCallDraft call, ToolCallPiece piece) {
        if (piece.name.isEmpty()) {
            return;
        }
        if (call.name.isEmpty()) {
            call.name = piece.name;
            return;
        }
        boolean same = piece.name.equals(call.name);
        switch (names) {
            case ONCE -> contradiction = true;
            case REPEATED -> contradiction |= !same;
            case IN_PIECES -> {
                // After the arguments nobody goes on with the name, and a piece that begins with all that came so far
                // may be the whole name again. Only a first piece may come twice, if others follow: "get_", "get_",
                // "x".
                String far = call.nameIsDoubled ? call.name.substring(call.name.length() / 2) : call.name;
                boolean again = piece.name.startsWith(far) && !(same && call.namePieces == 1);
                contradiction |= call.state() == State.WHOLE || again || call.name.length() > LONGEST_NAME;
                call.nameIsDoubled = same;
                call.name += piece.name;
                call.namePieces++;
            }
        }
    }

    /** The call that has begun and goes on with the piece, or null when the piece begins another. */
    private @Nullable ToolCallDraft find(ToolCallPiece piece) {
        if (byIndex && piece.index >= 0) {
            return numbered(piece);
        }
        ToolCallDraft last = latest;
        if (last == null) {
            return null;
        }
        if (!byId || piece.id.isEmpty()) {
            return continues(last, piece) ? onlyOpen(last) : null;
        }
        for (ToolCallDraft call : calls) {
            if (call.id.equals(piece.id)) {
                return call;
            }
        }
        // The id may come after the name or the arguments.
        if (last.id.isEmpty() && continues(last, piece)) {
            return last;
        }
        contradiction |= signs.mark() && !signs.isFirst(piece) && !piece.name.isEmpty();
        return null;
    }

    private @Nullable ToolCallDraft numbered(ToolCallPiece piece) {
        for (int i = calls.size() - 1; i >= 0; i--) {
            ToolCallDraft call = calls.get(i);
            if (call.index == piece.index) {
                boolean again = call.state() == State.WHOLE && !piece.name.isEmpty();
                boolean another = again && piece.hasArguments();
                boolean identified = !piece.id.isEmpty() && piece.id.equals(call.id);
                // The same id once more may as well be the same call once more.
                contradiction |= another && identified;
                unsure |= again && !another && !identified && signs.oneIndex();
                boolean marked = signs.oneIndex() && signs.mark() && signs.isFirst(piece) && !identified;
                contradiction |= marked && !piece.name.isEmpty() && !call.name.isEmpty() && !another;
                return another ? null : call;
            }
        }
        return null;
    }

    /** For a piece whose call nothing tells but its name, its type and what has come so far. */
    private boolean continues(ToolCallDraft call, ToolCallPiece piece) {
        if (piece.name.isEmpty() || call.name.isEmpty()) {
            return true;
        }
        boolean goesOn = call.state() != State.WHOLE
                && (names == Names.IN_PIECES || names == Names.REPEATED && piece.name.equals(call.name));
        if (signs.mark()) {
            goesOn &= !signs.isFirst(piece);
            contradiction |= !goesOn && !signs.isFirst(piece);
        } else if (names == Names.REPEATED && piece.name.equals(call.name)) {
            // The end of this call, or another one without arguments.
            unsure |= call.state() != State.OPEN && !piece.hasArguments();
        } else {
            unsure |= goesOn && (mayBeCut || call.state() == State.NONE);
        }
        // Nothing could come back to a call that is left open.
        contradiction |= !goesOn && call.state() == State.OPEN;
        return goesOn;
    }

    private ToolCallDraft onlyOpen(ToolCallDraft last) {
        contradiction |= calls.stream().anyMatch(call -> call != last && call.state() == State.OPEN);
        return last;
    }
}
