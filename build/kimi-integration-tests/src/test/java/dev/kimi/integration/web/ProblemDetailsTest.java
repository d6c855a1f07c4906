package dev.kimi.integration.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.KimiClient;
import dev.kimi.error.KimiException;
import dev.kimi.error.RateLimitException;
import dev.kimi.integration.web.WebServer.Stack;
import dev.kimi.starter.web.KimiProblems;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.Reply;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.context.annotation.Bean;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.ErrorResponse;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Failed calls as a browser sees them. */
@Timeout(120)
class ProblemDetailsTest {

    private static final List<String> PATHS = List.of(
            "/future", "/dependent-future", "/mono", "/flux", "/events", "/thrown", "/completion", "/execution");

    private final KimiSimulator service = KimiSimulator.start();

    @AfterEach
    void stop() {
        service.close();
    }

    @ParameterizedTest
    @EnumSource
    void a_rate_limit_is_429_with_retry_after_however_it_leaves_the_controller(Stack stack) {
        service.otherwise(Reply.rateLimited(Duration.ofSeconds(90)));
        try (WebServer server = WebServer.start(stack, service, Controllers.class)) {
            for (String path : PATHS) {
                HttpResponse<String> response = server.get(path);

                assertThat(response.statusCode()).as(path).isEqualTo(429);
                assertThat(response.headers().firstValue("content-type"))
                        .as(path)
                        .hasValue("application/problem+json");
                JsonNode body = json(response.body());
                // from the second call on it is the client that knows how long is left
                long left = body.path("retryAfter").asLong();
                assertThat(response.headers().firstValue("retry-after"))
                        .as(path)
                        .hasValue(String.valueOf(left));
                assertThat(left).as(path).isPositive();
                assertThat(body).as(path).isEqualTo(json("""
                                {"title":"Too Many Requests","status":429,"instance":"%s","retryAfter":%d,
                                 "detail":"Too many requests to the language model. Try again later."}
                                """.formatted(path, left)));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void the_body_says_nothing_of_what_the_service_said(Stack stack) {
        Map<Reply, Integer> replies = Map.of(
                Reply.error(400, "invalid_request_error", "cannot parse " + Controllers.QUESTION), 500,
                Reply.error(401, "invalid_authentication_error", "the key sk-secret is wrong"), 500,
                Reply.error(403, "permission_denied_error", "not for sk-secret"), 500,
                Reply.error(503, "service_unavailable", "no node for " + Controllers.QUESTION), 503,
                Reply.error(500, "server_error", "crashed on " + Controllers.QUESTION), 502,
                Reply.contentFiltered(), 422,
                Reply.quotaExceeded(), 503,
                Reply.malformed(), 502);
        try (WebServer server = WebServer.start(stack, service, Controllers.class)) {
            replies.forEach((reply, status) -> {
                service.reply(reply);
                HttpResponse<String> response = server.get("/future");

                assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
                assertThat(response.body())
                        .contains("language model")
                        .doesNotContainIgnoringCase("secret", "cannot parse", "crashed", "node", "kimi.", "api");
            });
        }
    }

    @ParameterizedTest
    @EnumSource
    void an_overloaded_service_is_503_with_retry_after(Stack stack) {
        service.otherwise(Reply.overloaded());
        try (WebServer server = WebServer.start(stack, service, Controllers.class)) {
            HttpResponse<String> response = server.get("/future", "Accept", "text/event-stream");

            assertThat(response.statusCode()).isEqualTo(503);
            assertThat(response.headers().firstValue("retry-after")).hasValue("5");
            assertThat(response.headers().firstValue("content-type")).hasValue("application/problem+json");
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_status_that_the_application_chose_stays(Stack stack) {
        service.otherwise(Reply.overloaded());
        try (WebServer server = WebServer.start(stack, service, Controllers.class)) {
            assertThat(server.get("/gone").statusCode()).isEqualTo(410);
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_handler_of_the_application_comes_first_even_one_for_everything(Stack stack) {
        service.otherwise(Reply.overloaded());
        for (Class<?> advice : List.of(OwnHandler.class, HandlerOfEverything.class)) {
            try (WebServer server = WebServer.start(stack, service, List.of(Controllers.class, advice))) {
                HttpResponse<String> response = server.get("/future");

                assertThat(response.statusCode()).isEqualTo(507);
                assertThat(response.body()).isEqualTo("mine");
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void one_property_leaves_everything_to_spring(Stack stack) {
        service.otherwise(Reply.overloaded());
        try (WebServer server =
                WebServer.start(stack, service, Controllers.class, "kimi.web.problem-details.enabled=false")) {
            HttpResponse<String> response = server.get("/future");

            assertThat(response.statusCode()).isEqualTo(500);
            assertThat(response.headers().firstValue("content-type")).hasValue("application/json");
            assertThat(json(response.body()).path("path").asString()).isEqualTo("/future");
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_bean_of_the_application_decides_what_is_said(Stack stack) {
        service.otherwise(Reply.rateLimited(Duration.ofSeconds(90)));
        try (WebServer server = WebServer.start(stack, service, WithOwnProblems.class)) {
            HttpResponse<String> response = server.get("/future");

            assertThat(response.statusCode()).isEqualTo(429);
            assertThat(json(response.body()).path("limit").asString()).isEqualTo("REQUESTS_PER_MINUTE");
            assertThat(response.headers().firstValue("retry-after")).hasValue("90");
        }
    }

    @ParameterizedTest
    @EnumSource
    void texts_come_from_the_application_s_messages_in_the_reader_s_language(Stack stack) {
        service.otherwise(Reply.rateLimited(Duration.ofSeconds(90)));
        try (WebServer server =
                WebServer.start(stack, service, Controllers.class, "spring.messages.basename=web-messages")) {
            HttpResponse<String> response = server.get("/future", "Accept-Language", "zh");

            assertThat(json(response.body()).path("detail").asString()).isEqualTo("请在 90 秒后重试。");
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_failure_after_the_first_event_cuts_the_connection(Stack stack) {
        service.otherwise(Reply.text("one two three four").cutAfterEvents(3));
        try (WebServer server = WebServer.start(stack, service, Controllers.class)) {
            assertThat(Events.read(server.open("/events"))).satisfies(events -> {
                assertThat(events.text()).contains("\"type\":\"text\"").doesNotContain("problem", "Bad Gateway");
                assertThat(events.complete()).isFalse();
            });
        }
    }

    private static JsonNode json(String text) {
        return JsonMapper.shared().readTree(text);
    }

    static class WithOwnProblems extends Controllers {

        WithOwnProblems(KimiClient kimi) {
            super(kimi);
        }

        // snippet:own-problems
        @Bean
        static KimiProblems problems() {
            return failure -> {
                ErrorResponse problem = KimiProblems.standard().of(failure);
                if (failure instanceof RateLimitException limited) {
                    problem.getBody().setProperty("limit", limited.limit());
                }
                return problem;
            };
        }
        // end
    }

    @RestControllerAdvice
    static class OwnHandler {

        @ExceptionHandler
        ResponseEntity<String> mine(KimiException failure) {
            return ResponseEntity.status(HttpStatus.INSUFFICIENT_STORAGE).body("mine");
        }
    }

    @RestControllerAdvice
    static class HandlerOfEverything {

        @ExceptionHandler
        ResponseEntity<String> mine(Exception failure) {
            return ResponseEntity.status(HttpStatus.INSUFFICIENT_STORAGE).body("mine");
        }
    }
}
