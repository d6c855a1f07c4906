package dev.kimi.test.junit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.KimiClient;
import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.ChatStream;
import dev.kimi.error.RateLimitException;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.support.Eventually;
import dev.kimi.time.VirtualTime;
import dev.kimi.transport.PoolState;
import dev.kimi.transport.Transport;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Which test is blamed for what, and what one test leaves to the next. */
@Timeout(60)
class TrackingTest {

    private static final Duration SHORT = Duration.ofMillis(200);

    @Test
    void what_is_tracked_twice_fails_once() {
        assertThat(Runs.of(TracksTwice.class).messages())
                .singleElement()
                .asString()
                .satisfies(message -> {
                    assertThat(message).containsOnlyOnce("still has a chat: sending");
                    assertThat(message).containsOnlyOnce("connection(s) in use");
                    assertThat(message).containsOnlyOnce("task(s) scheduled");
                });
    }

    static class TracksTwice {
        @RegisterExtension
        static final KimiSimulatorExtension LEAKS = new KimiSimulatorExtension(SHORT);

        @Test
        void leaks() {
            StubTransport transport = LEAKS.track(LEAKS.track(new StubTransport()));
            KimiClient client = LEAKS.track(LEAKS.track(transport.client()));
            LEAKS.track(transport.client());
            VirtualTime timer = LEAKS.track(LEAKS.track(new VirtualTime()));

            client.chatAsync(ChatRequest.of("Hi"));
            transport.state = PoolState.builder()
                    .active(1)
                    .idle(0)
                    .pending(0)
                    .max(1)
                    .exchanges(1)
                    .build();
            timer.schedule(1, () -> {});
        }
    }

    @Test
    void the_idle_connections_of_a_pool_that_is_tracked_twice_count_once() {
        assertThat(Runs.of(SharesAPool.class).messages())
                .singleElement()
                .asString()
                .contains("2 open connection(s), but only 1 can be accounted for");
    }

    static class SharesAPool {
        @RegisterExtension
        static final KimiSimulatorExtension LEAKS = new KimiSimulatorExtension(SHORT);

        private static final Set<Socket> SOCKETS = new HashSet<>();

        private static void connect(KimiSimulator simulator) throws IOException {
            Socket socket = new Socket("127.0.0.1", simulator.port());
            SOCKETS.add(socket);
            String request = "GET /v1/models HTTP/1.1\r\nHost: localhost\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            // the first byte of the response shows that the simulator has seen the connection
            assertThat(socket.getInputStream().read()).isNotNegative();
        }

        @AfterAll
        static void closeSockets() throws IOException {
            for (Socket socket : SOCKETS) {
                socket.close();
            }
        }

        @Test
        void leaks(KimiSimulator simulator) throws IOException {
            StubTransport transport = new StubTransport();
            LEAKS.track(transport.client());
            LEAKS.track(transport.client());
            LEAKS.track((Transport) transport);
            connect(simulator);
            connect(simulator);
            transport.state = PoolState.builder()
                    .active(0)
                    .idle(1)
                    .pending(0)
                    .max(1)
                    .exchanges(0)
                    .build();
        }
    }

    @Test
    void the_test_that_leaves_a_stream_fails_and_not_the_one_in_which_it_is_found() {
        Map<String, String> failures = Runs.of(LeavesAStreamToTheNext.class).failures();

        assertThat(failures).containsOnlyKeys("leaks()");
        assertThat(failures.get("leaks()"))
                .contains("stream: ", " (made at ", "LeavesAStreamToTheNext.leaks(TrackingTest.java:");
    }

    @TestMethodOrder(MethodOrderer.OrderAnnotation.class)
    static class LeavesAStreamToTheNext {
        @RegisterExtension
        static final KimiSimulatorExtension LEAKS = new KimiSimulatorExtension(SHORT);

        private static final KimiClient CLIENT = LEAKS.track(new StubTransport().client());

        @Test
        @Order(1)
        void leaks() {
            CLIENT.stream(ChatRequest.of("Hi"));
        }

        @Test
        @Order(2)
        void is_innocent() {
            assertThat(Eventually.holds(Duration.ofSeconds(30), () -> {
                        System.gc();
                        return CLIENT.diagnostics().leakedStreams() == 1;
                    }))
                    .isTrue();
        }
    }

    @Test
    void a_stream_whose_response_has_arrived_is_left_behind_all_the_same() {
        assertThat(Runs.of(LeavesAWholeStream.class).messages())
                .singleElement()
                .asString()
                .contains("stream: not read to its end, and not closed (made at ", "LeavesAWholeStream.leaks(");
    }

    static class LeavesAWholeStream {
        @RegisterExtension
        static final KimiSimulatorExtension LEAKS = new KimiSimulatorExtension(SHORT);

        private static final Set<ChatStream> HELD = new HashSet<>();

        @Test
        void leaks() {
            StubTransport transport = new StubTransport();
            KimiClient client = LEAKS.track(transport.client());
            HELD.add(client.stream(ChatRequest.of("Hi")));
            String chunk = "{\"id\":\"1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"sky\"},"
                    + "\"finish_reason\":\"stop\"}]}";
            transport.respond(200, "data: " + chunk + "\n\ndata: [DONE]\n\n", "content-type", "text/event-stream");
        }
    }

    @Test
    void what_an_earlier_test_left_fails_only_that_test() {
        assertThat(Runs.of(LeavesThingsToTheNext.class).failures()).containsOnlyKeys("leaks()", "leaks_again()");
    }

    @TestMethodOrder(MethodOrderer.OrderAnnotation.class)
    static class LeavesThingsToTheNext {
        @RegisterExtension
        static final KimiSimulatorExtension LEAKS = new KimiSimulatorExtension(SHORT);

        private static final StubTransport TRANSPORT = new StubTransport();
        private static final KimiClient CLIENT = LEAKS.track(TRANSPORT.client());
        private static final VirtualTime TIMER = LEAKS.track(new VirtualTime());

        @Test
        @Order(1)
        void leaks() {
            CLIENT.chatAsync(ChatRequest.of("Hi"));
            TIMER.schedule(1, () -> {});
            TRANSPORT.state = PoolState.builder()
                    .active(1)
                    .idle(0)
                    .pending(0)
                    .max(1)
                    .exchanges(1)
                    .build();
        }

        @Test
        @Order(2)
        void is_innocent() {}

        @Test
        @Order(3)
        void leaks_again() {
            CLIENT.chatAsync(ChatRequest.of("Hi"));
        }

        @Test
        @Order(4)
        void is_innocent_too() {}
    }

    @Test
    void what_was_there_before_the_first_test_fails_none() {
        assertThat(Runs.of(InheritsThings.class).failures()).isEmpty();
    }

    static class InheritsThings {
        @RegisterExtension
        static final KimiSimulatorExtension LEAKS = new KimiSimulatorExtension(SHORT);

        private static final KimiClient OF_OTHERS = new StubTransport().client();

        static {
            OF_OTHERS.stream(ChatRequest.of("Hi"));
            LEAKS.track(OF_OTHERS);
        }

        @Test
        void is_innocent() {
            assertThat(OF_OTHERS.openCalls()).hasSize(1);
        }
    }

    @Test
    void what_is_tracked_in_a_test_is_that_tests_own() {
        assertThat(Runs.of(TracksItsOwn.class).failures()).containsOnlyKeys("leaks()");
    }

    @TestMethodOrder(MethodOrderer.OrderAnnotation.class)
    static class TracksItsOwn {
        @RegisterExtension
        static final KimiSimulatorExtension LEAKS = new KimiSimulatorExtension(SHORT);

        private static final Set<StubTransport> EARLIER = new HashSet<>();
        private final StubTransport transport = LEAKS.track(new StubTransport());

        @Test
        @Order(1)
        void leaks() {
            EARLIER.add(transport);
            transport.state = PoolState.builder()
                    .active(1)
                    .idle(0)
                    .pending(0)
                    .max(1)
                    .exchanges(1)
                    .build();
        }

        @Test
        @Order(2)
        void is_innocent() {
            EARLIER.iterator().next().state = PoolState.builder()
                    .active(2)
                    .idle(0)
                    .pending(0)
                    .max(2)
                    .exchanges(2)
                    .build();
        }
    }

    @Test
    void a_429_of_one_test_does_not_hold_back_the_next() {
        assertThat(Runs.of(IsHeldBack.class).failures()).isEmpty();
    }

    @TestMethodOrder(MethodOrderer.OrderAnnotation.class)
    static class IsHeldBack {
        @RegisterExtension
        static final KimiSimulatorExtension LEAKS = new KimiSimulatorExtension(SHORT);

        private static final StubTransport TRANSPORT = new StubTransport();
        private static final KimiClient CLIENT = LEAKS.track(TRANSPORT.client());

        @Test
        @Order(1)
        void gets_a_hint_of_two_minutes() {
            CompletableFuture<ChatResponse> first = CLIENT.chatAsync(ChatRequest.of("Hi"));
            TRANSPORT.respond(429, "{}", "retry-after", "120");

            assertThat(first).isCompletedExceptionally();
            assertThat(CLIENT.chatAsync(ChatRequest.of("Hi")))
                    .isCompletedExceptionally()
                    .failsWithin(Duration.ZERO)
                    .withThrowableThat()
                    .withCauseInstanceOf(RateLimitException.class);
            assertThat(TRANSPORT.sent).hasSize(1);
        }

        @Test
        @Order(2)
        void is_sent_at_once() {
            CompletableFuture<ChatResponse> next = CLIENT.chatAsync(ChatRequest.of("Hi"));
            assertThat(TRANSPORT.sent).hasSize(2);
            next.cancel(true);
        }
    }

    @Test
    void tests_that_share_a_simulator_and_run_at_the_same_time_fail_with_that_message() {
        SharesASimulator.oneHasEnded = new CountDownLatch(1);

        assertThat(Runs.of(
                                SharesASimulator.class,
                                Map.of(
                                        "junit.jupiter.execution.parallel.enabled", "true",
                                        "junit.jupiter.execution.parallel.mode.default", "concurrent",
                                        "junit.jupiter.execution.parallel.config.strategy", "fixed",
                                        "junit.jupiter.execution.parallel.config.fixed.parallelism", "2"),
                                () -> SharesASimulator.oneHasEnded.countDown())
                        .messages())
                .singleElement()
                .asString()
                .contains("Two tests that share a simulator run at the same time", "@Execution");
    }

    static class SharesASimulator {
        @RegisterExtension
        static final KimiSimulatorExtension LEAKS = new KimiSimulatorExtension(SHORT);

        private static volatile CountDownLatch oneHasEnded = new CountDownLatch(1);

        @Test
        void one() throws InterruptedException {
            oneHasEnded.await();
        }

        @Test
        void other() throws InterruptedException {
            oneHasEnded.await();
        }
    }

    @Test
    void an_extension_of_the_instance_has_a_simulator_for_each_test_and_closes_it() {
        HasItsOwn.SIMULATORS.clear();

        assertThat(Runs.of(HasItsOwn.class).failures()).isEmpty();

        assertThat(HasItsOwn.SIMULATORS)
                .hasSize(2)
                .allSatisfy(simulator -> assertThat(isClosed(simulator)).isTrue());
    }

    static class HasItsOwn {
        @RegisterExtension
        final KimiSimulatorExtension leaks = new KimiSimulatorExtension(SHORT);

        static final Set<KimiSimulator> SIMULATORS = new HashSet<>();

        @Test
        void one(KimiSimulator simulator) {
            SIMULATORS.add(simulator);
        }

        @Test
        void other(KimiSimulator simulator) {
            SIMULATORS.add(simulator);
        }
    }

    @Test
    void the_simulator_can_be_of_the_tests_making() {
        SpeaksTls.SIMULATORS.clear();

        assertThat(Runs.of(SpeaksTls.class).failures()).isEmpty();

        assertThat(SpeaksTls.SIMULATORS)
                .singleElement()
                .satisfies(simulator -> assertThat(isClosed(simulator)).isTrue());
    }

    static class SpeaksTls {
        @RegisterExtension
        static final KimiSimulatorExtension EXTENSION =
                new KimiSimulatorExtension(() -> KimiSimulator.builder().tls().start());

        static final Set<KimiSimulator> SIMULATORS = new HashSet<>();

        @Test
        void one(KimiSimulator simulator) {
            assertThat(simulator.baseUrl()).startsWith("https");
            SIMULATORS.add(simulator);
        }
    }

    @Test
    void nested_classes_share_the_simulator_of_their_class() {
        HasNested.SIMULATORS.clear();

        assertThat(Runs.of(HasNested.class).failures()).isEmpty();

        assertThat(HasNested.SIMULATORS)
                .singleElement()
                .satisfies(simulator -> assertThat(isClosed(simulator)).isTrue());
    }

    static class HasNested {
        @RegisterExtension
        static final KimiSimulatorExtension LEAKS = new KimiSimulatorExtension(SHORT);

        static final Set<KimiSimulator> SIMULATORS = new HashSet<>();

        @Nested
        class One {
            @Test
            void test(KimiSimulator simulator) {
                SIMULATORS.add(simulator);
            }
        }

        @Nested
        class Other {
            @Test
            void test(KimiSimulator simulator) {
                SIMULATORS.add(simulator);
            }
        }
    }

    private static boolean isClosed(KimiSimulator simulator) {
        try (Socket socket = new Socket("127.0.0.1", simulator.port())) {
            return !socket.isConnected();
        } catch (IOException refused) {
            return true;
        }
    }
}
