package dev.kimi.internal.protocol.openai;

import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.Tool;
import dev.kimi.chat.ToolCall;
import dev.kimi.error.TruncatedStreamException;
import dev.kimi.internal.protocol.UnreadableResponse;
import dev.kimi.internal.protocol.openai.ToolCallDraft.State;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Puts the pieces of tool calls together. As long as each piece leaves no doubt about its call, it is shown as it
 * comes. From the first that does, all are kept until the end, where {@link ToolCallReadings} decides from all of them.
 */
final class ToolCallCollector {

    static final int MAX_CALLS = 1_024;
    private static final int MAX_PIECES = 256 * 1_024;

    private final List<ToolCallPiece> pieces = new ArrayList<>(0);
    private final List<ToolCallDraft> shown = new ArrayList<>(0);
    private Consumer<? super ChatEvent> out = event -> {};
    private List<Tool> declared = List.of();
    private boolean numbered = true;
    private boolean unnumbered = true;
    private boolean doubtful;
    private int sure;

    /** The calls that can be handed to tools, and those that were cut. */
    record Settled(List<ToolCall> whole, List<ChatResponse.CutToolCall> cut) {}

    /** The tools of the request: where a name might be a part of one, a name of theirs is whole. */
    void declare(List<Tool> tools) {
        declared = tools;
    }

    boolean isEmpty() {
        return pieces.isEmpty() && shown.isEmpty();
    }

    /** Adds a piece from a stream and hands out what of it is new and beyond doubt. */
    void add(ToolCallPiece piece, Consumer<? super ChatEvent> out) {
        this.out = out;
        numbered &= piece.index >= 0;
        unnumbered &= piece.index < 0;
        ToolCallDraft found = find(piece);
        boolean begins = found == null && begins(piece);
        if (!doubtful && found == null && !begins) {
            doubtful = true;
            sure = pieces.size();
        }
        keep(piece);
        if (doubtful) {
            return;
        }
        ToolCallDraft call = found == null ? begin(piece) : found;
        boolean news = begins || piece.arguments.length() > 0;
        if (call.id.isEmpty() && !piece.id.isEmpty()) {
            call.id = piece.id;
            news = true;
        }
        if (call.name.isEmpty() && !piece.name.isEmpty()) {
            call.name = piece.name;
            news = true;
        }
        String arguments = piece.arguments.toString();
        call.append(arguments);
        if (news) {
            out.accept(new ChatEvent.ToolFragment(shown.indexOf(call), call.id, call.name, arguments));
        }
    }

    /** Adds a call that came whole, and hands it out. */
    void addWhole(ToolCallPiece piece, Consumer<? super ChatEvent> out) {
        ToolCallDraft call = begin(piece);
        call.id = piece.id;
        call.name = piece.name;
        call.append(piece.arguments);
        out.accept(new ChatEvent.ToolFragment(shown.size() - 1, call.id, call.name, call.arguments()));
    }

    /**
     * The calls when the response is whole. What was kept back is handed out before.
     *
     * @param mayBeCut true when the model was stopped before it was done: then calls may be incomplete
     * @throws UnreadableResponse if a call has no name, or arguments that are no JSON object or name a member twice, or
     *     if pieces cannot be distinguished
     */
    Settled settle(boolean mayBeCut) {
        List<ToolCallDraft> calls = calls(mayBeCut);
        if (calls == null) {
            throw new UnreadableResponse("the pieces of its tool calls cannot be distinguished or make no whole calls");
        }
        if (doubtful) {
            show(calls);
            // Decided from all pieces; without the last of them, a cut stream could be read in more ways.
            shown.clear();
            shown.addAll(calls);
            pieces.clear();
            doubtful = false;
        }
        List<ToolCall> whole = new ArrayList<>(calls.size());
        List<ChatResponse.CutToolCall> cut = new ArrayList<>(0);
        for (ToolCallDraft call : calls) {
            boolean none = call.state() == State.NONE;
            if (call.isWhole() && !(none && mayBeCut)) {
                whole.add(new ToolCall(call.id, call.name, none ? "{}" : call.arguments()));
            } else if (mayBeCut && call.state() != State.BROKEN && call.state() != State.WHOLE) {
                cut.add(new ChatResponse.CutToolCall(call.id, call.name, call.arguments()));
            } else {
                throw new UnreadableResponse("a tool call has no name, or its arguments are no JSON object");
            }
        }
        return new Settled(whole, cut);
    }

    /** The calls as far as they have come; of those that cannot be distinguished, each piece by itself. */
    List<TruncatedStreamException.ToolFragment> partial() {
        List<ToolCallDraft> calls = calls(true);
        List<TruncatedStreamException.ToolFragment> fragments = new ArrayList<>(shown.size());
        for (ToolCallDraft call : calls == null ? shown : calls) {
            fragments.add(new TruncatedStreamException.ToolFragment(call.id, call.name, call.arguments()));
        }
        for (ToolCallPiece piece : calls == null ? pieces.subList(sure, pieces.size()) : List.<ToolCallPiece>of()) {
            fragments.add(new TruncatedStreamException.ToolFragment(piece.id, piece.name, piece.arguments.toString()));
        }
        return fragments;
    }

    /** The calls, which begin with what was shown before the first doubt, or null when that does not decide. */
    private @Nullable List<ToolCallDraft> calls(boolean mayBeCut) {
        if (!doubtful) {
            return shown;
        }
        List<ToolCallDraft> calls = new ToolCallReadings(pieces, declared, mayBeCut).calls();
        if (calls == null || calls.size() < shown.size()) {
            return null;
        }
        for (int i = 0; i < shown.size(); i++) {
            if (!calls.get(i).goesOnFrom(shown.get(i))) {
                return null;
            }
        }
        return calls;
    }

    private void keep(ToolCallPiece piece) {
        ToolCallPiece last = pieces.isEmpty() ? null : pieces.get(pieces.size() - 1);
        boolean fresh = doubtful && sure == pieces.size();
        if (last != null && !fresh && last.goesOnWith(piece)) {
            last.join(piece);
        } else if (pieces.size() == MAX_PIECES) {
            throw new UnreadableResponse("its tool calls are in more than " + MAX_PIECES + " pieces");
        } else {
            pieces.add(piece);
        }
    }

    private ToolCallDraft begin(ToolCallPiece piece) {
        if (shown.size() == MAX_CALLS) {
            throw new UnreadableResponse("it holds more than " + MAX_CALLS + " tool calls");
        }
        ToolCallDraft call = new ToolCallDraft(piece.index, piece.typed);
        shown.add(call);
        return call;
    }

    private @Nullable ToolCallDraft latest(int index) {
        for (int i = shown.size() - 1; i >= 0; i--) {
            if (shown.get(i).index == index) {
                return shown.get(i);
            }
        }
        return null;
    }

    /** The call that goes on with the piece in every reading, or null. */
    private @Nullable ToolCallDraft find(ToolCallPiece piece) {
        ToolCallDraft call = latest(piece.index);
        if (call == null || !(numbered || unnumbered)) {
            return null;
        }
        boolean unnamed = piece.name.isEmpty();
        boolean open = call.state() == State.OPEN;
        boolean identified = piece.id.isEmpty() || piece.id.equals(call.id) || call.id.isEmpty() && call.name.isEmpty();
        // Some services make up an id for each piece.
        boolean made = numbered && unnamed && open && !call.id.isEmpty();
        boolean named = unnamed || call.name.isEmpty() || open && piece.name.equals(call.name);
        boolean room = call.state() != State.WHOLE || !piece.hasArguments();
        return (identified || made) && named && room ? call : null;
    }

    /** Whether the piece begins a call in every reading. */
    private boolean begins(ToolCallPiece piece) {
        if (shown.isEmpty()) {
            return true;
        }
        ToolCallDraft call = latest(piece.index);
        if (call == null) {
            return numbered;
        }
        boolean another = !piece.id.equals(call.id) || piece.id.isEmpty();
        return (numbered || unnumbered)
                && another
                && call.state() == State.WHOLE
                && !piece.name.isEmpty()
                && piece.hasArguments();
    }

    private void show(List<ToolCallDraft> calls) {
        for (int i = 0; i < calls.size(); i++) {
            ToolCallDraft call = calls.get(i);
            ToolCallDraft before = i < shown.size() ? shown.get(i) : null;
            if (before == null || !call.isSame(before)) {
                String rest = call.arguments().substring(before == null ? 0 : before.length());
                out.accept(new ChatEvent.ToolFragment(i, call.id, call.name, rest));
            }
        }
    }
}
