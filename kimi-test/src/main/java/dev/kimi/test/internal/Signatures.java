package dev.kimi.test.internal;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * The signatures of thinking blocks: each names the model, the account, the prefix, the thinking block before it and
 * its own text, and ends with a checksum.
 */
public final class Signatures {

    private static final byte[] MAGIC = "KimiSim1".getBytes(StandardCharsets.US_ASCII);
    private static final String PREFIX = "S2ltaVNpbT";
    private static final int DIGEST = 12;
    private static final int MIN_FOREIGN = 40;
    private static final byte[] NONE = new byte[DIGEST];

    private Signatures() {}

    /**
     * What a signature says.
     *
     * @param model the model that thought
     * @param account digest of the account
     * @param prefix digest of what preceded the block
     * @param previous digest of the thinking block before it, zeros if there was none
     * @param text digest of the text of the block
     */
    public record Signed(String model, byte[] account, byte[] prefix, byte[] previous, byte[] text) {}

    static String sign(String model, String account, byte[] prefix, @Nullable String previous, String text) {
        byte[] name = model.getBytes(StandardCharsets.UTF_8);
        ByteBuffer out = ByteBuffer.allocate(MAGIC.length + 1 + name.length + 5 * DIGEST);
        out.put(MAGIC).put((byte) name.length).put(name);
        out.put(shortened(account))
                .put(Arrays.copyOf(prefix, DIGEST))
                .put(link(previous))
                .put(shortened(text));
        byte[] said = Arrays.copyOf(out.array(), out.position());
        out.put(checksum(said));
        return Base64.getEncoder().encodeToString(out.array());
    }

    /** Whether the signature is one of the simulator's. */
    static boolean own(String signature) {
        return signature.startsWith(PREFIX);
    }

    /** Whether a signature that was made elsewhere has the form of one. */
    static boolean wellFormed(String signature) {
        return signature.length() >= MIN_FOREIGN && signature.matches("[A-Za-z0-9+/_-]+=*");
    }

    /** What one of the simulator's signatures says, or null if it was altered or cut. */
    static @Nullable Signed read(String signature) {
        byte[] bytes;
        try {
            bytes = Base64.getDecoder().decode(signature);
        } catch (IllegalArgumentException e) {
            return null;
        }
        int name = bytes.length > MAGIC.length ? bytes[MAGIC.length] : -1;
        int start = MAGIC.length + 1;
        if (name < 0 || bytes.length != start + name + 5 * DIGEST) {
            return null;
        }
        byte[] said = Arrays.copyOf(bytes, bytes.length - DIGEST);
        if (!Arrays.equals(checksum(said), Arrays.copyOfRange(bytes, said.length, bytes.length))) {
            return null;
        }
        String model = new String(bytes, start, name, StandardCharsets.UTF_8);
        byte[][] parts = new byte[4][];
        for (int i = 0; i < parts.length; i++) {
            int from = start + name + i * DIGEST;
            parts[i] = Arrays.copyOfRange(bytes, from, from + DIGEST);
        }
        return new Signed(model, parts[0], parts[1], parts[2], parts[3]);
    }

    static boolean sameText(Signed signed, String text) {
        return Arrays.equals(signed.text(), shortened(text));
    }

    static boolean sameAccount(Signed signed, String account) {
        return Arrays.equals(signed.account(), shortened(account));
    }

    static boolean samePrefix(Signed signed, byte[] prefix) {
        return Arrays.equals(signed.prefix(), Arrays.copyOf(prefix, DIGEST));
    }

    /** Whether the thinking block before is the one at the time of signing; the first ones may have been removed. */
    static boolean samePrevious(Signed signed, @Nullable String previous) {
        return previous == null || Arrays.equals(signed.previous(), link(previous));
    }

    private static byte[] link(@Nullable String previous) {
        return previous == null ? NONE : shortened(previous);
    }

    private static byte[] shortened(String text) {
        return Arrays.copyOf(Prompt.digest(NONE, text), DIGEST);
    }

    private static byte[] checksum(byte[] said) {
        return Arrays.copyOf(Prompt.digest(said, "checked"), DIGEST);
    }
}
