package dev.kimi.samples.oauth2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.kimi.oauth2.RefreshTokenStore;
import dev.kimi.time.VirtualTime;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class DeviceLoginTest {

    private static final String DEVICE = "{\"device_code\":\"d 1\",\"user_code\":\"AB-CD\",\"interval\":2,"
            + "\"verification_uri\":\"https://auth.test/device\"}";

    private final List<String> forms = new ArrayList<>();
    private final List<Duration> pauses = new ArrayList<>();
    private final Queue<String> responses = new ArrayDeque<>();
    private final HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);

    @TempDir
    private Path folder;

    DeviceLoginTest() throws IOException {}

    @BeforeEach
    void start() {
        server.createContext("/api/oauth/", this::respond);
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private void respond(HttpExchange exchange) throws IOException {
        forms.add(exchange.getRequestURI() + " "
                + URLDecoder.decode(
                        new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.US_ASCII),
                        StandardCharsets.UTF_8));
        byte[] body = responses.remove().getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(
                new String(body, StandardCharsets.UTF_8).contains("\"error\"") ? 400 : 200, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    private void logIn(String... script) {
        responses.addAll(List.of(script));
        new DeviceLogin("http://127.0.0.1:" + server.getAddress().getPort(), "my-app", pauses::add)
                .into(RefreshTokenStore.file(folder.resolve("refresh-token"), new VirtualTime()));
    }

    @Test
    void the_refresh_token_is_stored_once_the_user_has_confirmed() {
        logIn(
                DEVICE,
                "{\"error\":\"authorization_pending\"}",
                "{\"error\":\"slow_down\"}",
                "{\"access_token\":\"a\",\"refresh_token\":\"r-1\",\"expires_in\":900}");

        assertThat(folder.resolve("refresh-token")).hasContent("r-1");
        assertThat(forms.get(0)).isEqualTo("/api/oauth/device_authorization client_id=my-app");
        assertThat(forms).hasSize(4);
        assertThat(forms.get(3))
                .startsWith("/api/oauth/token ")
                .contains("device_code=d 1", "grant_type=urn:ietf:params:oauth:grant-type:device_code");
        assertThat(pauses).containsExactly(Duration.ofSeconds(2), Duration.ofSeconds(2), Duration.ofSeconds(7));
    }

    @Test
    void a_login_that_is_denied_stores_nothing() {
        assertThatThrownBy(() -> logIn(DEVICE, "{\"error\":\"access_denied\"}")).hasMessageContaining("not confirmed");

        assertThat(folder.resolve("refresh-token")).doesNotExist();
    }
}
