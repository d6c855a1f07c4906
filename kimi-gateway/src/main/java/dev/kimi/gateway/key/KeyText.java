package dev.kimi.gateway.key;

import dev.kimi.gateway.hash.Digests;
import java.nio.CharBuffer;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import java.util.zip.CRC32;

/**
 * The characters of a key: the prefix by which people and secret scanners recognise it, 40 random letters and digits
 * (238 bits), and six that are the CRC-32 of what comes before, so that a scanner can tell a key from an example.
 * {@code kimi-sk-[0-9A-Za-z]{46}}
 */
final class KeyText {

    static final String PREFIX = "kimi-sk-";
    static final int ENDING = 4;

    private static final char[] ALPHABET =
            "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".toCharArray();
    private static final int RANDOM = 40;
    private static final int CHECKSUM = 6;

    private KeyText() {}

    /** New characters. */
    static char[] next(RandomGenerator random) {
        char[] text = Arrays.copyOf(PREFIX.toCharArray(), PREFIX.length() + RANDOM + CHECKSUM);
        int end = PREFIX.length() + RANDOM;
        for (int i = PREFIX.length(); i < end; i++) {
            text[i] = ALPHABET[random.nextInt(ALPHABET.length)];
        }
        long left = checksum(text, end);
        for (int i = text.length - 1; i >= end; i--) {
            text[i] = ALPHABET[(int) (left % ALPHABET.length)];
            left /= ALPHABET.length;
        }
        return text;
    }

    private static long checksum(char[] text, int end) {
        CRC32 crc = new CRC32();
        for (int i = 0; i < end; i++) {
            crc.update(text[i]);
        }
        return crc.getValue();
    }

    /** SHA-256, which is enough: what is hashed is far too random to be guessed. Leaves no copy of the characters. */
    static byte[] hash(char[] text) {
        return Digests.ofSecret(CharBuffer.wrap(text));
    }
}
