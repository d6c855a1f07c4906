package dev.kimi.oauth2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kimi.error.ConfigurationException;
import dev.kimi.spi.ProviderSettings;
import dev.kimi.time.VirtualTime;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What is sent to the token endpoint to prove who the client is, and which settings say so. */
class ClientAuthenticationTest {

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final VirtualTime time = new VirtualTime();
    private final HeldTransport endpoint = new HeldTransport();

    @TempDir
    private Path folder;

    private Map<String, String> fetched(String... settings) {
        OAuth2CredentialsProviderFactory.create(settings(settings), endpoint).credentials();
        return form(0);
    }

    private ProviderSettings settings(String... settings) {
        ProviderSettings.Builder builder = ProviderSettings.builder("kimi.auth", time)
                .time(time)
                .set("token-uri", "https://auth.test/token")
                .set("client-id", "my client");
        for (int i = 0; i < settings.length; i += 2) {
            builder.set(settings[i], settings[i + 1]);
        }
        return builder.build();
    }

    private Map<String, String> form(int index) {
        HeldTransport.Held sent = endpoint.sentFrom(0).get(index);
        Map<String, String> fields = new LinkedHashMap<>();
        for (String field : sent.body().split("&")) {
            String[] pair = field.split("=", 2);
            fields.put(pair[0], URLDecoder.decode(pair[1], StandardCharsets.UTF_8));
        }
        return fields;
    }

    private String pem(String label, byte[] content) throws IOException {
        Path file = folder.resolve("key.pem");
        Files.writeString(
                file,
                "-----BEGIN " + label + "-----\n"
                        + Base64.getMimeEncoder().encodeToString(content)
                        + "\n-----END " + label + "-----\n");
        return file.toString();
    }

    private static KeyPair pair(String type) throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance(type);
        if (type.equals("EC")) {
            generator.initialize(new ECGenParameterSpec("secp256r1"));
        } else if (type.startsWith("RSA")) {
            generator.initialize(2048);
        }
        return generator.generateKeyPair();
    }

    @Test
    void with_basic_the_secret_is_in_the_header_alone() {
        assertThat(fetched("client-secret", "s3cret +/%"))
                .containsExactly(Map.entry("grant_type", "client_credentials"));
        assertThat(endpoint.sentFrom(0).get(0).authorization())
                .isEqualTo("Basic "
                        + Base64.getEncoder()
                                .encodeToString("my+client:s3cret%20%2B%2F%25".getBytes(StandardCharsets.US_ASCII)));
    }

    @Test
    void with_post_the_secret_is_in_the_form_alone() {
        assertThat(fetched("client-secret", "s3cret +/%", "client-authentication", "post", "scope", "a b"))
                .containsExactly(
                        Map.entry("grant_type", "client_credentials"),
                        Map.entry("scope", "a b"),
                        Map.entry("client_id", "my client"),
                        Map.entry("client_secret", "s3cret +/%"));
        assertThat(endpoint.sentFrom(0).get(0).authorization()).isEmpty();
    }

    @Test
    void with_tls_there_is_the_client_id_and_no_secret() {
        assertThat(fetched("client-authentication", "tls"))
                .containsExactly(Map.entry("grant_type", "client_credentials"), Map.entry("client_id", "my client"));
        assertThat(endpoint.sentFrom(0).get(0).authorization()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "RSA, RS256, SHA256withRSA, private_key_jwt",
        "RSASSA-PSS, PS256, RSASSA-PSS, private-key-jwt",
        "EC, ES256, SHA256withECDSAinP1363Format, private_key_jwt"
    })
    void an_assertion_is_signed_as_the_key_is(String type, String algorithm, String jca, String method)
            throws GeneralSecurityException, IOException {
        KeyPair pair = pair(type);
        String file = pem("PRIVATE KEY", pair.getPrivate().getEncoded());

        Map<String, String> form =
                fetched("client-authentication", method, "private-key-file", file, "key-id", "key 1");

        assertThat(form)
                .containsEntry("grant_type", "client_credentials")
                .containsEntry("client_id", "my client")
                .containsEntry("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
                .hasSize(4);
        assertThat(endpoint.sentFrom(0).get(0).authorization()).isEmpty();
        String[] parts = form.get("client_assertion").split("\\.");
        Signature signature = Signature.getInstance(jca);
        AlgorithmParameterSpec pss = new PSSParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, 32, 1);
        if (type.equals("RSASSA-PSS")) {
            signature.setParameter(pss);
        }
        signature.initVerify(pair.getPublic());
        signature.update((parts[0] + "." + parts[1]).getBytes(StandardCharsets.US_ASCII));
        assertThat(signature.verify(Base64.getUrlDecoder().decode(parts[2]))).isTrue();
        JsonNode header = json(parts[0]);
        assertThat(header.path("alg").asString()).isEqualTo(algorithm);
        assertThat(header.path("kid").asString()).isEqualTo("key 1");
        JsonNode claims = json(parts[1]);
        long now = time.now().getEpochSecond();
        assertThat(claims.path("iss").asString()).isEqualTo("my client");
        assertThat(claims.path("sub").asString()).isEqualTo("my client");
        assertThat(claims.path("aud").asString()).isEqualTo("https://auth.test/token");
        assertThat(claims.path("iat").asLong()).isEqualTo(now);
        assertThat(claims.path("exp").asLong()).isEqualTo(now + 60);
    }

    @Test
    void each_request_has_an_assertion_of_its_own() throws GeneralSecurityException, IOException {
        String file = pem("PRIVATE KEY", pair("EC").getPrivate().getEncoded());
        String[] settings = {"client-authentication", "private_key_jwt", "private-key-file", file};
        fetched(settings);
        fetched(settings);

        JsonNode first = json(form(0).get("client_assertion").split("\\.")[1]);
        JsonNode second = json(form(1).get("client_assertion").split("\\.")[1]);
        assertThat(first.path("jti").asString())
                .hasSize(32)
                .isNotEqualTo(second.path("jti").asString());
        assertThat(json(form(0).get("client_assertion").split("\\.")[0]).has("kid"))
                .isFalse();
    }

    private static JsonNode json(String part) {
        return JSON.readTree(Base64.getUrlDecoder().decode(part));
    }

    @ParameterizedTest
    @CsvSource({
        "client-authentication, basic, private-key-file, key.pem, private-key-file, private_key_jwt",
        "client-authentication, post, key-id, 1, key-id, private_key_jwt",
        "client-authentication, private_key_jwt, client-secret, hunter2, client-secret, basic or post",
        "client-authentication, tls, client-secret, hunter2, client-secret, basic or post",
        "client-authentication, none, scope, a, client-authentication, refresh-token-file",
        "client-authentication, jwt, scope, a, client-authentication, private_key_jwt",
        "client-authentication, tls, token-uri, http://localhost/token, token-uri, https",
        "client-authentication, private_key_jwt, scope, a, private-key-file, missing",
        "client-authentication, basic, scope, a, client-secret, missing"
    })
    void a_setting_that_the_method_lacks_or_does_not_use_is_named(
            String first, String value, String second, String other, String named, String hint) {
        assertThatThrownBy(() -> fetched(first, value, second, other))
                .isInstanceOfSatisfying(
                        ConfigurationException.class,
                        e -> assertThat(e.setting()).isEqualTo("kimi.auth." + named))
                .hasMessageContaining(hint)
                .hasMessageNotContaining("hunter2");
    }

    @ParameterizedTest
    @ValueSource(strings = {"DSA", "Ed25519", "RSA 1024", "P-384"})
    void a_key_of_another_type_is_rejected(String type) throws GeneralSecurityException, IOException {
        KeyPairGenerator generator =
                KeyPairGenerator.getInstance(type.startsWith("P-") ? "EC" : type.replace(" 1024", ""));
        if (type.equals("P-384")) {
            generator.initialize(new ECGenParameterSpec("secp384r1"));
        } else if (!type.equals("Ed25519")) {
            generator.initialize(1024);
        }

        assertRejected(
                pem("PRIVATE KEY", generator.generateKeyPair().getPrivate().getEncoded()),
                "type that is not supported");
    }

    @ParameterizedTest
    @CsvSource({
        "RSA PRIVATE KEY, openssl pkcs8",
        "EC PRIVATE KEY, openssl pkcs8",
        "ENCRYPTED PRIVATE KEY, encrypted",
        "CERTIFICATE, no private key",
        "PRIVATE KEY, type that is not supported"
    })
    void a_file_with_something_else_is_rejected_with_what_to_do(String label, String hint) throws IOException {
        assertRejected(pem(label, "hunter2 hunter2".getBytes(StandardCharsets.US_ASCII)), hint);
    }

    @Test
    void a_file_that_cannot_be_read_is_rejected() throws IOException {
        assertRejected(folder.resolve("absent.pem").toString(), "does not exist");
        assertRejected(folder.toString(), "is a folder");
        assertRejected(Files.createFile(folder.resolve("empty")).toString(), "no private key");
        assertRejected("-----BEGIN PRIVATE KEY----- hunter2", "instead of the path of its file");
    }

    private void assertRejected(String file, String hint) {
        assertThatThrownBy(() -> fetched("client-authentication", "private_key_jwt", "private-key-file", file))
                .isInstanceOfSatisfying(
                        ConfigurationException.class,
                        e -> assertThat(e.setting()).isEqualTo("kimi.auth.private-key-file"))
                .hasMessageContaining(hint)
                .hasMessageNotContaining("hunter2")
                .hasMessageNotContaining(
                        Base64.getEncoder().encodeToString("hunter2".getBytes(StandardCharsets.US_ASCII)));
    }

    @Test
    void nothing_that_holds_a_secret_prints_it() throws GeneralSecurityException, IOException {
        String file = pem("PRIVATE KEY", pair("RSA").getPrivate().getEncoded());
        ProviderSettings signing = settings("client-authentication", "private_key_jwt", "private-key-file", file);
        ProviderSettings sharing = settings("client-secret", "hunter2");

        assertThat(printed(signing)).isEqualTo("SignedAssertion[my client, SigningKey[RS256, ****]]");
        assertThat(printed(sharing)).isEqualTo("SharedSecret[my client, ****]");
        assertThat(new Form().add("client_secret", "hunter2".toCharArray())).hasToString("Form[21 bytes]");
        assertThat(RefreshToken.of("hunter2")).hasToString("RefreshToken[****]");
    }

    private static @Nullable String printed(ProviderSettings settings) {
        return ClientMethod.authentication(
                        settings, java.net.URI.create("https://auth.test/token"), Grant.CLIENT_CREDENTIALS)
                .toString();
    }
}
