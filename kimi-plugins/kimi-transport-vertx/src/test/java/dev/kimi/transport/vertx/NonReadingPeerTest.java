package dev.kimi.transport.vertx;

import static dev.kimi.transport.vertx.Probe.get;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.test.support.TestCertificate;
import dev.kimi.time.VirtualTime;
import dev.kimi.transport.Exchange;
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

    private final LoopWatch watch = new LoopWatch("127.0.0.1");
    private final VirtualTime clock = new VirtualTime();

    NonReadingPeerTest() throws IOException {}

    private VertxFixture fixture(NonReadingPeer peer) {
        return new VertxFixture(
                "http://service.test:" + peer.port(),
                builder -> builder.set("http", "h2").time(clock).set("idle-timeout", "80ms"),
                watch);
    }

    @Test
    void closing_does_not_wait_for_a_request_that_cannot_be_written() throws IOException {
        try (NonReadingPeer peer = new NonReadingPeer(100);
                VertxFixture fixture = fixture(peer)) {
            Probe probe = new Probe();
            fixture.send(probe, NonReadingPeer.BODY);
            peer.awaitStuck(watch);

            fixture.transport.close();

            assertThat(get(probe.failure).kind()).isEqualTo(Kind.CLOSED);
            assertClosed(peer, fixture);
        }
    }

    @Test
    void closing_does_not_wait_on_a_connection_that_carries_nothing() throws IOException {
        try (NonReadingPeer peer = new NonReadingPeer(100);
                VertxFixture fixture = fixture(peer)) {
            becomeIdle(peer, fixture);

            fixture.transport.close();

            assertClosed(peer, fixture);
        }
    }

    @Test
    void a_connection_that_is_idle_for_too_long_is_closed_at_once() throws IOException {
        try (NonReadingPeer peer = new NonReadingPeer(100);
                VertxFixture fixture = fixture(peer)) {
            becomeIdle(peer, fixture);

            clock.advance(Duration.ofMillis(81));

            fixture.await(pool -> pool.idle() == 0);
            peer.awaitSocketClosed();
        }
    }

    @Test
    void a_connection_on_which_a_reset_cannot_be_written_is_retired() throws IOException {
        try (NonReadingPeer peer = new NonReadingPeer(1);
                VertxFixture fixture = fixture(peer)) {
            Exchange exchange = fixture.send(new Probe(), NonReadingPeer.BODY);
            peer.awaitStuck(watch);

            exchange.abort();

            fixture.await(VertxFixture::isEmpty);
            peer.awaitSocketClosed();
        }
    }

    @Test
    void a_request_is_not_put_where_a_reset_cannot_be_written() throws IOException {
        try (NonReadingPeer peer = new NonReadingPeer(1);
                VertxFixture fixture = fixture(peer)) {
            Exchange exchange = fixture.send(new Probe(), NonReadingPeer.BODY);
            peer.awaitStuck(watch);

            exchange.abort();
            Probe next = fixture.whole();

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
                VertxFixture fixture = new VertxFixture(
                        "https://localhost:" + listener.getLocalPort(),
                        builder -> builder.set("http", "http1").set("trust-certificates", trusted),
                        watch)) {
            Exchange exchange = fixture.send(new Probe(), NonReadingPeer.BODY);
            try (Socket plain = listener.accept();
                    Socket secured = TlsPeer.accept(plain, certificate)) {
                assertThat((char) secured.getInputStream().read()).isEqualTo('P');
                NonReadingPeer.awaitNoMore(plain.getInputStream(), watch);

                exchange.abort();

                fixture.await(VertxFixture::isEmpty);
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

    private void becomeIdle(NonReadingPeer peer, VertxFixture fixture) throws IOException {
        Probe probe = new Probe();
        fixture.send(probe, NonReadingPeer.BODY);
        peer.awaitStuck(watch);
        peer.reset();
        assertThat(get(probe.failure).kind()).isEqualTo(Kind.RESET);
        fixture.await(pool -> pool.exchanges() == 0 && pool.idle() == 1);
    }

    private void assertClosed(NonReadingPeer peer, VertxFixture fixture) {
        watch.awaitEnd();
        peer.awaitSocketClosed();
        assertThat(fixture.pool()).matches(VertxFixture::isEmpty);
    }
}
