package dev.kimi.internal.util;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Well-formed UTF-8 (RFC 3629), and what is made of bytes that are not. */
public final class Utf8 {

    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long HIGH_BITS = 0x8080808080808080L;

    private Utf8() {}

    /** Whether the bytes in {@code [from, to)} are whole, valid characters. */
    public static boolean isValid(byte[] bytes, int from, int to) {
        return validEnd(bytes, from, to) == to;
    }

    /** Whether the bytes in {@code [from, to)} are valid characters, of which the last may be cut. */
    public static boolean isValidBeginning(byte[] bytes, int from, int to) {
        int end = validEnd(bytes, from, to);
        return end == to || to - end < length(bytes[end]) && rest(bytes, end, to);
    }

    /** The bytes with U+FFFD in place of what is no character, always in an array of their own. */
    public static byte[] repaired(byte[] bytes, int offset, int length) {
        return new String(bytes, offset, length, StandardCharsets.UTF_8).getBytes(StandardCharsets.UTF_8);
    }

    private static int validEnd(byte[] bytes, int from, int to) {
        int i = from;
        while (i < to) {
            while (i + Long.BYTES <= to && ((long) LONG.get(bytes, i) & HIGH_BITS) == 0) {
                i += Long.BYTES;
            }
            if (i == to) {
                break;
            }
            int length = length(bytes[i]);
            if (length == 0 || to - i < length || !rest(bytes, i, i + length)) {
                return i;
            }
            i += length;
        }
        return i;
    }

    /** How long a character is that begins with the byte; 0 when none does. */
    private static int length(byte first) {
        if (first >= 0) {
            return 1;
        }
        int value = first & 0xFF;
        if (value < 0xC2) {
            return 0;
        } else if (value < 0xE0) {
            return 2;
        }
        return value < 0xF0 ? 3 : value < 0xF5 ? 4 : 0;
    }

    /** Whether what follows the first byte of a character, up to {@code to}, may follow it. */
    private static boolean rest(byte[] bytes, int at, int to) {
        for (int i = at + 1; i < to; i++) {
            if ((bytes[i] & 0xC0) != 0x80) {
                return false;
            }
        }
        if (to - at < 2) {
            return true;
        }
        // Longer than need be, halves of surrogate pairs, and what lies beyond Unicode.
        int second = bytes[at + 1] & 0xFF;
        return switch (bytes[at] & 0xFF) {
            case 0xE0 -> second >= 0xA0;
            case 0xED -> second < 0xA0;
            case 0xF0 -> second >= 0x90;
            case 0xF4 -> second < 0x90;
            default -> true;
        };
    }
}
