package dev.kimi.internal.json;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** How {@link JsonWriter} spells strings. */
final class JsonStrings {

    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long ONES = 0x0101010101010101L;
    private static final long HIGH_BITS = 0x8080808080808080L;
    private static final String SHORT_ESCAPES = "\"\\nrtbf";
    private static final String SHORT_ESCAPED = "\n\r\t\b\f";

    private JsonStrings() {}

    /** The index of the first byte in {@code [from, to)} that needs an escape, or {@code to}. */
    static int special(byte[] utf8, int from, int to) {
        int i = from;
        for (; i + Long.BYTES <= to; i += Long.BYTES) {
            long word = (long) LONG.get(utf8, i);
            long quote = word ^ '"' * ONES;
            long backslash = word ^ '\\' * ONES;
            // As in a search for a zero byte: the lowest mark is a true one, and bytes from 0x80 on are never marked.
            long marks = ((quote - ONES) | (backslash - ONES) | (word - ' ' * ONES)) & ~word & HIGH_BITS;
            if (marks != 0) {
                return i + (Long.numberOfTrailingZeros(marks) >>> 3);
            }
        }
        while (i < to && (utf8[i] < 0 || utf8[i] >= ' ' && utf8[i] != '"' && utf8[i] != '\\')) {
            i++;
        }
        return i;
    }

    /**
     * Whether the writer would write an object of strings as the bytes in {@code [from, to)}, which are part of good
     * JSON and end in no string: no white space outside of strings, and each string escaped as the writer does it.
     */
    static boolean areTheWriters(byte[] json, int from, int to) {
        int i = from;
        while (i < to) {
            byte next = json[i++];
            if (next == '"') {
                i = behind(json, i, to);
                if (i < 0) {
                    return false;
                }
            } else if (next <= ' ' && next >= 0) {
                return false;
            }
        }
        return true;
    }

    /** The index behind the string whose first character is at {@code from}; -1 if the writer spells it otherwise. */
    private static int behind(byte[] json, int from, int to) {
        int i = special(json, from, to);
        while (i < to && json[i] == '\\') {
            int length = escape(json, i + 1, to);
            if (length < 0) {
                return -1;
            }
            i = special(json, i + 1 + length, to);
        }
        return i < to && json[i] == '"' ? i + 1 : -1;
    }

    /** How long an escape of the writer's is, without its backslash; -1 for any other. */
    private static int escape(byte[] json, int at, int to) {
        if (at < to && SHORT_ESCAPES.indexOf(json[at]) >= 0) {
            return 1;
        }
        if (to - at < 5 || json[at] != 'u' || json[at + 1] != '0' || json[at + 2] != '0') {
            return -1;
        }
        int high = json[at + 3] - '0';
        int low = "0123456789abcdef".indexOf(json[at + 4]);
        boolean control = (high == 0 || high == 1) && low >= 0;
        return control && SHORT_ESCAPED.indexOf(high << 4 | low) < 0 ? 5 : -1;
    }
}
