package dev.kimi.gateway.completions;

import java.nio.charset.StandardCharsets;
import tools.jackson.core.io.JsonStringEncoder;

/** Pieces of JSON as bytes, for what is written per event of a stream. */
final class JsonBytes {

    private static final JsonStringEncoder ENCODER = JsonStringEncoder.getInstance();
    private static final byte[] EVENT = ascii("data: ");
    private static final byte[] EVENT_END = ascii("\n\n");

    private JsonBytes() {}

    /** The text in quotes. */
    static byte[] quoted(String text) {
        byte[] escaped = ENCODER.quoteAsUTF8(wellFormed(text));
        byte[] quoted = new byte[escaped.length + 2];
        quoted[0] = '"';
        System.arraycopy(escaped, 0, quoted, 1, escaped.length);
        quoted[quoted.length - 1] = '"';
        return quoted;
    }

    /** One event of a stream. */
    static byte[] event(byte[] json) {
        return join(EVENT, json, EVENT_END);
    }

    static byte[] join(byte[]... pieces) {
        int length = 0;
        for (byte[] piece : pieces) {
            length += piece.length;
        }
        byte[] all = new byte[length];
        int at = 0;
        for (byte[] piece : pieces) {
            System.arraycopy(piece, 0, all, at, piece.length);
            at += piece.length;
        }
        return all;
    }

    static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** With a question mark for each half of a surrogate pair, which no encoder of JSON writes. */
    static String wellFormed(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isSurrogate(c)) {
                boolean pair = Character.isHighSurrogate(c)
                        && i + 1 < text.length()
                        && Character.isLowSurrogate(text.charAt(i + 1));
                if (!pair) {
                    return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
                }
                i++;
            }
        }
        return text;
    }
}
