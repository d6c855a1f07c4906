package dev.kimi.oauth2;

import java.io.ByteArrayOutputStream;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A form that is sent to the token endpoint. Does not print itself. Not thread-safe. */
final class Form {

    private final ByteArrayOutputStream form = new ByteArrayOutputStream(256);

    /** Adds a field; one without a value is left out. */
    Form add(String name, String value) {
        if (!value.isBlank()) {
            begin(name);
            form.writeBytes(URLEncoder.encode(value, StandardCharsets.UTF_8).getBytes(StandardCharsets.US_ASCII));
        }
        return this;
    }

    /** Adds a secret, of which no copy is left but that in the form. */
    Form add(String name, char[] secret) {
        byte[] encoded = encoded(secret);
        begin(name);
        form.writeBytes(encoded);
        Arrays.fill(encoded, (byte) 0);
        return this;
    }

    private void begin(String name) {
        form.writeBytes(((form.size() == 0 ? "" : "&") + name + "=").getBytes(StandardCharsets.US_ASCII));
    }

    byte[] bytes() {
        return form.toByteArray();
    }

    /** As {@code application/x-www-form-urlencoded}. */
    static byte[] encoded(char[] secret) {
        ByteBuffer utf8 = StandardCharsets.UTF_8.encode(CharBuffer.wrap(secret));
        ByteArrayOutputStream out = new ByteArrayOutputStream(utf8.remaining() * 3);
        while (utf8.hasRemaining()) {
            int b = utf8.get() & 0xff;
            boolean plain = b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9';
            if (plain || b == '-' || b == '_' || b == '.' || b == '*') {
                out.write(b);
            } else {
                out.write('%');
                out.write(Character.toUpperCase(Character.forDigit(b >> 4, 16)));
                out.write(Character.toUpperCase(Character.forDigit(b & 15, 16)));
            }
        }
        return out.toByteArray();
    }

    @Override
    public String toString() {
        return "Form[" + form.size() + " bytes]";
    }
}
