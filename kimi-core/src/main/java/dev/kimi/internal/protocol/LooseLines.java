package dev.kimi.internal.protocol;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/**
 * Lines of an event stream that are no fields. Those between events may be JSON that was sent without framing, those
 * within an event the further lines of JSON that was printed over several with {@code data:} before the first only.
 */
final class LooseLines {

    private static final int MAX_WITHIN = 4 << 20;
    private static final byte[] NONE = {};

    private final JsonText between = new JsonText();
    private final ByteArrayOutputStream within = new ByteArrayOutputStream(0);
    private boolean any;

    /** Whether there ever was one that is not the beginning of a field. */
    boolean any() {
        return any;
    }

    /**
     * Adds a line from between events.
     *
     * @return true when a JSON text is whole, which is to be taken then
     */
    boolean addBetween(byte[] line, int from, int to) {
        any |= !StreamBytes.mayBeCutField(line, from, to);
        int at = between.size() > 0 ? from : skipBlanks(line, from, to);
        if (at == to || between.size() == 0 && !JsonText.begins(line[at])) {
            return false;
        }
        // What stands behind the text on its line is nothing that a service sends.
        between.take(line, at, to);
        return between.isWhole();
    }

    /** Whether a JSON text has begun between events, and did not end. */
    boolean isOpen() {
        return between.size() > 0;
    }

    /** Takes the JSON text. */
    byte[] takeBetween() {
        return between.take();
    }

    /** Adds a line from within an event, unless there are too many to be JSON. */
    void addWithin(byte[] line, int from, int to) {
        if (to - from < MAX_WITHIN - within.size()) {
            within.write(line, from, to - from);
            within.write('\n');
        }
    }

    boolean hasWithin() {
        return within.size() > 0;
    }

    /** Takes the lines from within an event, behind its data when that is JSON that does not end, else on their own. */
    byte[] takeWithin(byte[] data, int offset, int length) {
        byte[] lines = within.toByteArray();
        within.reset();
        if (isWhole(data, offset, length)) {
            int at = skipBlanks(lines, 0, lines.length);
            return at < lines.length && JsonText.begins(lines[at]) ? lines : NONE;
        }
        byte[] joined = Arrays.copyOfRange(data, offset, offset + length + 1 + lines.length);
        joined[length] = '\n';
        System.arraycopy(lines, 0, joined, length + 1, lines.length);
        return joined;
    }

    /** Whether all brackets are closed. */
    static boolean isWhole(byte[] bytes, int offset, int length) {
        JsonText text = new JsonText();
        text.countAll(bytes, offset, offset + length);
        return text.isWhole();
    }

    private static int skipBlanks(byte[] bytes, int from, int to) {
        int i = from;
        while (i < to && (bytes[i] == ' ' || bytes[i] == '\t')) {
            i++;
        }
        return i;
    }
}
