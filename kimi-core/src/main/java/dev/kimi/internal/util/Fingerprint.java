package dev.kimi.internal.util;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Tells secrets apart without keeping them: HMAC-SHA-256 under a key that is the same in every process, so that
 * processes which share limits find each other. Whoever sees a fingerprint can only guess secrets and compare; a key
 * that a service has issued is far too long to be guessed.
 */
public final class Fingerprint {

    private static final String ALGORITHM = "HmacSHA256";
    /** Says what the hashes are for, so that they equal those of nobody else. Changing it makes other accounts. */
    private static final SecretKeySpec KEY =
            new SecretKeySpec("dev.kimi fingerprint 1".getBytes(StandardCharsets.US_ASCII), ALGORITHM);

    private Fingerprint() {}

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
