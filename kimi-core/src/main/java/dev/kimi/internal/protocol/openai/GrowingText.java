package dev.kimi.internal.protocol.openai;

/** Tells texts that each hold all so far from pieces that follow one another. */
final class GrowingText {

    private enum Kind {
        UNKNOWN,
        PIECES,
        WHOLE
    }

    private Kind kind = Kind.UNKNOWN;
    private int taken;
    /** How often the first text came again before its kind was known. */
    private int repeats;

    /** How many characters were new, which are all in the text so far unless that came from elsewhere too. */
    int taken() {
        return taken;
    }

    /**
     * What of {@code sent} is not in {@code soFar}. A text that only repeats the first is taken for the same until
     * another one shows that they are pieces.
     */
    String news(CharSequence sent, CharSequence soFar) {
        String news = newsOf(sent.toString(), soFar);
        taken += news.length();
        return news;
    }

    private String newsOf(String sent, CharSequence soFar) {
        if (sent.isEmpty() || soFar.length() == 0 || kind == Kind.PIECES) {
            return sent;
        }
        boolean grown = sent.length() > soFar.length() && begins(sent, soFar);
        if (kind == Kind.UNKNOWN && sent.contentEquals(soFar)) {
            repeats++;
            return "";
        }
        if (kind == Kind.UNKNOWN) {
            kind = grown ? Kind.WHOLE : Kind.PIECES;
        }
        if (kind == Kind.PIECES) {
            return soFar.toString().repeat(repeats) + sent;
        }
        if (grown) {
            return sent.substring(soFar.length());
        }
        // The last may have lost blanks at its end.
        return begins(soFar, sent) ? "" : sent;
    }

    private static boolean begins(CharSequence text, CharSequence with) {
        return text.length() >= with.length() && CharSequence.compare(text.subSequence(0, with.length()), with) == 0;
    }
}
