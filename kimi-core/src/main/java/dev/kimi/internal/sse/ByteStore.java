package dev.kimi.internal.sse;

import java.util.Arrays;

/** A growing byte array that forgets a large one, so that one big event does not stay on the heap of a long stream. */
final class ByteStore {

    private static final byte[] EMPTY = {};
    private static final int KEEP = 8 * 1024;

    private byte[] bytes = EMPTY;
    private int size;

    byte[] array() {
        return bytes;
    }

    int size() {
        return size;
    }

    int capacity() {
        return bytes.length;
    }

    boolean isEmpty() {
        return size == 0;
    }

    void append(byte[] source, int offset, int length) {
        reserve(length);
        System.arraycopy(source, offset, bytes, size, length);
        size += length;
    }

    void append(byte value) {
        reserve(1);
        bytes[size++] = value;
    }

    void clear() {
        size = 0;
        if (bytes.length > KEEP) {
            bytes = EMPTY;
        }
    }

    private void reserve(int more) {
        int needed = size + more;
        if (needed > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(needed + (needed >> 1), 256));
        }
    }
}
