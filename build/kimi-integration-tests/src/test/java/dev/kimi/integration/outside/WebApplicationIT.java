package dev.kimi.integration.outside;

import static dev.kimi.test.Reply.events;
import static dev.kimi.test.Reply.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.test.KimiSimulator;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** An MVC application with two clients, Feign clients, tracing and the actuator. */
@Timeout(300)
@ParameterizedClass
@MethodSource("jars")
class WebApplicationIT {

    /** Long enough for a controller to attach its callback first. */
    private static final Duration LATER = Duration.ofSeconds(1);

    private static KimiSimulator kimi;
    private static RunningJar application;

    private final Jar jar;

    WebApplicationIT(Jar jar) {
        this.jar = jar;
    }

    static Stream<Jar> jars() {
        return Jar.bothWays("application");
    }

    @BeforeParameterizedClassInvocation
    static void start(Jar jar) throws Exception {
        kimi = KimiSimulator.builder().keys("sk-first", "sk-second").start();
        application = start(jar, Map.of("KIMI_API_KEY", "sk-first", "SECOND_KEY", "sk-second"));
    }

    @AfterParameterizedClassInvocation
    static void stop() {
        application.close();
        kimi.close();
    }

    @BeforeEach
    void forget() {
        kimi.reset();
    }

    @ParameterizedTest
    @CsvSource({"/chat, sk-first", "/second, sk-second", "/stream, sk-first"})
    void a_response_of_the_service_reaches_the_browser(String path, String key) throws Exception {
        kimi.reply(text("Because it is less dense."));

        assertThat(application.get(path + "?q=Why")).isEqualTo("Because it is less dense.");
        assertThat(keys()).containsExactly("Bearer " + key);
    }

    @ParameterizedTest
    @CsvSource({"/models, 6, sk-first", "/files, '\"200 OK\"', sk-second", "/balance, true, sk-second"})
    void feign_clients_and_http_services_work(String path, String body, String key) throws Exception {
        assertThat(application.get(path)).isEqualTo(body);
        assertThat(keys()).containsExactly("Bearer " + key);
    }

    @Test
    void a_stream_closed_early_is_cancelled_at_the_service() throws Exception {
        kimi.reply(events(1000, 10).stallAfterEvents(5));

        assertThat(application.get("/abandoned?q=Why")).isNotEmpty();
        kimi.awaitAborted(1).get(60, TimeUnit.SECONDS);
    }

    @Test
    void callbacks_run_on_boot_s_executor_with_the_application_s_classes_and_the_caller_s_context() throws Exception {
        kimi.reply(text("Later.").after(LATER));

        assertThat(application.get("/callback?tenant=acme"))
                .containsPattern("\"thread\":\"task-\\d+\"")
                .contains("\"class\":\"LoudStyle\"", "\"service\":\"FOUND\"", "\"tenant\":\"acme\"")
                .contains("\"observation\":\"http.server.requests\"")
                .containsPattern("\"traceId\":\"[0-9a-f]{32}\"");
    }

    @Test
    void callbacks_find_the_application_s_classes_where_the_caller_s_class_loader_does_not() throws Exception {
        kimi.reply(text("Later.").after(LATER));

        assertThat(application.get("/callback-of-system-loader"))
                .contains("\"classOfCaller\":\"java.lang.ClassNotFoundException")
                .contains("\"class\":\"LoudStyle\"", "\"service\":\"FOUND\"")
                .containsPattern("\"thread\":\"task-\\d+\"");
    }

    @Test
    void the_actuator_shows_health_limits_and_meters_and_no_key() throws Exception {
        application.get("/chat?q=Why");

        assertThat(application.get("/actuator/health")).contains("\"status\":\"UP\"");
        assertThat(application.get("/actuator/kimi"))
                .contains("\"my-second\"", kimi.baseUrl())
                .doesNotContain("sk-");
        assertThat(application.get("/actuator/prometheus"))
                .containsPattern("kimi_client_request_seconds_count\\{client=\"default\",.*operation=\"chat\"")
                .contains("kimi_leaks_total{type=\"stream\"} 0")
                .doesNotContain("sk-");
    }

    /** Boot's executor takes no tasks any more at that time, and the callback has its context all the same. */
    @Test
    void sigterm_lets_a_call_end_with_its_callback_and_leaves_no_trace_in_the_log() throws Exception {
        try (RunningJar ending = start(jar, Map.of("KIMI_API_KEY", "sk-first", "SECOND_KEY", "sk-second"))) {
            kimi.reply(text("To the end."), text("Later.").after(LATER));
            ending.get("/stream?q=Why");
            CompletableFuture<HttpResponse<String>> underWay = ending.send("/callback?tenant=acme");
            kimi.awaitRequests(2).get(60, TimeUnit.SECONDS);

            ending.terminate();

            assertThat(ending.body(underWay)).contains("\"service\":\"FOUND\"", "\"tenant\":\"acme\"");
            assertThat(ending.exitCode()).isEqualTo(143);
            assertThat(ending.output()).contains("Started OutsideApplication").doesNotContain(" WARN ", " ERROR ");
        }
    }

    @Test
    void a_missing_key_ends_the_start_with_two_sentences() throws Exception {
        try (RunningJar failing = start(jar, Map.of("KIMI_API_KEY", "sk-first"))) {
            assertThat(failing.exitCode()).isEqualTo(1);
            assertThat(failing.output())
                    .contains("APPLICATION FAILED TO START")
                    .containsPattern(
                            "The setting kimi\\.clients\\.my-second\\.api-key \\(class path resource"
                                    + " \\[application\\.yml\\].* - 5:16\\) takes its value from SECOND_KEY, which is not set\\.")
                    .contains("Set the environment variable SECOND_KEY, or write ${SECOND_KEY:} if the setting may be"
                            + " missing.")
                    .doesNotContain("\tat ", "sk-first");
        }
    }

    private static RunningJar start(Jar jar, Map<String, String> keys) throws Exception {
        return RunningJar.start(jar, keys, "--kimi.base-url=" + kimi.baseUrl());
    }

    private static List<String> keys() {
        return kimi.requests().stream()
                .flatMap(request -> request.headers("authorization").stream())
                .toList();
    }
}
