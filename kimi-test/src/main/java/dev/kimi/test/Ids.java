package dev.kimi.test;

import java.util.SplittableRandom;

/** Ids in the shapes of the service; the same row after every start. Lives on the event loop. */
final class Ids {

    private static final char[] HEX = "0123456789abcdef".toCharArray();

    private final SplittableRandom random = new SplittableRandom(42);

    String completion() {
        return "chatcmpl-" + hex(24);
    }

    String request() {
        return "req_" + hex(24);
    }

    String uuid() {
        char[] out = new char[36];
        long bits = 0;
        for (int i = 0; i < out.length; i++) {
            bits = i % 16 == 0 ? random.nextLong() : bits >>> 4;
            out[i] = HEX[(int) bits & 15];
        }
        out[8] = out[13] = out[18] = out[23] = '-';
        return new String(out);
    }

    String hex(int length) {
        char[] out = new char[length];
        long bits = 0;
        for (int i = 0; i < length; i++) {
            bits = i % 16 == 0 ? random.nextLong() : bits >>> 4;
            out[i] = HEX[(int) bits & 15];
        }
        return new String(out);
    }
}
