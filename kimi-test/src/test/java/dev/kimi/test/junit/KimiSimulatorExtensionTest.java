package dev.kimi.test.junit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.KimiClient;
import dev.kimi.chat.ChatRequest;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.Reply;
import dev.kimi.test.support.Eventually;
import dev.kimi.time.VirtualTime;
import dev.kimi.transport.PoolState;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;

@Timeout(60)
class KimiSimulatorExtensionTest {

    @Test
    void a_test_that_leaves_nothing_passes() {
        assertThat(run(Tidy.class)).isEmpty();
    }

    @Test
    void an_open_connection_fails_the_test() {
        assertThat(run(LeavesAConnection.class))
                .singleElement()
                .asString()
                .contains("1 open connection(s), but only 0 can be accounted for");
    }

    @Test
    void an_open_request_fails_the_test() {
        assertThat(run(LeavesARequest.class)).singleElement().asString().contains("1 open request(s)");
    }

    @Test
    void a_connection_in_use_fails_the_test() {
        assertThat(run(LeavesAnExchange.class))
                .singleElement()
                .asString()
                .contains("the pool of the transport still has 1 connection(s) in use, 2 exchange(s) and 3 waiting");
    }

    @Test
    void a_scheduled_timeout_fails_the_test() {
        assertThat(run(LeavesATimeout.class))
                .singleElement()
                .asString()
                .contains("the timer still has 1 task(s) scheduled");
    }

    @Test
    void a_call_under_way_fails_the_test() {
        assertThat(run(LeavesACall.class))
                .singleElement()
                .asString()
                .contains("the client 'default' still has a chat: sending (made at ", "LeavesACall.leaks(");
    }

    @Test
    void a_stream_that_was_dropped_fails_the_test() {
        assertThat(run(DropsAStream.class))
                .singleElement()
                .asString()
                .contains("stream: dropped unread (made at ", "DropsAStream.leaks(");
    }

    private static List<String> run(Class<?> tests) {
        return Runs.of(tests).messages();
    }

    private static final List<Socket> SOCKETS = new ArrayList<>();

    private static void send(KimiSimulator simulator, String text) throws IOException {
        Socket socket = new Socket("127.0.0.1", simulator.port());
        SOCKETS.add(socket);
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
        // the response, or its beginning, shows that the simulator has seen the request
        if (text.endsWith("\r\n\r\n") && socket.getInputStream().read() < 0) {
            throw new IOException("no response");
        }
    }

    @AfterAll
    static void closeSockets() throws IOException {
        for (Socket socket : SOCKETS) {
            socket.close();
        }
    }

    @ExtendWith(KimiSimulatorExtension.class)
    static class Tidy {

        private final KimiSimulator simulator;

        Tidy(KimiSimulator simulator) {
            this.simulator = simulator;
        }

        @Test
        void closes_what_it_opens(KimiSimulator same) throws IOException {
            assertThat(same).isSameAs(simulator);
            try (Socket socket = new Socket("127.0.0.1", simulator.port())) {
                assertThat(socket.isConnected()).isTrue();
            }
        }

        @Test
        void finds_the_simulator_as_if_new() {
            assertThat(simulator.requests()).isEmpty();
        }
    }

    @ExtendWith(KimiSimulatorExtension.class)
    static class LeavesAConnection {
        @Test
        void leaks(KimiSimulator simulator) throws IOException {
            send(simulator, "GET /v1/models HTTP/1.1\r\nHost: localhost\r\n\r\n");
        }
    }

    static class LeavesARequest {
        @RegisterExtension
        static final KimiSimulatorExtension LEAKS = new KimiSimulatorExtension(Duration.ofMillis(200));

        @Test
        void leaks(KimiSimulator simulator) throws IOException {
            LEAKS.track(new StubTransport()).state = PoolState.builder()
                    .active(0)
                    .idle(1)
                    .pending(0)
                    .max(1)
                    .exchanges(0)
                    .build();
            simulator.reply(Reply.text("never").stallBeforeHeaders());
            String body = "{\"model\":\"kimi-k3\",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}";
            send(
                    simulator,
                    "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer sk-test\r\n"
                            + "Content-Type: application/json\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
            assertThat(Eventually.holds(Duration.ofSeconds(10), () -> simulator.openRequests() == 1))
                    .isTrue();
        }
    }

    static class LeavesAnExchange {
        @RegisterExtension
        static final KimiSimulatorExtension LEAKS = new KimiSimulatorExtension(Duration.ofMillis(200));

        @Test
        void leaks(KimiSimulatorExtension leaks) {
            leaks.track(new StubTransport()).state = PoolState.builder()
                    .active(1)
                    .idle(0)
                    .pending(3)
                    .max(1)
                    .exchanges(2)
                    .build();
        }
    }

    static class LeavesATimeout {
        @RegisterExtension
        static final KimiSimulatorExtension LEAKS = new KimiSimulatorExtension(Duration.ofMillis(200));

        @Test
        void leaks() {
            LEAKS.track(new VirtualTime()).schedule(1, () -> {});
        }
    }

    static class LeavesACall {
        @RegisterExtension
        static final KimiSimulatorExtension LEAKS = new KimiSimulatorExtension(Duration.ofMillis(200));

        @Test
        void leaks() {
            LEAKS.track(silentClient()).chatAsync(ChatRequest.of("Hi"));
        }
    }

    static class DropsAStream {
        @RegisterExtension
        static final KimiSimulatorExtension LEAKS = new KimiSimulatorExtension(Duration.ofMillis(200));

        @Test
        void leaks() {
            KimiClient client = LEAKS.track(silentClient());
            client.stream(ChatRequest.of("Hi"));
            assertThat(Eventually.holds(Duration.ofSeconds(30), () -> {
                        System.gc();
                        return client.diagnostics().leakedStreams() == 1;
                    }))
                    .isTrue();
        }
    }

    private static KimiClient silentClient() {
        return new StubTransport().client();
    }
}
