package dev.kimi.gateway.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kimi.error.ConfigurationException;
import dev.kimi.gateway.admin.AdminFixture.Session;
import dev.kimi.gateway.hash.Digests;
import dev.kimi.gateway.key.VirtualKey;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseCookie;
import org.springframework.test.web.reactive.server.WebTestClient;

/** Who is let in. */
class AdminAccessTest {

    private final AdminFixture admin = new AdminFixture();

    @ParameterizedTest
    @ValueSource(strings = {"/admin/api/overview", "/admin/api/events", "/admin/api/keys", "/admin/api/session"})
    void nothing_is_read_without_a_credential(String path) {
        admin.http
                .get()
                .uri(path)
                .exchange()
                .expectStatus()
                .isUnauthorized()
                .expectHeader()
                .valueEquals(HttpHeaders.WWW_AUTHENTICATE, "Bearer realm=\"admin\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST /keys", "PATCH /keys/key-1", "DELETE /keys/key-1", "POST /keys/key-1/rotate"})
    void nothing_is_changed_without_a_credential(String what) {
        admin.keys.issue(VirtualKey.Terms.named("kept"));
        String[] parts = what.split(" ");

        admin.http
                .method(HttpMethod.valueOf(parts[0]))
                .uri("/admin/api" + parts[1])
                .contentType(MediaType.APPLICATION_JSON)
                .bodyValue("{\"name\":\"changed\"}")
                .exchange()
                .expectStatus()
                .isUnauthorized();

        assertThat(admin.keys.list()).singleElement().satisfies(key -> {
            assertThat(key.terms().name()).isEqualTo("kept");
            assertThat(key.revoked()).isNull();
        });
    }

    @Test
    void the_token_opens_the_api_as_a_bearer_and_a_key_of_a_client_does_not() {
        String key = admin.send("POST", "/admin/api/keys", "{\"name\":\"a client\"}")
                .get("secret")
                .stringValue();

        admin.get("/admin/api/overview").exchange().expectStatus().isOk();
        admin.http
                .get()
                .uri("/admin/api/overview")
                .headers(headers -> headers.setBearerAuth(key))
                .exchange()
                .expectStatus()
                .isUnauthorized();
        admin.tryToken(key).expectStatus().isUnauthorized().expectCookie().doesNotExist("kimi-admin-0");
    }

    @Test
    void a_login_gives_a_cookie_that_scripts_and_other_sites_do_not_get() {
        ResponseCookie cookie = admin.tryToken(AdminFixture.TOKEN)
                .expectStatus()
                .isOk()
                .returnResult(byte[].class)
                .getResponseCookies()
                .toSingleValueMap()
                .values()
                .iterator()
                .next();

        assertThat(cookie.isHttpOnly()).isTrue();
        assertThat(cookie.getSameSite()).isEqualTo("Strict");
        assertThat(cookie.getPath()).isEqualTo("/admin");
        assertThat(cookie.getMaxAge()).isEqualTo(Duration.ofHours(8));
        assertThat(cookie.isSecure()).as("over plain HTTP").isFalse();
        assertThat(cookie.getValue()).hasSizeGreaterThan(40).doesNotContain(AdminFixture.TOKEN);
    }

    @Test
    void over_https_the_cookie_is_secure() {
        ResponseCookie cookie = admin.http
                .post()
                .uri("https://gateway.example/admin/api/session")
                .contentType(MediaType.APPLICATION_JSON)
                .bodyValue("{\"token\":\"" + AdminFixture.TOKEN + "\"}")
                .exchange()
                .returnResult(byte[].class)
                .getResponseCookies()
                .toSingleValueMap()
                .values()
                .iterator()
                .next();

        assertThat(cookie.isSecure()).isTrue();
    }

    @Test
    void a_change_by_cookie_needs_what_another_site_cannot_read() {
        Session session = admin.login();

        change(session, null, null).expectStatus().isForbidden();
        change(session, "wrong", null).expectStatus().isForbidden();
        change(session, session.guard(), "cross-site").expectStatus().isForbidden();
        change(session, session.guard(), "same-site").expectStatus().isForbidden();
        assertThat(admin.keys.list()).isEmpty();

        change(session, session.guard(), "same-origin").expectStatus().isCreated();
    }

    @Test
    void what_a_form_of_another_site_can_send_is_not_read() {
        for (String type : List.of("text/plain", "application/x-www-form-urlencoded", "multipart/form-data")) {
            admin.http
                    .post()
                    .uri("/admin/api/session")
                    .header(HttpHeaders.CONTENT_TYPE, type)
                    .bodyValue(("{\"token\":\"" + AdminFixture.TOKEN + "\"}").getBytes())
                    .exchange()
                    .expectStatus()
                    .isEqualTo(415);
        }
    }

    @Test
    void a_session_ends_by_logging_out_and_by_time() {
        Session first = admin.login();
        Session second = admin.login();
        overview(first).expectStatus().isOk();

        admin.http
                .delete()
                .uri("/admin/api/session")
                .cookie(first.cookieName(), first.cookie())
                .header("x-csrf-token", first.guard())
                .exchange()
                .expectStatus()
                .isNoContent();
        overview(first).expectStatus().isUnauthorized();
        overview(second).expectStatus().isOk();

        admin.time.advance(Duration.ofHours(8));
        overview(second).expectStatus().isUnauthorized();
    }

    @Test
    void too_many_sessions_end_the_oldest() {
        Session oldest = admin.login();
        Session next = admin.login();
        for (int i = 1; i < AdminSessions.MAX_SESSIONS; i++) {
            admin.login();
        }

        overview(oldest).expectStatus().isUnauthorized();
        overview(next).expectStatus().isOk();
    }

    @Test
    void wrong_tokens_are_limited_and_the_right_one_waits_as_well() {
        Session open = admin.login();
        for (int i = 0; i < LoginAttempts.PER_ADDRESS; i++) {
            admin.tryToken("a-wrong-token-" + i).expectStatus().isUnauthorized();
        }

        admin.tryToken(AdminFixture.TOKEN)
                .expectStatus()
                .isEqualTo(429)
                .expectHeader()
                .valueEquals(HttpHeaders.RETRY_AFTER, "61");
        admin.get("/admin/api/overview").exchange().expectStatus().isEqualTo(429);
        overview(open).expectStatus().isOk();

        admin.time.advance(LoginAttempts.WINDOW);
        admin.tryToken(AdminFixture.TOKEN).expectStatus().isOk();
    }

    @Test
    void a_token_of_the_log_is_good_for_one_login_and_nothing_else() {
        AdminFixture once = new AdminFixture(AdminCredential.once(AdminFixture.TOKEN), List.of());

        once.get("/admin/api/overview").exchange().expectStatus().isUnauthorized();
        Session session = once.login();
        once.tryToken(AdminFixture.TOKEN).expectStatus().isUnauthorized();
        once.http
                .get()
                .uri("/admin/api/keys")
                .cookie(session.cookieName(), session.cookie())
                .exchange()
                .expectStatus()
                .isOk();
    }

    @Test
    void settings_may_hold_the_hash_of_the_token_alone() {
        String hash = HexFormat.of().formatHex(Digests.ofSecret(AdminFixture.TOKEN));
        AdminFixture hashed = new AdminFixture(AdminCredential.of("{sha256}" + hash), List.of());

        hashed.tryToken(hash).expectStatus().isUnauthorized();
        hashed.tryToken("{sha256}" + hash).expectStatus().isUnauthorized();
        hashed.tryToken(AdminFixture.TOKEN).expectStatus().isOk();
    }

    @ParameterizedTest
    @ValueSource(strings = {"short", "nineteen characters", "{sha256}abc", "{sha256}"})
    void a_token_that_can_be_guessed_or_no_hash_does_not_start(String token) {
        assertThatThrownBy(() -> AdminCredential.of(token))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("characters");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/admin/", "/admin/page/app.js", "/admin/api/overview", "/admin/nowhere"})
    void every_response_keeps_scripts_frames_and_caches_out(String path) {
        admin.http
                .get()
                .uri(path)
                .exchange()
                .expectHeader()
                .value(
                        "Content-Security-Policy",
                        policy -> assertThat(policy)
                                .contains("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'")
                                .doesNotContain("unsafe"))
                .expectHeader()
                .valueEquals("X-Frame-Options", "DENY")
                .expectHeader()
                .valueEquals("X-Content-Type-Options", "nosniff")
                .expectHeader()
                .valueEquals("Referrer-Policy", "no-referrer")
                .expectHeader()
                .valueEquals("Cache-Control", "no-store");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/admin/page/AdminPage.class",
                "/admin/page/..%2Fapplication.yml",
                "/admin/page/%2e%2e%2fapp.js",
                "/admin/api/keys/unknown",
                "/admin/api",
                "/admin/other"
            })
    void there_is_nothing_at_other_paths(String path) {
        admin.http
                .get()
                .uri(java.net.URI.create(path))
                .headers(headers -> headers.setBearerAuth(AdminFixture.TOKEN))
                .exchange()
                .expectStatus()
                .isNotFound();
    }

    @Test
    void the_page_is_served_with_what_it_needs_and_nothing_from_elsewhere() {
        String page = admin.http
                .get()
                .uri("/admin/")
                .exchange()
                .expectStatus()
                .isOk()
                .expectBody(String.class)
                .returnResult()
                .getResponseBody();

        assertThat(page).doesNotContain("http://", "https://", "<style", "<script>", " style=", " onclick=");
        java.util.regex.Pattern.compile("(?:src|href)=\"(page/[^\"]+)\"")
                .matcher(page)
                .results()
                .forEach(file -> admin.http
                        .get()
                        .uri("/admin/" + file.group(1))
                        .exchange()
                        .expectStatus()
                        .isOk());
        admin.http.get().uri("/admin").exchange().expectHeader().location("/admin/");
    }

    private WebTestClient.ResponseSpec overview(Session session) {
        return admin.http
                .get()
                .uri("/admin/api/overview")
                .cookie(session.cookieName(), session.cookie())
                .exchange();
    }

    private WebTestClient.ResponseSpec change(Session session, String guard, String site) {
        WebTestClient.RequestBodySpec request = admin.http
                .post()
                .uri("/admin/api/keys")
                .cookie(session.cookieName(), session.cookie())
                .contentType(MediaType.APPLICATION_JSON);
        if (guard != null) {
            request.header("x-csrf-token", guard);
        }
        if (site != null) {
            request.header("sec-fetch-site", site);
        }
        return request.bodyValue("{\"name\":\"issued\"}").exchange();
    }
}
