package dev.kimi.transport.vertx;

import static dev.kimi.transport.vertx.Probe.get;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.test.KimiSimulator;
import dev.kimi.time.VirtualTime;
import dev.kimi.transport.Exchange;
import dev.kimi.transport.TransportFailure;
import dev.kimi.transport.TransportFailure.Kind;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import io.vertx.core.Future;
import io.vertx.core.VertxException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class ConnectingTest {

    private static final Route ROUTE = new Route(new Origin(true, "service.test", 443), null);

    @ParameterizedTest
    @ValueSource(strings = {"http1", "h2"})
    void tries_the_next_address_when_one_refuses_the_connection(String http) throws IOException {
        try (KimiSimulator service = KimiSimulator.start();
                VertxFixture fixture = named(service.port(), http, "127.0.0.2", "127.0.0.1")) {
            assertThat(get(fixture.whole().end)).isNull();
        }
    }

    @Test
    void tries_the_next_address_beside_one_that_does_not_respond() throws IOException {
        try (KimiSimulator service = KimiSimulator.start();
                Unresponsive dead = new Unresponsive("127.0.0.3", service.port());
                VertxFixture fixture = named(service.port(), "http1", "127.0.0.3", "127.0.0.1")) {
            assertThat(get(fixture.whole().end)).isNull();
            // the dead address comes last from now on
            service.disconnectAll();
            fixture.await(pool -> pool.idle() == 0);
            assertThat(get(fixture.whole().end)).isNull();
            assertThat(dead.address()).isEqualTo("127.0.0.3");
        }
    }

    @Test
    void fails_when_no_address_can_be_reached() throws IOException {
        try (VertxFixture fixture = named(1, "http1", "127.0.0.2", "127.0.0.4")) {
            TransportFailure failure = get(fixture.whole().failure);

            assertThat(failure.kind()).isEqualTo(Kind.CONNECT);
            assertThat(failure.unprocessed()).isTrue();
        }
    }

    @Test
    void fails_when_the_name_is_not_known() {
        Resolver nothing = (host, family, loop) -> Future.failedFuture(new UnknownHostException(host));
        try (VertxFixture fixture = new VertxFixture("http://nowhere.test", builder -> builder, nothing)) {
            TransportFailure failure = get(fixture.whole().failure);

            assertThat(failure.kind()).isEqualTo(Kind.UNKNOWN_HOST);
            assertThat(failure.unprocessed()).isTrue();
            assertThat(failure.cause()).isInstanceOf(UnknownHostException.class);
        }
    }

    @Test
    void times_out_on_an_address_that_does_not_respond() throws IOException {
        try (Unresponsive dead = new Unresponsive("127.0.0.1", 0);
                VertxFixture fixture = new VertxFixture(
                        "http://127.0.0.1:" + dead.port(),
                        builder -> builder.timeouts(VertxFixture.connectIn(Duration.ofMillis(100))))) {
            TransportFailure failure = get(fixture.whole().failure);

            assertThat(failure.kind()).isEqualTo(Kind.CONNECT_TIMEOUT);
            assertThat(failure.unprocessed()).isTrue();
        }
    }

    @Test
    void times_out_on_a_server_that_does_not_finish_the_handshake() throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 10, InetAddress.getByName("127.0.0.1"));
                VertxFixture fixture = new VertxFixture(
                        "https://127.0.0.1:" + silent.getLocalPort(),
                        builder -> builder.timeouts(VertxFixture.connectIn(Duration.ofMillis(200))))) {
            assertThat(get(fixture.whole().failure).kind()).isEqualTo(Kind.CONNECT_TIMEOUT);
        }
    }

    @Test
    void times_out_on_a_server_that_sends_no_http2_settings() throws IOException {
        VirtualTime clock = new VirtualTime();
        try (SilentServer silent = new SilentServer();
                VertxFixture fixture = VertxFixture.connectingIn(
                        Duration.ofSeconds(5), clock, "http://127.0.0.1:" + silent.port(), "h2")) {
            Probe probe = fixture.whole();
            Socket socket = silent.accept();

            clock.advance(Duration.ofSeconds(5));

            assertThat(get(probe.failure).kind()).isEqualTo(Kind.CONNECT_TIMEOUT);
            SilentServer.awaitEnd(socket);
        }
    }

    @Test
    void closes_the_connection_that_was_slower() throws IOException {
        try (KimiSimulator service = KimiSimulator.start();
                SilentServer slow = new SilentServer("127.0.0.3", service.port());
                VertxFixture fixture = named(service.port(), "h2", "127.0.0.3", "127.0.0.1")) {
            Probe probe = fixture.whole();
            Socket socket = slow.accept();

            assertThat(get(probe.end)).isNull();
            SilentServer.awaitEnd(socket);
        }
    }

    @Test
    void closes_the_connection_that_was_slower_when_nobody_waits_any_more() throws IOException {
        try (KimiSimulator service = KimiSimulator.start();
                SilentServer slow = new SilentServer("127.0.0.3", service.port());
                VertxFixture fixture = named(service.port(), "h2", "127.0.0.3", "127.0.0.1")) {
            Exchange exchange = fixture.send(new Probe(), VertxFixture.WHOLE);
            Socket socket = slow.accept();

            exchange.abort();

            fixture.await(pool -> pool.idle() == 1);
            SilentServer.awaitEnd(socket);
            assertThat(service.requests()).isEmpty();
        }
    }

    @Test
    void closes_all_that_it_tries_when_the_client_closes() throws IOException {
        try (SilentServer first = new SilentServer("127.0.0.1", 0);
                SilentServer second = new SilentServer("127.0.0.3", first.port());
                VertxFixture fixture = named(first.port(), "h2", "127.0.0.1", "127.0.0.3")) {
            Probe probe = fixture.whole();
            Socket one = first.accept();
            Socket other = second.accept();

            fixture.transport.close();

            assertThat(get(probe.failure).kind()).isEqualTo(Kind.CLOSED);
            SilentServer.awaitEnd(one);
            SilentServer.awaitEnd(other);
        }
    }

    @Test
    void a_handshake_that_times_out_in_the_tls_engine_is_late_and_not_wrong() {
        Throwable late = new VertxException(new SslHandshakeTimeoutException("handshake timed out"));
        assertThat(TransportFailures.connecting(late, ROUTE).kind()).isEqualTo(Kind.CONNECT_TIMEOUT);
    }

    @ParameterizedTest
    @CsvSource({"auto, HTTP/2", "http1, HTTP/1.1", "h2, HTTP/2"})
    void speaks_tls_with_a_trusted_server(String http, String protocol, @TempDir Path folder) throws IOException {
        try (KimiSimulator service = KimiSimulator.builder().tls().start();
                VertxFixture fixture =
                        VertxFixture.of(service.baseUrl(), http, "trust-certificates", pem(service, folder))) {
            assertThat(get(fixture.whole().end)).isNull();
            assertThat(get(service.awaitRequests(1)).get(0).protocol()).isEqualTo(protocol);
        }
    }

    @Test
    void opens_one_connection_for_all_that_wait_until_the_protocol_is_known(@TempDir Path folder) throws IOException {
        try (KimiSimulator service = KimiSimulator.builder().tls().start();
                VertxFixture fixture =
                        VertxFixture.of(service.baseUrl(), "auto", "trust-certificates", pem(service, folder))) {
            List<Probe> probes = new ArrayList<>();
            for (int i = 0; i < 80; i++) {
                probes.add(fixture.whole());
            }

            probes.forEach(probe -> assertThat(get(probe.end)).isNull());
            assertThat(service.connectionsAccepted()).isEqualTo(1);
        }
    }

    @Test
    void rejects_a_certificate_that_is_not_trusted() {
        try (KimiSimulator service = KimiSimulator.builder().tls().start();
                VertxFixture fixture = VertxFixture.of(service.baseUrl(), "auto")) {
            TransportFailure failure = get(fixture.whole().failure);

            assertThat(failure.kind()).isEqualTo(Kind.CERTIFICATE);
            assertThat(failure.unprocessed()).isTrue();
            assertThat(failure.cause()).rootCause().asString().contains("SunCertPathBuilderException");
            assertThat(service.requests()).isEmpty();
        }
    }

    @Test
    void rejects_a_certificate_for_another_name(@TempDir Path folder) throws IOException {
        try (KimiSimulator service = KimiSimulator.builder().tls().start()) {
            String pem = pem(service, folder);
            try (VertxFixture fixture = new VertxFixture(
                    "https://other.test:" + service.port(),
                    builder -> builder.set("trust-certificates", pem),
                    resolver("127.0.0.1"))) {
                TransportFailure failure = get(fixture.whole().failure);

                assertThat(failure.kind()).isEqualTo(Kind.CERTIFICATE);
                assertThat(failure.cause()).rootCause().asString().contains(CertificateException.class.getName());
                assertThat(failure.detail()).contains("other.test:" + service.port(), "is for another host");
            }
        }
    }

    @Test
    void an_expired_certificate_is_a_wrong_setting_and_so_is_one_of_ours_that_is_rejected() {
        Throwable expired = new SSLHandshakeException("(certificate_unknown) PKIX path validation failed");
        expired.initCause(new CertPathValidatorException("validity check failed", new CertificateExpiredException()));
        Throwable refused = new SSLHandshakeException("Received fatal alert: bad_certificate");

        assertThat(TransportFailures.connecting(expired, ROUTE).kind()).isEqualTo(Kind.CERTIFICATE);
        assertThat(TransportFailures.connecting(expired, ROUTE).detail())
                .startsWith("The TLS certificate of service.test:443 has expired");
        assertThat(TransportFailures.connecting(refused, ROUTE).kind()).isEqualTo(Kind.TLS_MISMATCH);
    }

    @Test
    void rejects_clear_text_where_tls_was_wanted() {
        try (KimiSimulator service = KimiSimulator.start();
                VertxFixture fixture = VertxFixture.of(service.baseUrl().replace("http:", "https:"), "auto")) {
            TransportFailure failure = get(fixture.whole().failure);

            assertThat(failure.kind()).isEqualTo(Kind.TLS_MISMATCH);
            assertThat(failure.detail()).contains("Check scheme and port");
        }
    }

    @Test
    void rejects_an_origin_that_is_none() {
        try (VertxFixture fixture = VertxFixture.of("ftp://127.0.0.1", "auto")) {
            assertThat(get(fixture.whole().failure).kind()).isEqualTo(Kind.CONNECT);
        }
    }

    private static VertxFixture named(int port, String http, String... addresses) throws IOException {
        return new VertxFixture(
                "http://service.test:" + port, builder -> builder.set("http", http), resolver(addresses));
    }

    private static Resolver resolver(String... addresses) throws IOException {
        List<InetAddress> all = new ArrayList<>();
        for (String address : addresses) {
            all.add(InetAddress.getByName(address));
        }
        return (host, family, loop) -> LoopWatch.found(all, family);
    }

    private static String pem(KimiSimulator service, Path folder) throws IOException {
        return Files.writeString(folder.resolve("trusted.pem"), service.certificatePem())
                .toString();
    }

    /** A port whose queue of connections is full, so that the system drops further attempts without a word. */
    private static final class Unresponsive implements AutoCloseable {
        private final ServerSocket listener;
        private final List<Socket> queued = new ArrayList<>();

        Unresponsive(String address, int port) throws IOException {
            listener = new ServerSocket(port, 1, InetAddress.getByName(address));
            boolean connected = true;
            while (connected) {
                Socket socket = new Socket();
                queued.add(socket);
                try {
                    socket.connect(listener.getLocalSocketAddress(), 300);
                } catch (SocketTimeoutException full) {
                    connected = false;
                }
            }
        }

        int port() {
            return listener.getLocalPort();
        }

        String address() {
            return ((InetSocketAddress) listener.getLocalSocketAddress())
                    .getAddress()
                    .getHostAddress();
        }

        @Override
        public void close() throws IOException {
            for (Socket socket : queued) {
                socket.close();
            }
            listener.close();
        }
    }
}
