package dev.kimi.gateway.hash;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

/** SHA-256 of what must not be passed on, or not be kept. */
public final class Digests {

    private static final int BYTES = 16;

    private Digests() {}

    /** 32 hexadecimal digits that stand for the text. */
    public static String of(String text) {
        return hex(sha256().digest(text.getBytes(StandardCharsets.UTF_8)));
    }

    /** The first 32 hexadecimal digits of a digest. */
    public static String hex(byte[] digest) {
        return HexFormat.of().formatHex(digest, 0, BYTES);
    }

    /** The whole digest of a secret, of whose characters no copy is left. */
    public static byte[] ofSecret(CharSequence secret) {
        ByteBuffer encoded = StandardCharsets.UTF_8.encode(CharBuffer.wrap(secret));
        try {
            MessageDigest digest = sha256();
            digest.update(encoded.duplicate());
            return digest.digest();
        } finally {
            Arrays.fill(encoded.array(), (byte) 0);
        }
    }

    public static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
