package dev.kimi.test.internal;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;

/**
 * A response body, step by step. After a step for which {@link Piece#last()} holds it is not called again. Not
 * thread-safe: one body, one event loop.
 */
@FunctionalInterface
public interface Pieces {

    Piece next();

    /** The given steps, then the end. */
    static Pieces of(List<Piece> steps) {
        Deque<Piece> queue = new ArrayDeque<>(steps);
        return () -> {
            Piece next = queue.poll();
            return next == null ? Piece.END : next;
        };
    }

    /** Lets so many events through and then puts the given step in place of the rest. */
    default Pieces replaceAfterEvents(int events, Piece instead) {
        int[] seen = {0};
        return () -> {
            if (seen[0] >= events) {
                return instead;
            }
            Piece next = next();
            seen[0] += next.kind() == Piece.Kind.EVENT ? 1 : 0;
            return next;
        };
    }

    /** Puts the given step between so many events and what follows them. */
    default Pieces insertAfterEvents(int events, Piece between) {
        int[] seen = {0};
        boolean[] put = {false};
        return () -> {
            if (!put[0] && seen[0] >= events) {
                put[0] = true;
                return between;
            }
            Piece next = next();
            seen[0] += next.kind() == Piece.Kind.EVENT ? 1 : 0;
            return next;
        };
    }

    /** Puts the given step after every so many events. */
    default Pieces interleave(int events, Piece between) {
        int[] seen = {0};
        boolean[] due = {false};
        return () -> {
            if (due[0]) {
                due[0] = false;
                return between;
            }
            Piece next = next();
            if (next.kind() == Piece.Kind.EVENT && ++seen[0] % events == 0) {
                due[0] = true;
            }
            return next;
        };
    }

    /** Lets so many events through, then sends one more event and ends without the end marker. */
    default Pieces endAfterEvents(int events, byte[] lastEvent) {
        int[] seen = {0};
        boolean[] sent = {false};
        return () -> {
            if (sent[0]) {
                return Piece.END;
            }
            Piece next = seen[0] >= events ? Piece.END : next();
            if (next.last() || next.kind() == Piece.Kind.DONE) {
                sent[0] = true;
                return Piece.event(lastEvent, 0);
            }
            seen[0] += next.kind() == Piece.Kind.EVENT ? 1 : 0;
            return next;
        };
    }

    /** Breaks the connection after so many bytes, in the middle of a piece if it comes to that. */
    default Pieces cutAfterBytes(long bytes) {
        long[] left = {bytes};
        return () -> {
            if (left[0] <= 0) {
                return Piece.CUT;
            }
            Piece next = next();
            int length = next.bytes().length;
            if (length > left[0]) {
                byte[] beginning = Arrays.copyOf(next.bytes(), (int) left[0]);
                return Piece.torn(beginning, next.delayNanos(), length);
            }
            left[0] -= length;
            return next;
        };
    }

    /** Falls silent after so many bytes, in the middle of a piece if it comes to that. */
    default Pieces stallAfterBytes(long bytes) {
        long[] left = {bytes};
        return () -> {
            if (left[0] <= 0) {
                return Piece.STALL;
            }
            Piece next = next();
            int length = next.bytes().length;
            if (length > left[0]) {
                byte[] beginning = Arrays.copyOf(next.bytes(), (int) left[0]);
                left[0] = 0;
                return Piece.bytes(beginning, next.delayNanos());
            }
            left[0] -= length;
            return next;
        };
    }

    /** Leaves the end marker out. */
    default Pieces withoutDone() {
        return () -> {
            Piece next = next();
            return next.kind() == Piece.Kind.DONE ? next() : next;
        };
    }

    /** Cuts everything into morsels of at most so many bytes with a pause before each. */
    default Pieces drip(int bytes, long everyNanos) {
        Deque<Piece> cut = new ArrayDeque<>();
        return () -> {
            if (cut.isEmpty()) {
                Piece next = next();
                byte[] whole = next.bytes();
                for (int at = 0; at < whole.length; at += bytes) {
                    byte[] morsel = Arrays.copyOfRange(whole, at, Math.min(at + bytes, whole.length));
                    cut.add(Piece.bytes(morsel, everyNanos + (at == 0 ? next.delayNanos() : 0)));
                }
                if (next.last() || cut.isEmpty()) {
                    return next;
                }
            }
            return cut.remove();
        };
    }
}
