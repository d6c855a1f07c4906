package dev.kimi.internal.protocol;

import dev.kimi.internal.json.JsonReader;
import java.util.Arrays;

/**
 * Collects one JSON object or array as it comes, and finds its end by counting brackets. Whether it is good JSON is for
 * its reader to say.
 */
public final class JsonText {

    private static final int FIRST_SIZE = 1024;
    private static final byte[] NONE = {};

    private byte[] bytes = NONE;
    private int size;
    private int depth;
    private boolean inString;
    private boolean escaped;

    /** Whether a byte may begin a text. */
    public static boolean begins(byte first) {
        return first == '{' || first == '[';
    }

    /**
     * Takes bytes up to the text's end.
     *
     * @return where the first byte lies that does not belong to it, or {@code to}
     * @throws UnreadableResponse if it is longer than any document may be
     */
    public int take(byte[] from, int offset, int to) {
        int i = offset;
        while (i < to && !(i > offset && isWhole())) {
            count(from[i++]);
        }
        append(from, offset, i - offset);
        return i;
    }

    /** Counts brackets without keeping anything. */
    public void countAll(byte[] from, int offset, int to) {
        for (int i = offset; i < to; i++) {
            count(from[i]);
        }
    }

    /** Whether as many brackets were closed as opened. */
    public boolean isWhole() {
        return depth <= 0 && !inString;
    }

    public int size() {
        return size;
    }

    /** What was collected, which is forgotten. */
    public byte[] take() {
        byte[] taken = Arrays.copyOf(bytes, size);
        bytes = NONE;
        size = 0;
        depth = 0;
        inString = false;
        escaped = false;
        return taken;
    }

    private void count(byte next) {
        if (inString) {
            if (escaped) {
                escaped = false;
            } else if (next == '\\') {
                escaped = true;
            } else if (next == '"') {
                inString = false;
            }
        } else if (next == '"') {
            inString = true;
        } else if (next == '{' || next == '[') {
            depth++;
        } else if (next == '}' || next == ']') {
            depth--;
        }
    }

    private void append(byte[] from, int offset, int length) {
        if (length > JsonReader.MAX_DOCUMENT - size) {
            throw new UnreadableResponse("it is longer than " + JsonReader.MAX_DOCUMENT + " bytes");
        }
        if (size + length > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(size + length + (size >> 1), FIRST_SIZE));
        }
        System.arraycopy(from, offset, bytes, size, length);
        size += length;
    }
}
