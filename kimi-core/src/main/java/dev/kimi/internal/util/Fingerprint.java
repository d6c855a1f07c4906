package dev.kimi.internal.util;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Tells secrets apart without keeping them: HMAC-SHA-256 under a key that is made anew in each process, so that a
 * fingerprint that leaks cannot be compared with those of guessed secrets.
 */
public final class Fingerprint {

    private static final String ALGORITHM = "HmacSHA256";
    private static final SecretKeySpec KEY = newKey();

    private Fingerprint() {}

    private static SecretKeySpec newKey() {
        byte[] key = new byte[32];
        new SecureRandom().nextBytes(key);
        return new SecretKeySpec(key, ALGORITHM);
    }

    /** The fingerprint of the secret, for the use that is named. */
    public static String of(String use, byte[] secret) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(KEY);
            mac.update(use.getBytes(StandardCharsets.UTF_8));
            mac.update((byte) 0);
            return HexFormat.of().formatHex(mac.doFinal(secret));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has " + ALGORITHM, e);
        }
    }
}
