package dev.kimi.internal.protocol;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.IntUnaryOperator;

/** Makes bad input of good input: flips, drops, repeats, joins and inserts what readers are known to stumble over. */
final class Mutator {

    private static final int MAX_BYTES = 20_000;

    private final IntUnaryOperator draws;

    /** @param draws makes of a bound a number from 0 up to it, exclusive */
    Mutator(IntUnaryOperator draws) {
        this.draws = draws;
    }

    int below(int bound) {
        return draws.applyAsInt(bound);
    }

    /** One of the texts, as it is or mutated some times. */
    byte[] mutate(List<String> texts) {
        byte[] bytes = one(texts);
        int rounds = below(2) == 0 ? below(3) : below(12);
        for (int i = 0; i < rounds && bytes.length < MAX_BYTES; i++) {
            bytes = once(bytes, texts);
        }
        return bytes;
    }

    private byte[] one(List<String> texts) {
        return texts.get(below(texts.size())).getBytes(StandardCharsets.UTF_8);
    }

    private byte[] once(byte[] bytes, List<String> texts) {
        int from = below(bytes.length + 1);
        int to = Math.min(bytes.length, from + below(16));
        ByteArrayOutputStream out = new ByteArrayOutputStream(bytes.length + 64);
        out.write(bytes, 0, from);
        switch (below(6)) {
            case 0 -> {
                // a byte that becomes any other
                out.write(below(256));
                to = Math.min(bytes.length, from + 1);
            }
            case 1 -> out.writeBytes(one(Corpus.TOKENS));
            case 2 -> {
                // the rest is lost
                return out.toByteArray();
            }
            case 3 -> {
                for (int i = below(30); i > 0; i--) {
                    out.write(bytes, from, to - from);
                }
            }
            case 4 -> {
                byte[] other = one(texts);
                int start = below(other.length + 1);
                out.write(other, start, other.length - start);
            }
            default -> {
                // a few bytes are lost
            }
        }
        out.write(bytes, to, bytes.length - to);
        return out.toByteArray();
    }
}
