package dev.kimi.internal.protocol;

/**
 * Keeps pieces of a text free of half characters: halves of a pair that two pieces were cut between are put together,
 * and U+FFFD stands for a half without the other.
 */
public final class SurrogatePairs {

    private static final char REPLACEMENT = '\uFFFD';

    /** The first half that the last piece ended with; 0 for none. */
    private char high;

    /** The piece, without a half at its end, which begins the next. */
    public String join(String piece) {
        if (high == 0 && !hasSurrogate(piece) || piece.isEmpty()) {
            return piece;
        }
        StringBuilder whole = new StringBuilder(piece.length() + 1);
        for (int i = 0; i < piece.length(); i++) {
            add(whole, piece.charAt(i));
        }
        return whole.toString();
    }

    /** What is left at the end: U+FFFD or nothing. */
    public String end() {
        boolean half = high != 0;
        high = 0;
        return half ? String.valueOf(REPLACEMENT) : "";
    }

    private void add(StringBuilder whole, char next) {
        if (Character.isLowSurrogate(next) && high != 0) {
            whole.append(high).append(next);
            high = 0;
            return;
        }
        whole.append(end());
        if (Character.isHighSurrogate(next)) {
            high = next;
        } else {
            whole.append(Character.isLowSurrogate(next) ? REPLACEMENT : next);
        }
    }

    private static boolean hasSurrogate(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isSurrogate(text.charAt(i))) {
                return true;
            }
        }
        return false;
    }
}
