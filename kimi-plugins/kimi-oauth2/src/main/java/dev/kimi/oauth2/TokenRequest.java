package dev.kimi.oauth2;

import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** What is sent to the token endpoint. Does not print itself. */
final class TokenRequest {

    private final URI uri;
    private final String clientId;
    private final char[] clientSecret;
    private final String scope;
    private final String audience;
    private final boolean inForm;

    TokenRequest(URI uri, String clientId, char[] clientSecret, String scope, String audience, boolean inForm) {
        this.uri = uri;
        this.clientId = clientId;
        this.clientSecret = clientSecret;
        this.scope = scope;
        this.audience = audience;
        this.inForm = inForm;
    }

    URI uri() {
        return uri;
    }

    /** What makes one token another: issuer, client, scope and audience. */
    TokenKey cacheKey() {
        return new TokenKey(uri, clientId, scope, audience);
    }

    /** Path and query. */
    String target() {
        String path = uri.getRawPath() == null || uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
        return uri.getRawQuery() == null ? path : path + "?" + uri.getRawQuery();
    }

    /** The value of the authorization header, or null when the secret goes into the form. */
    @Nullable String authorization() {
        if (inForm) {
            return null;
        }
        // RFC 6749, section 2.3.1: each part is form-encoded before the two are joined
        byte[] secret = encoded(clientSecret);
        byte[] id = (URLEncoder.encode(clientId, StandardCharsets.UTF_8) + ":").getBytes(StandardCharsets.US_ASCII);
        byte[] both = Arrays.copyOf(id, id.length + secret.length);
        System.arraycopy(secret, 0, both, id.length, secret.length);
        String header = "Basic " + Base64.getEncoder().encodeToString(both);
        Arrays.fill(both, (byte) 0);
        Arrays.fill(secret, (byte) 0);
        return header;
    }

    /** The form. */
    byte[] body() {
        ByteArrayOutputStream form = new ByteArrayOutputStream(256);
        form.writeBytes("grant_type=client_credentials".getBytes(StandardCharsets.US_ASCII));
        add(form, "scope", scope);
        add(form, "audience", audience);
        if (inForm) {
            add(form, "client_id", clientId);
            byte[] secret = encoded(clientSecret);
            form.writeBytes("&client_secret=".getBytes(StandardCharsets.US_ASCII));
            form.writeBytes(secret);
            Arrays.fill(secret, (byte) 0);
        }
        return form.toByteArray();
    }

    private static void add(ByteArrayOutputStream form, String name, String value) {
        if (!value.isBlank()) {
            form.writeBytes(("&" + name + "=" + URLEncoder.encode(value, StandardCharsets.UTF_8))
                    .getBytes(StandardCharsets.US_ASCII));
        }
    }

    private static byte[] encoded(char[] secret) {
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
        return "TokenRequest[" + clientId + "]";
    }
}
