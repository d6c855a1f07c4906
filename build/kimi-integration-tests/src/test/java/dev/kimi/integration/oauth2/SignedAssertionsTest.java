package dev.kimi.integration.oauth2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.sun.net.httpserver.HttpServer;
import dev.kimi.KimiClient;
import dev.kimi.KimiClientBuilder;
import dev.kimi.Part;
import dev.kimi.error.AuthenticationException;
import dev.kimi.test.KimiSimulator;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Assertions that a real Spring Authorization Server verifies; the service takes what that server has issued. */
@Timeout(60)
class SignedAssertionsTest {

    private static final List<String> ALGORITHMS = List.of("RS256", "PS256", "ES256");

    @TempDir
    private static Path folder;

    private static HttpServer keys;
    private static AuthorizationServer server;

    @BeforeAll
    static void start() throws GeneralSecurityException, IOException {
        keys = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        for (String algorithm : ALGORITHMS) {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(
                    switch (algorithm) {
                        case "RS256" -> "RSA";
                        case "PS256" -> "RSASSA-PSS";
                        default -> "EC";
                    });
            generator.initialize(algorithm.equals("ES256") ? 256 : 2048);
            KeyPair pair = generator.generateKeyPair();
            Files.writeString(
                    folder.resolve(algorithm),
                    "-----BEGIN PRIVATE KEY-----\n"
                            + Base64.getMimeEncoder()
                                    .encodeToString(pair.getPrivate().getEncoded())
                            + "\n-----END PRIVATE KEY-----\n");
            JWK key = pair.getPublic() instanceof RSAPublicKey rsa
                    ? new RSAKey.Builder(rsa).keyID("key-1").build()
                    : new ECKey.Builder(com.nimbusds.jose.jwk.Curve.P_256, (ECPublicKey) pair.getPublic())
                            .keyID("key-1")
                            .build();
            byte[] set = new JWKSet(key).toString().getBytes(StandardCharsets.UTF_8);
            keys.createContext("/" + algorithm, exchange -> {
                exchange.getResponseHeaders().set("Content-Type", "application/json");
                exchange.sendResponseHeaders(200, set.length);
                exchange.getResponseBody().write(set);
                exchange.close();
            });
        }
        keys.start();
        Map<String, String> places = ALGORITHMS.stream()
                .collect(Collectors.toMap(
                        algorithm -> algorithm,
                        algorithm -> "http://127.0.0.1:" + keys.getAddress().getPort() + "/" + algorithm));
        server = new AuthorizationServer(places);
    }

    @AfterAll
    static void stop() {
        server.close();
        keys.stop(0);
    }

    private static KimiClientBuilder client(KimiSimulator service, String clientId, String key) {
        return KimiClient.builder()
                .baseUrl(service.baseUrl())
                .provider(Part.AUTH, "oauth2")
                .set(Part.AUTH, "token-uri", server.tokenUri())
                .set(Part.AUTH, "client-id", clientId)
                .set(Part.AUTH, "client-authentication", "private_key_jwt")
                .set(Part.AUTH, "private-key-file", folder.resolve(key).toString())
                .set(Part.AUTH, "key-id", "key-1")
                .set(Part.AUTH, "scope", "chat");
    }

    @ParameterizedTest
    @ValueSource(strings = {"RS256", "PS256", "ES256"})
    void the_server_issues_a_token_for_an_assertion(String algorithm) {
        List<String> subjects = new CopyOnWriteArrayList<>();
        try (KimiSimulator service = KimiSimulator.builder()
                        .tokens(token -> subjects.add(server.verified(token).getSubject()))
                        .start();
                KimiClient client = client(service, algorithm, algorithm).build()) {
            assertThat(client.chat("one").text()).isNotEmpty();
        }
        assertThat(subjects).containsExactly(algorithm);
    }

    @Test
    void an_assertion_by_another_key_is_rejected_with_the_settings_to_check() {
        try (KimiSimulator service = KimiSimulator.start();
                KimiClient client = client(service, "PS256", "RS256").build()) {
            assertThat(catchThrowable(() -> client.chat("one")))
                    .isInstanceOf(AuthenticationException.class)
                    .hasMessageContaining("invalid_client")
                    .hasMessageContaining("kimi.auth.client-id, private-key-file, key-id, scope");
        }
    }
}
