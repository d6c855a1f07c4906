package dev.kimi.test.autoconfigure.app;

import static dev.kimi.test.Reply.generated;
import static dev.kimi.test.Reply.rateLimited;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kimi.KimiClient;
import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatStream;
import dev.kimi.error.RateLimitException;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.Reply;
import dev.kimi.test.autoconfigure.KimiServiceConnection;
import dev.kimi.test.autoconfigure.KimiTest;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.testcontainers.service.connection.ServiceConnection;

/** Runs test classes, and looks which tests fail and with which words. */
@Timeout(120)
class BetweenTestsTest {

    @Test
    void a_test_s_429_does_not_fail_the_next() {
        assertThat(run(IsThrottled.class))
                .hasSize(3)
                .allSatisfy((test, failure) -> assertThat(failure).isEmpty());
    }

    @Test
    void the_test_that_leaves_something_fails_and_no_other() {
        Map<String, String> failures = run(Leaks.class);

        assertThat(failures).hasSize(4);
        assertThat(failures.get("a_leaves_a_call"))
                .contains("The test left something behind: the client 'default' still has a chat: sending (made at ");
        assertThat(failures.get("b_is_innocent")).isEmpty();
        assertThat(failures.get("c_leaves_a_stream"))
                // being received, or dropped if the garbage collector has come
                .contains("the client 'default' still has a stream: ", "BetweenTestsTest$Leaks.c_leaves_a_stream");
        assertThat(failures.get("d_is_innocent_too")).isEmpty();
    }

    @Test
    void what_after_each_closes_is_no_leak() {
        assertThat(run(ClosesAfterwards.class)).containsEntry("opens", "");
    }

    @Test
    void a_connection_beside_the_clients_fails_the_test() {
        assertThat(run(LeavesAConnection.class).get("leaks"))
                .contains("the simulator has 1 open connection(s), but only 0 can be accounted for");
    }

    @Test
    void spring_boot_s_annotation_on_a_field_fails_and_names_ours() {
        assertThat(run(FieldByBoot.class).get("BetweenTestsTest$FieldByBoot"))
                .contains("BetweenTestsTest$FieldByBoot.SERVICE is annotated with Spring Boot's @ServiceConnection,"
                        + " which is for containers. Annotate it with @KimiServiceConnection.");
    }

    @Test
    void a_field_of_the_instance_is_too_late() {
        assertThat(run(FieldOfInstance.class).get("BetweenTestsTest$FieldOfInstance"))
                .contains("FieldOfInstance.service with @KimiServiceConnection must be static");
    }

    @Test
    void a_field_that_is_empty_is_named() {
        assertThat(run(EmptyField.class).get("BetweenTestsTest$EmptyField"))
                .contains("EmptyField.service with @KimiServiceConnection must hold a KimiSimulator");
    }

    /** The tests, and the class if it failed, by name, with the messages of those that failed. */
    private static Map<String, String> run(Class<?> tests) {
        LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
                .selectors(DiscoverySelectors.selectClass(tests))
                .build();
        Map<String, String> messages = new TreeMap<>();
        LauncherFactory.create().execute(request, new TestExecutionListener() {
            @Override
            public void executionFinished(TestIdentifier test, TestExecutionResult result) {
                if (test.isTest() || result.getThrowable().isPresent()) {
                    messages.put(
                            test.getDisplayName().replaceAll("\\(.*", ""),
                            result.getThrowable()
                                    .map(BetweenTestsTest::messages)
                                    .orElse(""));
                }
            }
        });
        return messages;
    }

    private static String messages(Throwable failure) {
        StringBuilder messages = new StringBuilder();
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            messages.append(cause.getMessage()).append('\n');
        }
        return messages.toString();
    }

    @KimiTest
    static class IsThrottled {

        @RepeatedTest(3)
        void rejected_for_two_minutes(@Autowired KimiSimulator kimi, @Autowired Assistant assistant) {
            assertThat(assistant.about("the sky")).isNotEmpty();
            kimi.reply(rateLimited(Duration.ofSeconds(120)));
            assertThatThrownBy(() -> assistant.about("the sea")).isInstanceOf(RateLimitException.class);
        }
    }

    @KimiTest
    @TestMethodOrder(MethodOrderer.MethodName.class)
    static class Leaks {

        @Autowired
        KimiSimulator kimi;

        @Autowired
        KimiClient client;

        @Test
        void a_leaves_a_call() throws Exception {
            kimi.reply(generated().stallBeforeHeaders());
            client.chatAsync(ChatRequest.of("Hi"));
            kimi.awaitRequests(1).get(10, TimeUnit.SECONDS);
        }

        @Test
        void b_is_innocent() {
            assertThat(kimi.requests()).isEmpty();
            client.chat("Hi");
        }

        @Test
        void c_leaves_a_stream() {
            kimi.reply(Reply.text("A long story.").stallAfterEvents(2));
            ChatStream stream = client.stream(ChatRequest.of("Hi"));
            stream.iterator().next();
        }

        @Test
        void d_is_innocent_too() {
            client.chat("Hi");
        }
    }

    @KimiTest
    static class ClosesAfterwards {

        private final List<ChatStream> streams = new ArrayList<>();

        @AfterEach
        void close() {
            streams.forEach(ChatStream::close);
        }

        @Test
        void opens(@Autowired KimiSimulator kimi, @Autowired KimiClient client) {
            kimi.reply(Reply.text("A long story.").stallAfterEvents(2));
            streams.add(client.stream(ChatRequest.of("Hi")));
        }
    }

    @KimiTest(properties = "kimi.model=kimi-k3")
    static class LeavesAConnection {

        private static final List<Socket> SOCKETS = new ArrayList<>();

        @Test
        void leaks(@Autowired KimiSimulator kimi) throws IOException {
            Socket socket = new Socket("127.0.0.1", kimi.port());
            SOCKETS.add(socket);
            socket.getOutputStream().write("GET /v1/models HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes());
            assertThat(socket.getInputStream().read()).isPositive();
        }
    }

    @SpringBootTest
    static class FieldByBoot {

        @ServiceConnection
        static final KimiSimulator SERVICE = KimiSimulator.start();

        @Test
        void starts() {}
    }

    @SpringBootTest
    static class FieldOfInstance {

        @KimiServiceConnection
        final KimiSimulator service = KimiSimulator.start();

        @Test
        void starts() {}
    }

    @SpringBootTest
    static class EmptyField {

        @KimiServiceConnection
        static KimiSimulator service;

        @Test
        void starts() {}
    }
}
