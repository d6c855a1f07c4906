package dev.kimi.auth;

import dev.kimi.internal.util.Fingerprint;
import dev.kimi.internal.util.HttpText;
import java.nio.charset.StandardCharsets;

/**
 * A secret and the header that it goes into. Prints stars. Compared by identity: a token that was refreshed is another
 * object even if the service gave the same characters.
 */
public final class Credentials {

    private final String header;
    private final byte[] value;

    private Credentials(String header, byte[] value) {
        this.header = header;
        this.value = value;
    }

    /**
     * {@code Authorization: Bearer …}.
     *
     * @param token copied; blanks around it are dropped
     * @throws IllegalArgumentException if it is empty or holds characters that cannot stand in a header
     */
    public static Credentials bearer(CharSequence token) {
        return new Credentials("authorization", checked("Bearer ", token));
    }

    /**
     * A header of its own, such as {@code x-api-key}.
     *
     * @param header the header's name
     * @param secret copied; blanks around it are dropped
     * @throws IllegalArgumentException if it is empty or holds characters that cannot stand in a header, or the name is
     *     no name of a header, or that of one which only the transport may write, such as {@code host}
     */
    public static Credentials header(String header, CharSequence secret) {
        HttpText.checkHeader(header, "");
        if (HttpText.isFraming(header)) {
            throw new IllegalArgumentException(
                    "the header " + header + " is written by the transport: no secret goes" + " into it");
        }
        return new Credentials(header, checked("", secret));
    }

    private static byte[] checked(String prefix, CharSequence secret) {
        String trimmed = secret.toString().strip();
        if (trimmed.isEmpty()) {
            throw new IllegalArgumentException("the secret is empty");
        }
        for (int i = 0; i < trimmed.length(); i++) {
            char c = trimmed.charAt(i);
            if (c <= ' ' || c >= 0x7f) {
                throw new IllegalArgumentException("the secret holds a blank, a control character or a character"
                        + " outside ASCII at position " + i + "; was more copied than the secret?");
            }
        }
        return (prefix + trimmed).getBytes(StandardCharsets.US_ASCII);
    }

    /** The header's name. */
    public String headerName() {
        return header;
    }

    /** The header's value with the secret in it: for the wire only. */
    public String headerValue() {
        return new String(value, StandardCharsets.US_ASCII);
    }

    /** Equal for the same secret in the same header, in every process. Does not give the secret away. */
    String fingerprint() {
        return Fingerprint.of(header, value);
    }

    @Override
    public String toString() {
        return header + ": ****";
    }
}
