package dev.kimi.internal.protocol;

import dev.kimi.transport.Headers;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.IntSupplier;
import java.util.function.IntUnaryOperator;

/**
 * One input of a {@link FuzzTarget}: a text, then the choices that the target makes with it, and in the last byte how
 * many of these there are. So a fuzzer may change either without moving the other, and the text stays readable in a
 * file.
 */
final class FuzzInput {

    static final int MAX_CHOICES = 15;

    /** Never shown: two words, so that neither may pass for the name of an error or for the id of a request. */
    static final String SECRET = "quxvorn quxnachn";

    private final IntUnaryOperator choices;
    private byte[] text;
    private boolean planted;

    FuzzInput(byte[] bytes) {
        int last = Math.max(0, bytes.length - 1);
        int count = bytes.length == 0 ? 0 : Math.min(bytes[last] & MAX_CHOICES, last);
        this.text = Arrays.copyOf(bytes, last - count);
        // those that are there come round again
        this.choices = draws(Arrays.copyOfRange(bytes, last - count, last), true);
    }

    /** Numbers out of bytes, one after another; when they are used up, again from the begin or 0 for ever. */
    static IntUnaryOperator draws(byte[] bytes, boolean again) {
        int[] next = {0};
        IntSupplier drawn = () -> {
            int at = again && bytes.length > 0 ? next[0] % bytes.length : next[0];
            next[0]++;
            return at < bytes.length ? bytes[at] & 0xff : 0;
        };
        return bound -> (bound > 256 ? drawn.getAsInt() << 8 | drawn.getAsInt() : drawn.getAsInt()) % bound;
    }

    /** The bytes of an input. */
    static byte[] join(byte[] text, byte... choices) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(text.length + choices.length + 1);
        out.writeBytes(text);
        out.writeBytes(choices);
        out.write(choices.length);
        return out.toByteArray();
    }

    /** The next choice, from 0; without any it is 0. */
    int below(int bound) {
        return choices.applyAsInt(bound);
    }

    /** What is left of the text. */
    byte[] text() {
        return text;
    }

    /** Takes lines of the form {@code name: value} off the text, up to a blank line. */
    Headers headers() {
        Headers.Builder headers = Headers.builder();
        int from = 0;
        while (from < text.length) {
            int to = from;
            while (to < text.length && text[to] != '\n') {
                to++;
            }
            String line = new String(text, from, to - from, StandardCharsets.ISO_8859_1);
            from = Math.min(to + 1, text.length);
            if (line.isEmpty()) {
                break;
            }
            int colon = line.indexOf(':');
            if (colon > 0 && line.indexOf('\r') < 0 && line.indexOf('\0') < 0) {
                headers.add(line.substring(0, colon), line.substring(colon + 1));
            }
        }
        text = Arrays.copyOfRange(text, from, text.length);
        return headers.build();
    }

    /**
     * Puts words that nobody may see again somewhere into the text, now and then only, since they make most texts
     * unreadable; see {@link #shows}.
     */
    void plantSecret() {
        if (below(4) != 3 || showsSecret(new String(text, StandardCharsets.ISO_8859_1))) {
            return;
        }
        int at = below(Math.min(text.length + 1, 1 << 16));
        byte[] secret = SECRET.getBytes(StandardCharsets.US_ASCII);
        byte[] with = new byte[text.length + secret.length];
        System.arraycopy(text, 0, with, 0, at);
        System.arraycopy(secret, 0, with, at, secret.length);
        System.arraycopy(text, at, with, at + secret.length, text.length - at);
        text = with;
        planted = true;
    }

    /** The target has put the secret into what it reads. */
    void secretIsIn() {
        planted = true;
    }

    /** Whether {@code shown} holds a word of the secret that was planted. */
    boolean shows(String shown) {
        return planted && showsSecret(shown);
    }

    private static boolean showsSecret(String shown) {
        String lower = shown.toLowerCase(Locale.ROOT);
        return Arrays.stream(SECRET.split(" ")).anyMatch(lower::contains);
    }
}
