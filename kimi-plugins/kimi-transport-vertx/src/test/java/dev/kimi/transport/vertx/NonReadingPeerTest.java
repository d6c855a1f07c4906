package dev.kimi.transport.vertx;

import static dev.kimi.transport.vertx.Probe.get;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.test.support.TestCertificate;
import dev.kimi.time.VirtualTime;
import dev.kimi.transport.Exchange;
import dev.kimi.transport.PoolState;
import dev.kimi.transport.TransportFailure.Kind;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A connection of HTTP/2 whose peer reads no more is closed without a GOAWAY that would never be written. */
@Timeout(60)
class NonReadingPeerTest {

    private static final PoolState NOTHING = PoolState.builder()
            .active(0)
            .idle(0)
            .pending(0)
            .max(100)
            .exchanges(0)
            .build();

    private final LoopWatch watch = new LoopWatch("127.0.0.1");
    private final VirtualTime clock = new VirtualTime();

    NonReadingPeerTest() throws IOException {}

    private Rig rig(NonReadingPeer peer) {
        return new Rig(
                "http://service.test:" + peer.port(),
                builder -> builder.set("http", "h2").time(clock).set("idle-timeout", "80ms"),
                watch);
    }

    @Test
    void closing_does_not_wait_for_a_request_that_cannot_be_written() throws IOException {
        try (NonReadingPeer peer = new NonReadingPeer(100);
                Rig rig = rig(peer)) {
            Probe probe = new Probe();
            rig.send(probe, NonReadingPeer.BODY);
            peer.awaitStuck(watch);

            rig.transport.close();

            assertThat(get(probe.failure).kind()).isEqualTo(Kind.CLOSED);
            assertClosed(peer, rig);
        }
    }

    @Test
    void closing_does_not_wait_on_a_connection_that_carries_nothing() throws IOException {
        try (NonReadingPeer peer = new NonReadingPeer(100);
                Rig rig = rig(peer)) {
            becomeIdle(peer, rig);

            rig.transport.close();

            assertClosed(peer, rig);
        }
    }

    @Test
    void a_connection_that_is_idle_for_too_long_is_closed_at_once() throws IOException {
        try (NonReadingPeer peer = new NonReadingPeer(100);
                Rig rig = rig(peer)) {
            becomeIdle(peer, rig);

            clock.advance(Duration.ofMillis(81));

            rig.await(pool -> pool.idle() == 0);
            peer.awaitSocketClosed();
        }
    }

    @Test
    void a_connection_on_which_a_reset_cannot_be_written_is_retired() throws IOException {
        try (NonReadingPeer peer = new NonReadingPeer(1);
                Rig rig = rig(peer)) {
            Exchange exchange = rig.send(new Probe(), NonReadingPeer.BODY);
            peer.awaitStuck(watch);

            exchange.abort();

            rig.await(NOTHING::equals);
            peer.awaitSocketClosed();
        }
    }

    @Test
    void a_request_is_not_put_where_a_reset_cannot_be_written() throws IOException {
        try (NonReadingPeer peer = new NonReadingPeer(1);
                Rig rig = rig(peer)) {
            Exchange exchange = rig.send(new Probe(), NonReadingPeer.BODY);
            peer.awaitStuck(watch);

            exchange.abort();
            Probe next = rig.whole();

            peer.awaitSocketClosed();
            peer.readAgain();
            assertThat(get(next.status)).isEqualTo(200);
        }
    }

    @Test
    void cancelling_does_not_wait_for_the_close_notify_of_tls(@TempDir Path folder) throws Exception {
        List<LogRecord> late = new CopyOnWriteArrayList<>();
        Handler recorder = recorder(late);
        Logger tls = Logger.getLogger("io.netty.handler.ssl.SslHandler");
        tls.addHandler(recorder);
        TestCertificate certificate = TestCertificate.create("127.0.0.1");
        String trusted = Files.writeString(folder.resolve("trusted.pem"), certificate.certificate())
                .toString();
        try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"));
                Rig rig = new Rig(
                        "https://localhost:" + listener.getLocalPort(),
                        builder -> builder.set("http", "http1").set("trust-certificates", trusted),
                        watch)) {
            Exchange exchange = rig.send(new Probe(), NonReadingPeer.BODY);
            try (Socket plain = listener.accept();
                    Socket secured = TlsPeer.accept(plain, certificate)) {
                assertThat((char) secured.getInputStream().read()).isEqualTo('P');
                NonReadingPeer.awaitNoMore(plain.getInputStream(), watch);

                exchange.abort();

                rig.await(NOTHING::equals);
                NonReadingPeer.awaitSendFails(() -> plain.getOutputStream().write(0));
                assertThat(late).isEmpty();
            }
        } finally {
            tls.removeHandler(recorder);
        }
    }

    private static Handler recorder(List<LogRecord> records) {
        return new Handler() {
            @Override
            public void publish(LogRecord entry) {
                records.add(entry);
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
    }

    private void becomeIdle(NonReadingPeer peer, Rig rig) throws IOException {
        Probe probe = new Probe();
        rig.send(probe, NonReadingPeer.BODY);
        peer.awaitStuck(watch);
        peer.reset();
        assertThat(get(probe.failure).kind()).isEqualTo(Kind.RESET);
        rig.await(pool -> pool.exchanges() == 0 && pool.idle() == 1);
    }

    private void assertClosed(NonReadingPeer peer, Rig rig) {
        watch.awaitEnd();
        peer.awaitSocketClosed();
        assertThat(rig.pool()).isEqualTo(NOTHING);
    }
}
