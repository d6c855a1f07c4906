package dev.kimi.transport.vertx;

import static dev.kimi.transport.vertx.Probe.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.kimi.error.ConfigurationException;
import dev.kimi.spi.ProviderSettings;
import dev.kimi.spi.TlsMaterial;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.Reply;
import dev.kimi.test.support.TestCertificate;
import dev.kimi.time.VirtualTime;
import dev.kimi.transport.TransportFailure;
import dev.kimi.transport.TransportFailure.Kind;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class TlsMaterialTest {

    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    private static final TestCertificate SERVER = TestCertificate.create("127.0.0.1");
    private static final TestCertificate FIRST = TestCertificate.create("127.0.0.2");
    private static final TestCertificate SECOND = TestCertificate.create("127.0.0.3");

    private final AtomicReference<TlsMaterial> material = new AtomicReference<>();
    /** The client certificates that the server has seen, one for each handshake. */
    private final BlockingQueue<X509Certificate> shown = new LinkedBlockingQueue<>();

    @Test
    void a_client_certificate_is_shown_and_replaced_without_a_restart() throws Exception {
        material.set(material(FIRST));
        try (RawHttp1Server server = server();
                VertxFixture fixture = fixture(server.url())) {
            assertThat(get(fixture.whole().end)).isNull();
            assertThat(get(fixture.whole().end)).isNull();
            X509Certificate first = shown.poll(30, TimeUnit.SECONDS);
            assertThat(shown).as("one connection for both").isEmpty();

            material.set(material(SECOND));

            assertThat(get(fixture.whole().end)).isNull();
            assertThat(shown.poll(30, TimeUnit.SECONDS)).isNotNull().isNotEqualTo(first);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void a_missing_client_certificate_is_named_and_not_tried_again(String protocol) throws Exception {
        material.set(trusting(SERVER).only(List.of(protocol), List.of()));
        try (RawHttp1Server server = server();
                VertxFixture fixture = fixture(server.url())) {
            TransportFailure failure = get(fixture.whole().failure);

            assertThat(failure.kind()).isEqualTo(Kind.TLS_MISMATCH);
            assertThat(failure.permanent()).isTrue();
            assertThat(failure.unprocessed()).isTrue();
            assertThat(failure.detail()).contains("client certificate", "kimi.transport.ssl-bundle");
        }
    }

    @Test
    void a_client_certificate_that_the_server_does_not_trust_is_named() throws Exception {
        material.set(material(TestCertificate.create("127.0.0.4")));
        try (RawHttp1Server server = server();
                VertxFixture fixture = fixture(server.url())) {
            TransportFailure failure = get(fixture.whole().failure);

            assertThat(failure.kind()).isEqualTo(Kind.TLS_MISMATCH);
            assertThat(failure.detail()).contains("client certificate");
        }
    }

    @Test
    void protocols_that_the_server_does_not_speak_are_named() throws Exception {
        material.set(trusting(SERVER).only(List.of("TLSv1.3"), List.of()));
        RawHttp1Server.Talk old = socket -> {
            try {
                SSLSocket secured = TlsPeer.accept(socket, SERVER, List.of());
                secured.setEnabledProtocols(new String[] {"TLSv1.2"});
                secured.startHandshake();
            } catch (GeneralSecurityException e) {
                throw new IOException(e);
            }
        };
        try (RawHttp1Server server = new RawHttp1Server(old);
                VertxFixture fixture = fixture(server.url())) {
            TransportFailure failure = get(fixture.whole().failure);

            assertThat(failure.kind()).isEqualTo(Kind.TLS_MISMATCH);
            assertThat(failure.detail()).contains("no protocol or cipher suite in common");
        }
    }

    @Test
    void a_stream_of_the_old_material_ends_well_beside_calls_of_the_new() throws Exception {
        try (KimiSimulator service = KimiSimulator.builder().tls().start()) {
            TestCertificate trusted = new TestCertificate(service.certificatePem(), new byte[0]);
            material.set(trusting(trusted));
            try (VertxFixture fixture = fixture(service.baseUrl())) {
                CompletableFuture<Void> rest = new CompletableFuture<>();
                service.reply(Reply.text("one two three").holdAfterEvents(1, rest));
                Probe held = fixture.stream();
                get(held.status);

                material.set(trusting(trusted));

                assertThat(get(fixture.whole().end)).isNull();
                assertThat(service.connectionsAccepted()).isEqualTo(2);
                rest.complete(null);
                assertThat(get(held.end)).isNull();
                fixture.await(pool -> pool.idle() + pool.active() == 1);
            }
        }
    }

    @Test
    void a_service_that_is_trusted_no_longer_gets_nothing_from_then_on() throws Exception {
        try (KimiSimulator service = KimiSimulator.builder().tls().start()) {
            material.set(trusting(new TestCertificate(service.certificatePem(), new byte[0])));
            try (VertxFixture fixture = fixture(service.baseUrl())) {
                assertThat(get(fixture.whole().end)).isNull();

                material.set(trusting(FIRST));

                TransportFailure failure = get(fixture.whole().failure);
                assertThat(failure.kind()).isEqualTo(Kind.CERTIFICATE);
                assertThat(failure.detail()).contains("127.0.0.1:" + service.port(), "is not trusted");
                assertThat(service.requests()).hasSize(1);
            }
        }
    }

    @Test
    void a_source_that_breaks_leaves_the_material_as_it_was() throws Exception {
        try (KimiSimulator service = KimiSimulator.builder().tls().start()) {
            material.set(trusting(new TestCertificate(service.certificatePem(), new byte[0])));
            AtomicReference<@Nullable RuntimeException> broken = new AtomicReference<>();
            try (VertxFixture fixture = new VertxFixture(
                    service.baseUrl(),
                    builder -> builder.tls(() -> {
                        RuntimeException thrown = broken.get();
                        if (thrown != null) {
                            throw thrown;
                        }
                        return material.get();
                    }))) {
                broken.set(new IllegalStateException("no file"));
                assertThat(get(fixture.whole().end)).isNull();
            }
        }
    }

    @Test
    void a_connection_that_is_being_opened_begins_anew_with_the_new_material() throws Exception {
        material.set(trusting(SERVER));
        BlockingQueue<Boolean> arrived = new LinkedBlockingQueue<>();
        AtomicReference<@Nullable Boolean> serving = new AtomicReference<>();
        RawHttp1Server.Talk talk = socket -> {
            arrived.add(true);
            if (serving.get() == null) {
                socket.getInputStream().transferTo(OutputStream.nullOutputStream());
                return;
            }
            try (Socket secured = TlsPeer.accept(socket, SERVER)) {
                RawHttp1Server.readRequest(secured.getInputStream());
                secured.getOutputStream().write(OK.getBytes(StandardCharsets.US_ASCII));
                RawHttp1Server.readRequest(secured.getInputStream());
                secured.getOutputStream().write(OK.getBytes(StandardCharsets.US_ASCII));
            } catch (GeneralSecurityException e) {
                throw new IOException(e);
            }
        };
        try (RawHttp1Server server = new RawHttp1Server(talk);
                VertxFixture fixture = fixture(server.url())) {
            Probe waiting = fixture.whole();
            arrived.poll(30, TimeUnit.SECONDS);

            serving.set(true);
            material.set(trusting(SERVER));
            Probe next = fixture.whole();

            assertThat(get(next.end)).isNull();
            assertThat(get(waiting.end)).isNull();
        }
    }

    @Test
    void material_and_trusted_certificates_contradict_each_other() throws Exception {
        TlsMaterial some = trusting(SERVER);
        ProviderSettings both = ProviderSettings.builder("kimi.transport", new VirtualTime())
                .tls(() -> some)
                .set("trust-certificates", "trusted.pem")
                .build();

        assertThat(catchThrowableOfType(ConfigurationException.class, () -> VertxSettings.of(both))
                        .getMessage())
                .contains("kimi.transport.trust-certificates");
    }

    /** Requires one of the two client certificates, and responds to each request. */
    private RawHttp1Server server() throws IOException {
        return new RawHttp1Server(socket -> {
            try (SSLSocket secured = TlsPeer.accept(socket, SERVER, List.of(FIRST, SECOND))) {
                secured.startHandshake();
                shown.add((X509Certificate) secured.getSession().getPeerCertificates()[0]);
                for (int i = 0; i < 10; i++) {
                    RawHttp1Server.readRequest(secured.getInputStream());
                    secured.getOutputStream().write(OK.getBytes(StandardCharsets.US_ASCII));
                }
            } catch (GeneralSecurityException e) {
                throw new IOException(e);
            }
        });
    }

    private VertxFixture fixture(String url) {
        return new VertxFixture(url.replace("http:", "https:"), builder -> builder.tls(material::get));
    }

    private static TlsMaterial trusting(TestCertificate server) throws Exception {
        return TlsMaterial.of(null, TlsPeer.trust(List.of(server)));
    }

    private static TlsMaterial material(TestCertificate client) throws Exception {
        return TlsMaterial.of(TlsPeer.keys(client), TlsPeer.trust(List.of(SERVER)));
    }
}
