package dev.kimi.test;

import dev.kimi.test.internal.FormBody;
import dev.kimi.test.internal.Json;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Issues access tokens by the client credentials grant. Thread-safe. */
final class OAuthTokens implements KimiSimulator.TokenEndpoint {

    private static final Duration DEFAULT_LIFETIME = Duration.ofHours(1);

    private final byte[] client;
    private final Ticker ticker;
    private final Map<String, Long> expiryOfToken = new HashMap<>();
    private Duration lifetime = DEFAULT_LIFETIME;
    private Duration delay = Duration.ZERO;
    private @Nullable TokenResponse failure;
    private int calls;
    private long issued;

    OAuthTokens(byte[] client, Ticker ticker) {
        this.client = client;
        this.ticker = ticker;
    }

    record TokenResponse(int status, byte[] body, Duration delay) {}

    /** Responds to a call of the endpoint. */
    synchronized TokenResponse respond(@Nullable String authorization, byte[] body) {
        calls++;
        if (failure != null) {
            return failure;
        }
        Map<String, String> form = FormBody.fields(body);
        if (!authenticated(authorization, form)) {
            return error(401, "invalid_client");
        }
        if (!"client_credentials".equals(form.get("grant_type"))) {
            return error(400, "unsupported_grant_type");
        }
        String token = "at-" + ++issued;
        expiryOfToken.put(token, ticker.nanoTime() + lifetime.toNanos());
        Map<String, Object> response = new LinkedHashMap<>();
        response.put("access_token", token);
        response.put("token_type", "Bearer");
        response.put("expires_in", lifetime.toSeconds());
        if (form.containsKey("scope")) {
            response.put("scope", form.get("scope"));
        }
        return new TokenResponse(200, json(response), delay);
    }

    synchronized boolean valid(String token) {
        Long expiry = expiryOfToken.get(token);
        return expiry != null && expiry - ticker.nanoTime() > 0;
    }

    @Override
    public synchronized int calls() {
        return calls;
    }

    @Override
    public synchronized void expiresIn(Duration span) {
        lifetime = span;
    }

    @Override
    public synchronized void delay(Duration span) {
        delay = span;
    }

    @Override
    public synchronized void failWith(int status, String error) {
        failure = error(status, error);
    }

    @Override
    public synchronized void recover() {
        failure = null;
    }

    @Override
    public synchronized void revokeAll() {
        expiryOfToken.clear();
    }

    synchronized void reset() {
        expiryOfToken.clear();
        lifetime = DEFAULT_LIFETIME;
        delay = Duration.ZERO;
        failure = null;
        calls = 0;
    }

    private boolean authenticated(@Nullable String authorization, Map<String, String> form) {
        if (authorization != null && authorization.startsWith("Basic ")) {
            String[] pair = basic(authorization.substring("Basic ".length())).split(":", 2);
            return pair.length == 2 && isClient(FormBody.decoded(pair[0]), FormBody.decoded(pair[1]));
        }
        return isClient(form.getOrDefault("client_id", ""), form.getOrDefault("client_secret", ""));
    }

    private boolean isClient(String id, String password) {
        return Arrays.equals(client, client(id, password));
    }

    /** How a client is kept: as one array that nothing prints. */
    static byte[] client(String id, String password) {
        return (id + "\n" + password).getBytes(StandardCharsets.UTF_8);
    }

    private static String basic(String encoded) {
        try {
            return new String(Base64.getDecoder().decode(encoded.strip()), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return "";
        }
    }

    private TokenResponse error(int status, String error) {
        return new TokenResponse(status, json(Map.of("error", error)), delay);
    }

    private static byte[] json(Map<String, Object> body) {
        return Json.write(body).getBytes(StandardCharsets.UTF_8);
    }
}
