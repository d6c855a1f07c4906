package dev.kimi.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.zip.GZIPInputStream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

class EndpointsTest {

    @Test
    void lists_models_counts_tokens_and_shows_a_balance() throws Exception {
        try (KimiSimulator kimi = KimiSimulator.start()) {
            Client client = new Client(kimi);

            JsonNode models = Client.json(client.get("/v1/models"));
            JsonNode balance = Client.json(client.get("/v1/users/me/balance"));
            HttpResponse<String> estimate = client.http()
                    .send(
                            client.request("/v1/tokenizers/estimate-token-count")
                                    .POST(HttpRequest.BodyPublishers.ofString(
                                            Client.question("kimi-k3", false, "hi there")))
                                    .build(),
                            BodyHandlers.ofString());

            assertThat(models.path("data").path(0).path("id").stringValue()).isEqualTo("kimi-k3");
            assertThat(models.path("data").path(0).path("context_length").asInt())
                    .isEqualTo(1_048_576);
            assertThat(models.path("data").path(0).path("supports_reasoning").asBoolean())
                    .isTrue();
            assertThat(balance.path("data").path("available_balance").isNumber())
                    .isTrue();
            assertThat(Client.json(estimate).path("data").path("total_tokens").asInt())
                    .isEqualTo(7);
            int billed = Client.json(client.chat("hi there"))
                    .path("usage")
                    .path("prompt_tokens")
                    .asInt();
            assertThat(billed).isEqualTo(7);
        }
    }

    @Test
    void responds_to_unknown_paths_in_another_shape() throws Exception {
        try (KimiSimulator kimi = KimiSimulator.start()) {
            HttpResponse<String> response = new Client(kimi).get("/v1/embeddings");

            assertThat(response.statusCode()).isEqualTo(404);
            assertThat(Client.json(response).path("error").stringValue()).isEqualTo("url.not_found");
            assertThat(Client.json(response).path("message").stringValue()).isEqualTo("没找到对象");
        }
    }

    @Test
    void requires_a_key_and_the_right_one_if_it_was_configured() throws Exception {
        try (KimiSimulator kimi = KimiSimulator.builder().keys("sk-good").start()) {
            Client client = new Client(kimi);
            HttpRequest nobody = HttpRequest.newBuilder(URI.create(kimi.baseUrl() + "/v1/models"))
                    .build();

            HttpResponse<String> wrong = client.chat("hi");
            HttpResponse<String> missing = client.http().send(nobody, BodyHandlers.ofString());
            HttpResponse<String> good = client.http()
                    .send(
                            HttpRequest.newBuilder(nobody.uri())
                                    .header("Authorization", "Bearer sk-good")
                                    .build(),
                            BodyHandlers.ofString());

            assertThat(wrong.statusCode()).isEqualTo(401);
            assertThat(wrong.body()).contains("incorrect_api_key_error");
            assertThat(missing.statusCode()).isEqualTo(401);
            assertThat(missing.body()).contains("invalid_authentication_error");
            assertThat(good.statusCode()).isEqualTo(200);
        }
    }

    @Test
    void compresses_whole_responses_on_request_and_no_streams() throws Exception {
        try (KimiSimulator kimi = KimiSimulator.start()) {
            Client client = new Client(kimi);

            HttpResponse<byte[]> whole = gzip(client, false);
            HttpResponse<byte[]> streamed = gzip(client, true);

            assertThat(whole.headers().firstValue("content-encoding")).hasValue("gzip");
            String body = new String(
                    new GZIPInputStream(new ByteArrayInputStream(whole.body())).readAllBytes(), StandardCharsets.UTF_8);
            assertThat(body).contains("chat.completion");
            assertThat(streamed.headers().firstValue("content-encoding")).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource
    void speaks_tls_with_a_certificate_of_its_own(HttpClient.Version version) throws Exception {
        try (KimiSimulator kimi = KimiSimulator.builder().tls().start()) {
            HttpClient http = HttpClient.newBuilder()
                    .version(version)
                    .sslContext(trusting(kimi.certificatePem()))
                    .build();
            HttpRequest request = HttpRequest.newBuilder(URI.create(kimi.baseUrl() + "/v1/models"))
                    .header("Authorization", "Bearer sk-tls")
                    .build();

            HttpResponse<String> response = http.send(request, BodyHandlers.ofString());

            assertThat(response.statusCode()).isEqualTo(200);
            assertThat(response.version()).isEqualTo(version);
            assertThat(kimi.requests().get(0).protocol())
                    .isEqualTo(version == HttpClient.Version.HTTP_2 ? "HTTP/2" : "HTTP/1.1");
        }
    }

    @Test
    void listens_on_the_loopback_interface_only() {
        assertThatThrownBy(() -> KimiSimulator.builder().host("0.0.0.0")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void counts_connections_and_closes_them_on_request() throws Exception {
        try (KimiSimulator kimi = KimiSimulator.start()) {
            try (RawClient one = new RawClient(kimi).chat(false)) {
                one.readUntil("}}}");
                assertThat(kimi.openConnections()).isEqualTo(1);

                kimi.disconnectAll();

                assertThat(one.readAll()).isEmpty();
            }
            kimi.awaitDisconnected(Duration.ofSeconds(20));
            assertThat(kimi.connectionsAccepted()).isEqualTo(1);
        }
    }

    @Test
    void closes_twice_without_complaint() {
        KimiSimulator kimi = KimiSimulator.start();

        kimi.close();
        kimi.close();
        kimi.reset();

        assertThat(kimi.openConnections()).isZero();
    }

    private static HttpResponse<byte[]> gzip(Client client, boolean stream) throws Exception {
        HttpRequest request = client.request("/v1/chat/completions")
                .header("Accept-Encoding", "gzip")
                .POST(HttpRequest.BodyPublishers.ofString(Client.question("kimi-k3", stream, "hi")))
                .build();
        return client.http().send(request, BodyHandlers.ofByteArray());
    }

    private static SSLContext trusting(String pem) throws Exception {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        store.setCertificateEntry(
                "kimi",
                CertificateFactory.getInstance("X.509")
                        .generateCertificate(new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII))));
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }
}
