package dev.kimi.oauth2;

import dev.kimi.spi.ProviderSettings;
import dev.kimi.transport.Headers;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.HexFormat;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** {@code private_key_jwt} (RFC 7523): an assertion for each request, signed with the client's private key. */
final class SignedAssertion implements ClientAuthentication {

    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();
    private static final String TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

    /** Long enough for a slow request, and short for whoever would find one. */
    private static final Duration LIFETIME = Duration.ofSeconds(60);

    private final ProviderSettings settings;
    private final String clientId;
    private final URI tokenUri;
    private final SigningKey signingKey;

    SignedAssertion(ProviderSettings settings, String clientId, URI tokenUri, SigningKey signingKey) {
        this.settings = settings;
        this.clientId = clientId;
        this.tokenUri = tokenUri;
        this.signingKey = signingKey;
    }

    @Override
    public void addTo(Form form, Headers.Builder headers) {
        form.add("client_id", clientId).add("client_assertion_type", TYPE).add("client_assertion", assertion());
    }

    private String assertion() {
        ObjectNode header =
                JSON.createObjectNode().put("alg", signingKey.algorithm()).put("typ", "JWT");
        String keyId = settings.find("key-id");
        if (keyId != null) {
            header.put("kid", keyId);
        }
        long now = settings.time().now().getEpochSecond();
        ObjectNode claims = JSON.createObjectNode()
                .put("iss", clientId)
                .put("sub", clientId)
                .put("aud", tokenUri.toString())
                .put("jti", unique())
                .put("iat", now)
                .put("exp", now + LIFETIME.toSeconds());
        String signed = BASE64.encodeToString(JSON.writeValueAsBytes(header)) + "."
                + BASE64.encodeToString(JSON.writeValueAsBytes(claims));
        return signed + "." + BASE64.encodeToString(signingKey.sign(signed.getBytes(StandardCharsets.US_ASCII)));
    }

    private String unique() {
        HexFormat hex = HexFormat.of();
        return hex.toHexDigits(settings.random().nextLong())
                + hex.toHexDigits(settings.random().nextLong());
    }

    @Override
    public String toString() {
        return "SignedAssertion[" + clientId + ", " + signingKey + "]";
    }
}
