package dev.kimi.gateway.admin;

import dev.kimi.error.ConfigurationException;
import dev.kimi.gateway.hash.Digests;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.concurrent.atomic.AtomicBoolean;

/** What opens the admin face. Thread-safe; holds only a hash. */
final class AdminCredential {

    static final int MIN_LENGTH = 20;

    private static final String SETTING = "kimi.gateway.admin.token";
    private static final String SHA_256 = "{sha256}";
    private static final int HEX_DIGITS = 64;

    private final byte[] hash;
    private final boolean once;
    private final AtomicBoolean used = new AtomicBoolean();

    private AdminCredential(byte[] hash, boolean once) {
        this.hash = hash;
        this.once = once;
    }

    /**
     * @param configured the token, or {@code {sha256}} and its hash
     * @throws ConfigurationException if it is neither, or too short
     */
    static AdminCredential of(CharSequence configured) {
        String text = configured.toString().strip();
        if (text.startsWith(SHA_256)) {
            String digits = text.substring(SHA_256.length());
            if (digits.length() != HEX_DIGITS || !digits.chars().allMatch(HexFormat::isHexDigit)) {
                throw new ConfigurationException(
                        SETTING,
                        "It begins with {sha256}, and what follows has " + digits.length()
                                + " characters or others than hexadecimal digits.",
                        "Write the 64 digits that `printf %s \"$TOKEN\" | sha256sum` prints.");
            }
            return new AdminCredential(HexFormat.of().parseHex(digits), false);
        }
        if (text.length() < MIN_LENGTH) {
            throw new ConfigurationException(
                    SETTING,
                    "It has " + text.length() + " characters, and whoever guesses it issues keys.",
                    "Use at least " + MIN_LENGTH + " characters, such as `openssl rand -hex 24` prints.");
        }
        return new AdminCredential(Digests.ofSecret(text), false);
    }

    /** One that opens the face a single time. */
    static AdminCredential once(CharSequence token) {
        return new AdminCredential(Digests.ofSecret(token), true);
    }

    /** Whether it is good for one login only, and so not for requests by themselves. */
    boolean isOnce() {
        return once;
    }

    /** Whether it is the token; how long that takes does not depend on what is presented. Uses up one of one time. */
    boolean opens(CharSequence presented) {
        boolean right = MessageDigest.isEqual(hash, Digests.ofSecret(presented));
        return right && (!once || used.compareAndSet(false, true));
    }
}
