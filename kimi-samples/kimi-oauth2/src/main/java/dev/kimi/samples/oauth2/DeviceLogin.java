package dev.kimi.samples.oauth2;

import dev.kimi.oauth2.RefreshToken;
import dev.kimi.oauth2.RefreshTokenStore;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.springframework.core.ParameterizedTypeReference;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.util.LinkedMultiValueMap;
import org.springframework.util.MultiValueMap;
import org.springframework.web.client.RestClient;

/**
 * Login of a user by another device (RFC 8628), as Kimi Code has it: prints where to confirm it, waits, and puts the
 * refresh token into the store, which a client then uses by {@code kimi.auth.refresh-token-file}.
 */
final class DeviceLogin {

    private static final String GRANT = "urn:ietf:params:oauth:grant-type:device_code";
    private static final Duration SLOWER = Duration.ofSeconds(5);

    private final RestClient http = RestClient.create();
    private final String authorizationServer;
    private final String clientId;
    private final Consumer<Duration> pause;

    /**
     * @param authorizationServer such as {@code https://auth.kimi.com}, without a path
     * @param clientId the id of your application
     * @param pause waits between two requests
     */
    DeviceLogin(String authorizationServer, String clientId, Consumer<Duration> pause) {
        this.authorizationServer = authorizationServer;
        this.clientId = clientId;
        this.pause = pause;
    }

    String tokenUri() {
        return authorizationServer + "/api/oauth/token";
    }

    /** Returns when the refresh token is stored; throws if the user did not confirm the login. */
    void into(RefreshTokenStore store) {
        Map<String, Object> device =
                post(authorizationServer + "/api/oauth/device_authorization", Map.of("client_id", clientId));
        Object complete = device.get("verification_uri_complete");
        System.out.println("Open " + (complete == null ? device.get("verification_uri") : complete)
                + " and confirm the code " + device.get("user_code") + ".");
        Duration interval =
                Duration.ofSeconds(device.get("interval") instanceof Number number ? number.longValue() : 5);
        Map<String, String> form =
                Map.of("grant_type", GRANT, "client_id", clientId, "device_code", text(device, "device_code"));
        while (true) {
            pause.accept(interval);
            Map<String, Object> response = post(tokenUri(), form);
            if (response.containsKey("refresh_token")) {
                RefreshToken token = RefreshToken.of(text(response, "refresh_token"));
                store.rotate(before -> CompletableFuture.completedFuture(token))
                        .toCompletableFuture()
                        .join();
                System.out.println("Logged in.");
                return;
            }
            String error = String.valueOf(response.get("error"));
            if (error.equals("slow_down")) {
                interval = interval.plus(SLOWER);
            } else if (!error.equals("authorization_pending")) {
                throw new IllegalStateException("The login was not confirmed. Begin it again.");
            }
        }
    }

    private static String text(Map<String, Object> response, String name) {
        Object value = response.get(name);
        if (value instanceof String text) {
            return text;
        }
        throw new IllegalStateException("The authorization server's response has no " + name + ".");
    }

    private Map<String, Object> post(String uri, Map<String, String> fields) {
        MultiValueMap<String, String> form = new LinkedMultiValueMap<>();
        fields.forEach(form::add);
        Map<String, Object> body = http.post()
                .uri(uri)
                .contentType(MediaType.APPLICATION_FORM_URLENCODED)
                .body(form)
                .retrieve()
                .onStatus(HttpStatusCode::is4xxClientError, (request, response) -> {})
                .body(new ParameterizedTypeReference<>() {});
        return body == null ? Map.of() : body;
    }
}
