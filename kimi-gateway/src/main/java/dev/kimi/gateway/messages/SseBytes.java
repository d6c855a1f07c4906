package dev.kimi.gateway.messages;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Bytes of JSON and of an event stream, put together. Not thread-safe. */
final class SseBytes {

    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

    private byte[] bytes;
    private int length;

    SseBytes(int capacity) {
        this.bytes = new byte[capacity];
    }

    boolean isEmpty() {
        return length == 0;
    }

    SseBytes raw(byte[] more) {
        room(more.length);
        System.arraycopy(more, 0, bytes, length, more.length);
        length += more.length;
        return this;
    }

    SseBytes raw(String json) {
        return raw(json.getBytes(StandardCharsets.UTF_8));
    }

    SseBytes number(long value) {
        return raw(Long.toString(value));
    }

    /** A string in quotes; half a character becomes a question mark. */
    SseBytes string(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        room(utf8.length + 2);
        bytes[length++] = '"';
        int from = 0;
        for (int i = 0; i < utf8.length; i++) {
            byte b = utf8[i];
            if (b == '"' || b == '\\' || b >= 0 && b < ' ') {
                plain(utf8, from, i);
                escaped(b);
                from = i + 1;
            }
        }
        plain(utf8, from, utf8.length);
        room(1);
        bytes[length++] = '"';
        return this;
    }

    byte[] toByteArray() {
        return length == bytes.length ? bytes : Arrays.copyOf(bytes, length);
    }

    private void plain(byte[] utf8, int from, int to) {
        room(to - from + 1);
        System.arraycopy(utf8, from, bytes, length, to - from);
        length += to - from;
    }

    private void escaped(byte b) {
        room(6);
        bytes[length++] = '\\';
        switch (b) {
            case '\n' -> bytes[length++] = 'n';
            case '\r' -> bytes[length++] = 'r';
            case '\t' -> bytes[length++] = 't';
            case '"', '\\' -> bytes[length++] = b;
            default -> {
                bytes[length++] = 'u';
                bytes[length++] = '0';
                bytes[length++] = '0';
                bytes[length++] = HEX[b >> 4];
                bytes[length++] = HEX[b & 15];
            }
        }
    }

    private void room(int more) {
        if (bytes.length - length < more) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
        }
    }
}
