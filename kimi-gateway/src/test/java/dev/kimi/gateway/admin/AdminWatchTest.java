package dev.kimi.gateway.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kimi.error.ConfigurationException;
import dev.kimi.gateway.key.MemoryKeys;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.context.runner.ReactiveWebApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.mock.http.server.reactive.MockServerHttpRequest;
import org.springframework.mock.web.server.MockServerWebExchange;
import org.springframework.web.reactive.function.server.HandlerStrategies;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerRequest;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The admin face on real sockets: who watches, where it listens, and when it does not. */
@Timeout(120)
@ExtendWith(OutputCaptureExtension.class)
class AdminWatchTest {

    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private static AdminApplication application;

    @BeforeAll
    static void start() {
        application = AdminApplication.withToken();
    }

    @AfterAll
    static void stop() {
        application.close();
    }

    @Test
    void figures_come_at_once_and_go_on() throws Exception {
        try (Watcher watcher = new Watcher(application.url("/admin/api/events"))) {
            JsonNode first = watcher.next();
            JsonNode second = watcher.next();

            assertThat(first.get("series").get("requests").size()).isPositive();
            assertThat(second.get("now").longValue())
                    .isGreaterThan(first.get("now").longValue());
            assertThat(first.get("endpoints")
                            .valueStream()
                            .map(endpoint -> endpoint.get("name").stringValue()))
                    .contains("kimi", "claude");
        }
    }

    @Test
    void watchers_are_bounded_and_make_room_when_they_leave() throws Exception {
        AdminWatchers watchers = application.bean(AdminFace.class).watchers();
        List<Watcher> open = new ArrayList<>();
        for (int i = 0; i < AdminWatchers.MAX_WATCHERS; i++) {
            Watcher watcher = new Watcher(application.url("/admin/api/events"));
            watcher.next();
            open.add(watcher);
        }
        assertThat(status(application.url("/admin/api/events"))).isEqualTo(503);

        for (Watcher watcher : open) {
            watcher.close();
        }
        while (watchers.watching() > 0) {
            Thread.onSpinWait();
        }
        try (Watcher watcher = new Watcher(application.url("/admin/api/events"))) {
            assertThat(watcher.next()).isNotNull();
        }
    }

    @Test
    void a_stop_ends_those_who_watch_and_does_not_wait_for_them() throws Exception {
        AdminApplication other = AdminApplication.withToken();
        try (Watcher watcher = new Watcher(other.url("/admin/api/events"))) {
            watcher.next();

            other.close();

            while (watcher.line() != null) {
                // What was under way still comes.
            }
        }
    }

    @Test
    void a_port_of_its_own_has_the_face_and_the_port_of_the_gateway_has_not() throws Exception {
        try (AdminApplication own = new AdminApplication(
                "--server.address=127.0.0.1",
                "--kimi.gateway.admin.port=0",
                "--kimi.gateway.admin.token=" + AdminApplication.TOKEN)) {
            int port = Objects.requireNonNull(own.bean(AdminFace.class).port());
            URI there = URI.create("http://127.0.0.1:" + port + "/admin/api/overview");

            assertThat(status(there)).isEqualTo(200);
            assertThat(status(own.url("/admin/api/overview"))).isEqualTo(404);
            assertThat(status(own.url("/admin/"))).isEqualTo(404);
        }
    }

    @Test
    void a_port_that_is_taken_is_named() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            AdminProperties settings = new AdminProperties();
            settings.setPort(taken.getLocalPort());
            AdminFace face = new AdminFace(settings, AdminFace.off().onGatewayPort(), null, () -> null);

            assertThatThrownBy(face::start)
                    .isInstanceOf(ConfigurationException.class)
                    .hasMessageContaining("127.0.0.1:" + taken.getLocalPort())
                    .hasMessageContaining("kimi.gateway.admin.address");
        }
    }

    @Test
    void without_a_token_there_is_no_face_where_other_machines_could_reach_it() {
        for (String address : List.of("", "0.0.0.0", "192.0.2.1", "::")) {
            runner("server.address=" + address)
                    .run(context -> assertThat(isThere(context.getBean(RouterFunction.class)))
                            .as(address)
                            .isFalse());
        }
        runner("server.address=0.0.0.0", "kimi.gateway.admin.token=" + AdminApplication.TOKEN)
                .run(context -> assertThat(isThere(context.getBean(RouterFunction.class)))
                        .isTrue());
        runner("server.address=127.0.0.1", "kimi.gateway.admin.enabled=false")
                .run(context -> assertThat(isThere(context.getBean(RouterFunction.class)))
                        .isFalse());
    }

    @Test
    void without_a_token_a_loopback_address_logs_one_that_is_good_once(CapturedOutput output) {
        runner("server.address=127.0.0.1").run(context -> {
            assertThat(isThere(context.getBean(RouterFunction.class))).isTrue();
            assertThat(output).containsPattern("good once: [\\w-]{32,}");
        });
    }

    @Test
    void a_token_that_is_too_short_does_not_start_and_is_not_printed() {
        runner("server.address=127.0.0.1", "kimi.gateway.admin.token=tooshort")
                .run(context -> assertThat(context.getStartupFailure())
                        .rootCause()
                        .isInstanceOf(ConfigurationException.class)
                        .hasMessageContaining("at least 20 characters")
                        .hasMessageNotContaining("tooshort"));
    }

    private static ReactiveWebApplicationContextRunner runner(String... settings) {
        return new ReactiveWebApplicationContextRunner()
                .withUserConfiguration(AdminConfiguration.class)
                .withBean(MemoryKeys.class)
                .withPropertyValues(settings);
    }

    private static boolean isThere(RouterFunction<?> routes) {
        MockServerWebExchange exchange = MockServerWebExchange.from(MockServerHttpRequest.get("/admin/"));
        ServerRequest request =
                ServerRequest.create(exchange, HandlerStrategies.withDefaults().messageReaders());
        return Boolean.TRUE.equals(routes.route(request).hasElement().block());
    }

    private static int status(URI url) throws IOException, InterruptedException {
        return HTTP.send(Watcher.request(url), HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }

    /** Reads the events of the face. */
    private static final class Watcher implements AutoCloseable {
        private final InputStream body;
        private final BufferedReader lines;

        Watcher(URI url) throws IOException, InterruptedException {
            HttpResponse<InputStream> response = HTTP.send(request(url), HttpResponse.BodyHandlers.ofInputStream());
            assertThat(response.statusCode()).isEqualTo(200);
            assertThat(response.headers().firstValue("content-type")).hasValue("text/event-stream");
            body = response.body();
            lines = new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8));
        }

        static HttpRequest request(URI url) {
            return HttpRequest.newBuilder(url)
                    .header("authorization", "Bearer " + AdminApplication.TOKEN)
                    .build();
        }

        String line() throws IOException {
            return lines.readLine();
        }

        JsonNode next() throws IOException {
            String data = Objects.requireNonNull(lines.readLine());
            assertThat(data).startsWith("data: ");
            assertThat(lines.readLine()).isEmpty();
            return new JsonMapper().readTree(data.substring("data: ".length()));
        }

        @Override
        public void close() throws IOException {
            body.close();
        }
    }
}
