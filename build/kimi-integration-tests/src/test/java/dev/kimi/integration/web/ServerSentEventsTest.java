package dev.kimi.integration.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.kimi.integration.web.WebServer.Stack;
import dev.kimi.integration.web.mvc.MvcChat;
import dev.kimi.integration.web.webflux.ReactiveChat;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.Reply;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The controllers of docs/spring-boot.md that write events, and a browser. */
@Timeout(120)
class ServerSentEventsTest {

    private final KimiSimulator service = KimiSimulator.start();

    static Stream<Arguments> controllers() {
        return Stream.of(
                arguments(Stack.MVC, MvcChat.class),
                arguments(Stack.WEBFLUX, ReactiveChat.class),
                // with Reactor on the class path
                arguments(Stack.MVC, ReactiveChat.class));
    }

    @AfterEach
    void stop() {
        service.close();
    }

    @ParameterizedTest
    @MethodSource("controllers")
    void events_come_as_json_and_the_response_ends(Stack stack, Class<?> beans) {
        service.otherwise(Reply.text("Sunny."));
        try (WebServer server = start(stack, beans)) {
            Events events = Events.read(server.open("/chat?question=Weather"));

            assertThat(events.complete()).isTrue();
            assertThat(events.data()).contains("{\"type\":\"finished\",\"reason\":\"stop\"}");
            assertThat(String.join("", events.data())).contains("{\"type\":\"text\",\"value\":\"");
            service.awaitIdle(Duration.ofSeconds(20));
        }
    }

    @ParameterizedTest
    @MethodSource("controllers")
    void a_silent_stream_beats_and_is_cancelled_when_the_browser_goes(Stack stack, Class<?> beans) throws Exception {
        service.otherwise(Reply.text("one two three four").stallAfterEvents(3));
        try (WebServer server = start(stack, beans)) {
            try (BufferedReader body = lines(server.open("/chat?question=Weather"))) {
                readUntil(body, "\"type\":\"text\"");
                readUntil(body, ":heartbeat");
                readUntil(body, ":heartbeat");
                assertThat(service.openRequests()).isEqualTo(1);
            }

            assertThat(service.awaitAborted(1).get(60, TimeUnit.SECONDS)).hasSize(1);
        }
    }

    @ParameterizedTest
    @MethodSource("controllers")
    void a_browser_that_goes_before_the_first_event_cancels_too(Stack stack, Class<?> beans) throws Exception {
        service.otherwise(Reply.text("one").stallBeforeHeaders());
        try (WebServer server = start(stack, beans)) {
            try (BufferedReader body = lines(server.open("/chat?question=Weather"))) {
                readUntil(body, ":heartbeat");
                service.awaitRequests(1).get(60, TimeUnit.SECONDS);
            }

            assertThat(service.awaitAborted(1).get(60, TimeUnit.SECONDS)).hasSize(1);
        }
    }

    @ParameterizedTest
    @MethodSource("controllers")
    void a_failure_is_the_last_event(Stack stack, Class<?> beans) {
        service.reply(Reply.text("one two three four").cutAfterEvents(3), Reply.rateLimited(Duration.ofSeconds(90)));
        try (WebServer server = start(stack, beans)) {
            Events cut = Events.read(server.open("/chat?question=Weather"));

            assertThat(cut.complete()).isTrue();
            assertThat(cut.text()).contains("\"type\":\"text\"", "event:failed").doesNotContain("\"finished\"");
            assertThat(cut.data()).last().asString().contains("\"status\":502");

            Events limited = Events.read(server.open("/chat?question=Weather"));

            assertThat(limited.complete()).isTrue();
            assertThat(limited.data()).singleElement().asString().contains("\"status\":429", "\"retryAfter\":90");
        }
    }

    private WebServer start(Stack stack, Class<?> beans) {
        return WebServer.start(stack, service, beans, "chat.heartbeat=50ms");
    }

    private static BufferedReader lines(InputStream body) {
        return new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8));
    }

    private static void readUntil(BufferedReader body, String wanted) throws IOException {
        for (String line = body.readLine(); line != null; line = body.readLine()) {
            if (line.contains(wanted)) {
                return;
            }
        }
        throw new IOException("the stream ended before " + wanted);
    }
}
