package dev.kimi.gateway.admin;

import dev.kimi.KimiClient;
import dev.kimi.gateway.key.MemoryKeys;
import dev.kimi.time.VirtualTime;
import java.security.SecureRandom;
import java.util.List;
import java.util.Objects;
import org.springframework.http.MediaType;
import org.springframework.test.web.reactive.server.EntityExchangeResult;
import org.springframework.test.web.reactive.server.WebTestClient;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The admin face without a server, in time that a test moves. */
final class AdminFixture {

    static final String TOKEN = AdminApplication.TOKEN;

    final VirtualTime time = new VirtualTime();
    final AdminFigures figures = new AdminFigures(time);
    final MemoryKeys keys = new MemoryKeys();
    final AdminWatchers watchers;
    final WebTestClient http;

    AdminFixture() {
        this(AdminCredential.of(TOKEN), List.of());
    }

    AdminFixture(AdminCredential credential, List<KimiClient> clients) {
        AdminGate gate =
                new AdminGate(credential, new AdminSessions(time, new SecureRandom()), new LoginAttempts(time));
        AdminOverview overview = new AdminOverview(figures, () -> clients);
        watchers = new AdminWatchers(overview, gate);
        http = WebTestClient.bindToRouterFunction(
                        new AdminRoutes(gate, overview, watchers, new AdminKeys(keys, time)).routes())
                .build();
    }

    /** A login: its cookie, and what requests that change something repeat. */
    record Session(String cookieName, String cookie, String guard) {}

    WebTestClient.ResponseSpec tryToken(String token) {
        return http.post()
                .uri("/admin/api/session")
                .contentType(MediaType.APPLICATION_JSON)
                .bodyValue("{\"token\":\"" + token + "\"}")
                .exchange();
    }

    Session login() {
        EntityExchangeResult<byte[]> result =
                tryToken(TOKEN).expectStatus().isOk().expectBody().returnResult();
        var cookie = result.getResponseCookies()
                .toSingleValueMap()
                .values()
                .iterator()
                .next();
        JsonNode body = new JsonMapper().readTree(Objects.requireNonNull(result.getResponseBody()));
        return new Session(
                cookie.getName(), cookie.getValue(), body.get("guard").stringValue());
    }

    WebTestClient.RequestHeadersSpec<?> get(String path) {
        return http.get().uri(path).headers(headers -> headers.setBearerAuth(TOKEN));
    }

    JsonNode read(String path) {
        return json(get(path).exchange());
    }

    JsonNode send(String method, String path, String body) {
        return json(http.method(org.springframework.http.HttpMethod.valueOf(method))
                .uri(path)
                .headers(headers -> headers.setBearerAuth(TOKEN))
                .contentType(MediaType.APPLICATION_JSON)
                .bodyValue(body)
                .exchange());
    }

    /** The body of whatever status. */
    private static JsonNode json(WebTestClient.ResponseSpec response) {
        byte[] body = response.expectBody().returnResult().getResponseBody();
        return new JsonMapper().readTree(Objects.requireNonNull(body));
    }
}
