package dev.kimi.internal.protocol;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** What the bytes of a response look like: blanks, JSON, the end mark of a stream, a frame within a frame. */
public final class StreamBytes {

    private static final byte[] DONE = {'[', 'D', 'O', 'N', 'E', ']'};
    public static final int DONE_LENGTH = DONE.length;
    private static final byte[] DATA = {'d', 'a', 't', 'a', ':'};
    private static final byte[] BOM = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

    private StreamBytes() {}

    /** Whether a body begins like JSON, behind blanks and a byte order mark. */
    static boolean beginsJson(ByteBuffer body) {
        return json(body) != null;
    }

    /** Whether there is nothing in a body but blanks and a byte order mark. */
    public static boolean isBlank(ByteBuffer body) {
        return begin(body) == body.limit();
    }

    /** The JSON at the body's beginning, behind blanks and a byte order mark; null when it begins otherwise. */
    public static @Nullable ByteBuffer json(ByteBuffer body) {
        int begin = begin(body);
        return begin < body.limit() && JsonText.begins(body.get(begin))
                ? body.duplicate().position(begin)
                : null;
    }

    private static int begin(ByteBuffer body) {
        int i = body.position();
        while (i < body.limit() && isBlank(body.get(i))) {
            i++;
        }
        return i;
    }

    public static boolean isBlank(byte b) {
        return b <= ' ' && b >= 0 || b == BOM[0] || b == BOM[1] || b == BOM[2];
    }

    /** Some proxies frame what was framed before. */
    public static int skipPrefix(byte[] data, int from, int to) {
        if (from == to || data[from] != DATA[0] || to - from < DATA.length) {
            return from;
        }
        for (int i = 0; i < DATA.length; i++) {
            if (data[from + i] != DATA[i]) {
                return from;
            }
        }
        int i = from + DATA.length;
        while (i < to && data[i] == ' ') {
            i++;
        }
        return i;
    }

    /** Whether a line without a colon may be the beginning of a field of an event stream that was cut in it. */
    public static boolean mayBeCutField(byte[] line, int from, int to) {
        String text = new String(line, from, Math.min(to - from, 6), StandardCharsets.ISO_8859_1);
        return "data".startsWith(text) || "event".startsWith(text) || "id".startsWith(text) || "retry".startsWith(text);
    }

    /** Where the bytes end without the blanks at their end. */
    public static int trim(byte[] data, int from, int to) {
        int end = to;
        while (end > from && data[end - 1] <= ' ' && data[end - 1] >= 0) {
            end--;
        }
        return end;
    }

    /** Whether the bytes end with the end mark, alone on its line. */
    public static boolean endsWithDone(byte[] data, int from, int to) {
        int start = to - DONE_LENGTH;
        if (start < from) {
            return false;
        }
        // Alone on its line: the same text at the end of a cut string is no end mark.
        int before = start;
        while (before > from && (data[before - 1] == ' ' || data[before - 1] == '\t')) {
            before--;
        }
        if (before > from && data[before - 1] != '\n') {
            return false;
        }
        for (int i = 0; i < DONE_LENGTH; i++) {
            if (data[start + i] != DONE[i]) {
                return false;
            }
        }
        return true;
    }
}
