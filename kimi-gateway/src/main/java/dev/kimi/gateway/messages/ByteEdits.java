package dev.kimi.gateway.messages;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Replaces ranges of bytes and leaves all others as they are. Not thread-safe. */
final class ByteEdits {

    private final List<Edit> edits = new ArrayList<>();

    /**
     * A range and what stands there instead.
     *
     * @param start offset of its first byte
     * @param end offset behind its last byte
     * @param replacement empty to cut it out
     */
    record Edit(int start, int end, byte[] replacement) {}

    /** Adds an edit; ranges must not overlap. */
    ByteEdits add(Edit edit) {
        edits.add(edit);
        return this;
    }

    /** The edited bytes; the same array when there is nothing to edit. */
    byte[] apply(byte[] bytes) {
        if (edits.isEmpty()) {
            return bytes;
        }
        edits.sort(Comparator.comparingInt(Edit::start));
        int length = bytes.length;
        for (Edit edit : edits) {
            length += edit.replacement.length - (edit.end - edit.start);
        }
        byte[] out = new byte[length];
        int from = 0;
        int to = 0;
        for (Edit edit : edits) {
            System.arraycopy(bytes, from, out, to, edit.start - from);
            to += edit.start - from;
            System.arraycopy(edit.replacement, 0, out, to, edit.replacement.length);
            to += edit.replacement.length;
            from = edit.end;
        }
        System.arraycopy(bytes, from, out, to, bytes.length - from);
        return out;
    }
}
