package dev.kimi.test;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.time.VirtualTime;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TokenEndpointTest {

    private static final String POSTED = "grant_type=client_credentials&client_id=app&client_secret=s%26cret";

    private final VirtualTime time = new VirtualTime();
    private final KimiSimulator kimi =
            KimiSimulator.builder().oauth2("app", "s&cret").time(time).start();
    private final Client client = new Client(kimi);

    @AfterEach
    void stop() {
        kimi.close();
    }

    @Test
    void issues_tokens_that_alone_open_the_door_until_they_expire() throws Exception {
        kimi.tokens().expiresIn(Duration.ofMinutes(5));

        var issued = Client.json(ask(POSTED, null));
        String bearer = issued.path("access_token").stringValue();

        assertThat(issued.path("expires_in").asInt()).isEqualTo(300);
        assertThat(issued.path("token_type").stringValue()).isEqualTo("Bearer");
        assertThat(client.chat("hi").statusCode()).isEqualTo(401);
        assertThat(models(bearer)).isEqualTo(200);
        time.advance(Duration.ofMinutes(5));
        assertThat(models(bearer)).isEqualTo(401);
        assertThat(kimi.tokens().calls()).isEqualTo(1);
    }

    @Test
    void tokens_of_a_server_elsewhere_open_the_door_while_they_are_valid() throws Exception {
        AtomicReference<String> valid = new AtomicReference<>("theirs");
        try (KimiSimulator other = KimiSimulator.builder()
                .tokens(token -> token.equals(valid.get()))
                .start()) {
            assertThat(other.apiKey()).isNull();
            assertThat(models(other, "theirs")).isEqualTo(200);
            assertThat(models(other, "at-1")).isEqualTo(401);

            valid.set("another");

            assertThat(models(other, "theirs")).isEqualTo(401);
        }
    }

    @Test
    void knows_its_client_by_basic_authentication_too() throws Exception {
        String basic = Base64.getEncoder().encodeToString("app:s%26cret".getBytes(StandardCharsets.UTF_8));

        HttpResponse<String> good = ask("grant_type=client_credentials&scope=chat", "Basic " + basic);
        HttpResponse<String> stranger = ask("grant_type=client_credentials", "Basic AAAA");
        HttpResponse<String> nobody = ask("grant_type=client_credentials", null);
        HttpResponse<String> otherGrant = ask("grant_type=password&client_id=app&client_secret=s%26cret", null);

        assertThat(good.statusCode()).isEqualTo(200);
        assertThat(Client.json(good).path("scope").stringValue()).isEqualTo("chat");
        assertThat(stranger.statusCode()).isEqualTo(401);
        assertThat(stranger.headers().firstValue("www-authenticate")).isPresent();
        assertThat(nobody.body()).isEqualTo("{\"error\":\"invalid_client\"}");
        assertThat(otherGrant.statusCode()).isEqualTo(400);
    }

    @Test
    void revokes_and_fails_and_recovers() throws Exception {
        String bearer = Client.json(ask(POSTED, null)).path("access_token").stringValue();

        kimi.tokens().revokeAll();
        kimi.tokens().failWith(503, "temporarily_unavailable");
        int revoked = models(bearer);
        int failed = ask(POSTED, null).statusCode();
        kimi.tokens().recover();
        int recovered = ask(POSTED, null).statusCode();

        assertThat(revoked).isEqualTo(401);
        assertThat(failed).isEqualTo(503);
        assertThat(recovered).isEqualTo(200);
        assertThat(kimi.tokens().calls()).isEqualTo(3);
    }

    private HttpResponse<String> ask(String form, @Nullable String authorization) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(kimi.baseUrl() + "/oauth/token"))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(BodyPublishers.ofString(form));
        if (authorization != null) {
            request.header("Authorization", authorization);
        }
        return client.http().send(request.build(), BodyHandlers.ofString());
    }

    private int models(String bearer) throws Exception {
        return models(kimi, bearer);
    }

    private int models(KimiSimulator service, String bearer) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(service.baseUrl() + "/v1/models"))
                .header("Authorization", "Bearer " + bearer)
                .build();
        return client.http().send(request, BodyHandlers.ofString()).statusCode();
    }
}
