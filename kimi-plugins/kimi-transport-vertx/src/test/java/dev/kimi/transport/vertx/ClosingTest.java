package dev.kimi.transport.vertx;

import static dev.kimi.transport.vertx.Probe.get;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.test.KimiSimulator;
import dev.kimi.test.Reply;
import dev.kimi.transport.Headers;
import dev.kimi.transport.TransportFailure.Kind;
import java.io.IOException;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A transport that is closed leaves no socket, no thread and nobody unnotified. */
@Timeout(60)
class ClosingTest {

    private final LoopWatch watch = new LoopWatch("127.0.0.1");

    ClosingTest() throws IOException {}

    private VertxFixture fixture(String scheme, int port, String http) {
        return new VertxFixture(scheme + "://service.test:" + port, builder -> builder.set("http", http), watch);
    }

    @Test
    void closes_what_is_in_a_handshake() throws IOException {
        try (SilentServer server = new SilentServer();
                VertxFixture fixture = fixture("https", server.port(), "auto")) {
            Probe probe = fixture.whole();
            Socket socket = server.accept();
            watch.beBusyWhenShutDown();

            fixture.transport.close();

            assertThat(get(probe.failure).kind()).isEqualTo(Kind.CLOSED);
            SilentServer.awaitEnd(socket);
            watch.awaitEnd();
            assertThat(fixture.pool()).matches(VertxFixture::isEmpty);
        }
    }

    @Test
    void opens_nothing_once_it_is_closed() throws IOException {
        try (SilentServer server = new SilentServer();
                VertxFixture fixture = new VertxFixture(
                        "https://service.test:" + server.port(), builder -> builder, watch.holdingTheWorker())) {
            Probe probe = fixture.whole();
            watch.awaitTurn();

            fixture.transport.close();

            assertThat(get(probe.failure).kind()).isEqualTo(Kind.CLOSED);
            watch.beBusyWhenShutDown();
            watch.letTheWorkerGoOn();
            watch.awaitEnd();
            server.expectNoneOpen();
            assertThat(fixture.pool()).matches(VertxFixture::isEmpty);
        }
    }

    @Test
    void closes_what_waits_for_http2_settings() throws IOException {
        try (SilentServer server = new SilentServer();
                VertxFixture fixture = fixture("http", server.port(), "h2")) {
            Probe probe = fixture.whole();
            Socket socket = server.accept();
            watch.beBusyWhenShutDown();

            fixture.transport.close();

            assertThat(get(probe.failure).kind()).isEqualTo(Kind.CLOSED);
            SilentServer.awaitEnd(socket);
            watch.awaitEnd();
            assertThat(fixture.pool()).matches(VertxFixture::isEmpty);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"http1", "h2"})
    void can_be_closed_by_a_handler(String http) {
        try (KimiSimulator service = KimiSimulator.start();
                VertxFixture fixture = fixture("http", service.port(), http)) {
            service.reply(Reply.text("on and on").stallAfterEvents(1));
            CompletableFuture<Thread> closer = new CompletableFuture<>();
            Probe probe = new Probe() {
                @Override
                public void onHeaders(int code, Headers received) {
                    super.onHeaders(code, received);
                    fixture.transport.close();
                    fixture.transport.close();
                    closer.complete(Thread.currentThread());
                }
            };

            fixture.send(probe, VertxFixture.STREAMED);

            assertThat(get(closer)).isNotSameAs(Thread.currentThread());
            assertThat(get(probe.failure).kind()).isEqualTo(Kind.CLOSED);
            assertThat(get(service.awaitAborted(1))).hasSize(1);
            watch.awaitEnd();
            assertThat(fixture.pool()).matches(VertxFixture::isEmpty);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"http1", "h2"})
    void notifies_everybody_when_two_close_and_others_send(String http) throws Exception {
        try (KimiSimulator service = KimiSimulator.start();
                VertxFixture fixture = fixture("http", service.port(), http)) {
            service.otherwise(Reply.text("on and on").stallAfterEvents(1));
            Probe first = fixture.stream();
            get(first.status);
            CyclicBarrier together = new CyclicBarrier(4);
            List<CompletableFuture<List<Probe>>> threads = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                boolean closes = i < 2;
                threads.add(CompletableFuture.supplyAsync(() -> {
                    List<Probe> sent = new ArrayList<>();
                    meet(together);
                    for (int n = 0; n < 20 && !closes; n++) {
                        sent.add(fixture.stream());
                    }
                    fixture.transport.close();
                    return sent;
                }));
            }

            assertThat(get(first.end).kind()).isEqualTo(Kind.CLOSED);
            for (CompletableFuture<List<Probe>> thread : threads) {
                get(thread).forEach(probe -> assertThat(get(probe.end).kind()).isEqualTo(Kind.CLOSED));
            }
            watch.awaitEnd();
            assertThat(fixture.pool()).matches(VertxFixture::isEmpty);
        }
    }

    private static void meet(CyclicBarrier barrier) {
        try {
            barrier.await();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
