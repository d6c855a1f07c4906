package dev.kimi.observability;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kimi.KimiClient;
import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.ChatStream;
import dev.kimi.error.AuthenticationException;
import dev.kimi.error.InvalidRequestException;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.Reply;
import java.net.URI;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.client.RestClient;

/** A whole application: starter, transport, service, actuator. */
@Timeout(120)
class PrometheusEndpointTest {

    private static final String PROMPT = "Why is the sky blue at noon?";

    private static KimiSimulator service;
    private static ConfigurableApplicationContext application;
    private static KimiClient kimi;

    @BeforeAll
    static void start() {
        service = KimiSimulator.start();
        application = SpringApplication.run(
                Application.class,
                "--server.address=127.0.0.1",
                "--server.port=0",
                "--spring.main.banner-mode=off",
                "--logging.level.root=warn",
                "--management.endpoints.web.exposure.include=prometheus,health",
                "--management.endpoint.health.show-details=always",
                "--kimi.base-url=" + service.baseUrl(),
                "--kimi.api-key=sk-nobody-sees-this",
                "--kimi.metrics.enabled=true",
                "--kimi.clients.second.base-url=" + service.baseUrl(),
                "--kimi.clients.second.api-key=sk-nobody-sees-this-either");
        kimi = application.getBean("kimiClient", KimiClient.class);
    }

    @AfterAll
    static void stop() {
        application.close();
        service.close();
    }

    @Test
    void the_endpoint_shows_calls_and_connections_by_the_agreed_names() throws Exception {
        kimi.chat(PROMPT);
        try (ChatStream stream = kimi.stream(ChatRequest.of(PROMPT))) {
            for (ChatEvent event : stream) {
                assertThat(event).isNotNull();
            }
        }
        service.reply(Reply.unavailable());
        kimi.chat(PROMPT);
        kimi.models();
        service.reply(Reply.error(400, "invalid_request_error", "no"));
        assertThatThrownBy(() -> kimi.chat(PROMPT)).isInstanceOf(InvalidRequestException.class);
        cancelOneThatIsUnderWay();

        List<String> lines = scrape();

        assertThat(lines)
                .contains("# TYPE claude_request_duration histogram")
                .contains("claude_request_duration_count{method=\"chat\",status_code=\"200\"} 2")
                .contains("claude_request_duration_count{method=\"chat\",status_code=\"400\"} 1")
                .contains("claude_request_duration_count{method=\"chat\",status_code=\"cancelled\"} 1")
                .contains("claude_request_duration_count{method=\"models\",status_code=\"200\"} 1")
                .contains("claude_request_duration_count{method=\"stream\",status_code=\"200\"} 1")
                .contains("kimi_client_retries_total{client=\"default\",operation=\"chat\",reason=\"overloaded\"} 1.0")
                .contains("kimi_client_in_flight{client=\"default\",operation=\"chat\"} 0.0")
                .contains("kimi_client_first_event_seconds_count{client=\"default\",model=\"kimi-k3\"} 1");
        assertThat(startingWith(lines, "claude_request_duration_bucket{method=\"stream\""))
                .extracting(line -> line.substring(line.indexOf("le="), line.indexOf('}')))
                .containsExactly(
                        "le=\"50.0\"", "le=\"100.0\"", "le=\"250.0\"", "le=\"500.0\"", "le=\"1000.0\"", "le=\"+Inf\"");
        assertThat(startingWith(lines, "kimi_connection_pool"))
                .extracting(line -> line.substring(0, line.indexOf(' ')))
                .containsExactlyInAnyOrder(
                        "kimi_connection_pool{state=\"active\"}",
                        "kimi_connection_pool{state=\"idle\"}",
                        "kimi_connection_pool{state=\"leaked\"}",
                        "kimi_connection_pool{state=\"max\"}",
                        "kimi_connection_pool{state=\"pending\"}");
        assertThat(lines).contains("kimi_leaks_total{type=\"stream\"} 0.0");
        assertThat(lines).noneMatch(line -> line.contains("sky") || line.contains("sk-"));
    }

    @Test
    void the_sum_counts_the_pool_that_both_clients_use_once() {
        int max = kimi.pool().max();

        assertThat(scrape())
                .contains("kimi_connection_pool{state=\"max\"} " + (double) max)
                .contains("kimi_client_connections{client=\"default\",state=\"max\"} " + (double) max)
                .contains("kimi_client_connections{client=\"second\",state=\"max\"} " + (double) max);
    }

    @Test
    void the_health_of_both_clients_is_what_their_calls_have_seen() {
        KimiClient second = application.getBean("secondKimiClient", KimiClient.class);
        assertThat(get("/actuator/health")).contains("\"second\":{\"status\":\"UNKNOWN\"");
        service.reply(Reply.unauthorized());
        assertThatThrownBy(() -> second.chat(PROMPT)).isInstanceOf(AuthenticationException.class);

        assertThat(get("/actuator/health"))
                .contains("\"kimi\":{\"details\":{\"default\":{\"status\":\"U")
                .contains("\"second\":{\"status\":\"DOWN\"")
                .contains("\"lastError\":\"AuthenticationException\"");
    }

    private void cancelOneThatIsUnderWay() throws Exception {
        service.reply(Reply.text("late").stallBeforeHeaders());
        int before = service.requests().size();
        CompletableFuture<ChatResponse> call = kimi.chatAsync(ChatRequest.of(PROMPT));
        service.awaitRequests(before + 1).get(30, TimeUnit.SECONDS);
        call.cancel(true);
        service.awaitAborted(1).get(30, TimeUnit.SECONDS);
    }

    private List<String> scrape() {
        return get("/actuator/prometheus").lines().toList();
    }

    private static List<String> startingWith(List<String> lines, String start) {
        return lines.stream().filter(line -> line.startsWith(start)).toList();
    }

    private String get(String path) {
        int port = ((WebServerApplicationContext) application).getWebServer().getPort();
        return RestClient.create()
                .get()
                .uri(URI.create("http://127.0.0.1:" + port + path))
                .exchange((request, response) -> new String(response.getBody().readAllBytes()));
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Application {}
}
