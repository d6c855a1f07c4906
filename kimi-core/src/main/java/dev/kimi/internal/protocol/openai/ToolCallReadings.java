package dev.kimi.internal.protocol.openai;

import dev.kimi.chat.Tool;
import dev.kimi.internal.protocol.openai.ToolCallReading.Names;
import dev.kimi.internal.protocol.openai.ToolCallReading.Signs;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Decides which calls the pieces make where they are not as usual: they are read in every way in which services number,
 * identify and name them, and what only one way makes whole is it. Where several ways make different calls of them, the
 * evidence in the pieces does not suffice, and nothing is guessed.
 */
final class ToolCallReadings {

    private final List<ToolCallPiece> pieces;
    private final List<Tool> declared;
    private final boolean mayBeCut;

    /**
     * @param declared the tools of the request, empty when not known
     * @param mayBeCut whether the model was stopped before it was done, so that calls may be incomplete
     */
    ToolCallReadings(List<ToolCallPiece> pieces, List<Tool> declared, boolean mayBeCut) {
        this.pieces = pieces;
        this.declared = declared;
        this.mayBeCut = mayBeCut;
    }

    /** The calls that the pieces are, or null when they cannot be distinguished or make none. */
    @Nullable List<ToolCallDraft> calls() {
        List<ToolCallReading> sound = new ArrayList<>();
        for (ToolCallReading reading : ways()) {
            if (reading.read(pieces, this::isDeclared, mayBeCut)) {
                sound.add(reading);
            }
        }
        boolean known = prefer(sound, reading -> reading.calls().stream().allMatch(call -> isDeclared(call.name)));
        prefer(sound, ToolCallReading::isRegular);
        ToolCallReading chosen = chosen(sound, known);
        return chosen == null ? null : chosen.calls();
    }

    private boolean isDeclared(String name) {
        return declared.stream().anyMatch(tool -> tool.name().equals(name));
    }

    private static boolean prefer(List<ToolCallReading> sound, Predicate<ToolCallReading> better) {
        boolean any = sound.stream().anyMatch(better);
        if (any) {
            sound.removeIf(better.negate());
        }
        return any;
    }

    private @Nullable ToolCallReading chosen(List<ToolCallReading> sound, boolean known) {
        if (sound.isEmpty()) {
            return null;
        }
        ToolCallReading first = sound.get(0);
        if (sound.stream().allMatch(first::isSame)) {
            boolean parts = !declared.isEmpty() && first.names() == Names.IN_PIECES;
            return known || !parts && sound.stream().noneMatch(ToolCallReading::isUnsure) ? first : null;
        }
        // Whole calls, one in each piece, are many a service's habit; the same pieces as parts of names are nobody's.
        for (ToolCallReading reading : sound) {
            boolean whole = declared.isEmpty() && !mayBeCut && reading.isOneCallAPiece();
            if (whole && sound.stream().allMatch(o -> o.isSame(reading) || o.names() == Names.IN_PIECES)) {
                return reading;
            }
        }
        return null;
    }

    private List<ToolCallReading> ways() {
        Set<Integer> indexes = new HashSet<>();
        Set<String> ids = new HashSet<>();
        boolean fresh = pieces.size() > 1;
        boolean identified = false;
        boolean typed = false;
        boolean untyped = false;
        boolean withoutId = false;
        for (ToolCallPiece piece : pieces) {
            if (piece.index >= 0) {
                indexes.add(piece.index);
            }
            fresh &= piece.isSingle() && !piece.id.isEmpty() && ids.add(piece.id);
            typed |= piece.typed;
            untyped |= piece.hasUntyped();
            withoutId |= piece.hasNoId();
            identified |= !piece.id.isEmpty();
        }
        Signs signs = new Signs(indexes.size() <= 1, fresh, typed && untyped, identified && withoutId);
        List<ToolCallReading> ways = new ArrayList<>(9);
        for (Names names : Names.values()) {
            if (!indexes.isEmpty()) {
                ways.add(new ToolCallReading(true, true, signs, names));
            }
            // A number that is always the same may number nothing.
            if (signs.oneIndex()) {
                ways.add(new ToolCallReading(false, true, signs, names));
                if (fresh) {
                    ways.add(new ToolCallReading(false, false, signs, names));
                }
            }
        }
        return ways;
    }
}
