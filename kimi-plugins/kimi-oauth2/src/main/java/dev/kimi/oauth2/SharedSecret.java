package dev.kimi.oauth2;

import dev.kimi.transport.Headers;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;

/** {@code client_secret_basic} and {@code client_secret_post}. */
final class SharedSecret implements ClientAuthentication {

    private final String clientId;
    private final char[] clientSecret;
    private final boolean inForm;

    SharedSecret(String clientId, char[] clientSecret, boolean inForm) {
        this.clientId = clientId;
        this.clientSecret = clientSecret;
        this.inForm = inForm;
    }

    @Override
    public void addTo(Form form, Headers.Builder headers) {
        if (inForm) {
            form.add("client_id", clientId).add("client_secret", clientSecret);
        } else {
            headers.add("authorization", basic());
        }
    }

    private String basic() {
        // RFC 6749, section 2.3.1: each part is form-encoded before the two are joined
        byte[] secret = Form.encoded(clientSecret);
        byte[] id = (URLEncoder.encode(clientId, StandardCharsets.UTF_8) + ":").getBytes(StandardCharsets.US_ASCII);
        byte[] both = Arrays.copyOf(id, id.length + secret.length);
        System.arraycopy(secret, 0, both, id.length, secret.length);
        String header = "Basic " + Base64.getEncoder().encodeToString(both);
        Arrays.fill(both, (byte) 0);
        Arrays.fill(secret, (byte) 0);
        return header;
    }

    @Override
    public String toString() {
        return "SharedSecret[" + clientId + ", ****]";
    }
}
