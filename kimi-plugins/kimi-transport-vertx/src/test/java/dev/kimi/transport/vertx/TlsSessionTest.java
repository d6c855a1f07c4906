package dev.kimi.transport.vertx;

import static dev.kimi.transport.vertx.Probe.get;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.spi.TlsMaterial;
import dev.kimi.test.support.TestCertificate;
import io.netty.handler.ssl.util.SimpleTrustManagerFactory;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.ManagerFactoryParameters;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A server shows its certificate in whole handshakes only. */
@Timeout(60)
class TlsSessionTest {

    private final AtomicInteger wholeHandshakes = new AtomicInteger();
    private final AtomicInteger connections = new AtomicInteger();

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void further_connections_to_an_origin_resume_the_session(String version) throws Exception {
        TestCertificate certificate = TestCertificate.create("127.0.0.1");
        X509ExtendedTrustManager trust =
                (X509ExtendedTrustManager) TlsPeer.trust(List.of(certificate)).getTrustManagers()[0];
        TlsMaterial material = TlsMaterial.of(null, new Counting(trust, wholeHandshakes));
        try (SSLServerSocket listener = listen(certificate, version);
                VertxFixture fixture = new VertxFixture(
                        "https://127.0.0.1:" + listener.getLocalPort(), builder -> builder.tls(() -> material))) {
            for (int call = 1; call <= 4; call++) {
                assertThat(get(fixture.whole().end)).isNull();
                fixture.await(pool -> pool.idle() == 0);
                assertThat(connections).hasValue(call);
            }

            assertThat(wholeHandshakes).hasValue(1);
        }
    }

    private SSLServerSocket listen(TestCertificate certificate, String version) throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(TlsPeer.keys(certificate).getKeyManagers(), null, null);
        SSLServerSocket listener = (SSLServerSocket)
                context.getServerSocketFactory().createServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
        listener.setEnabledProtocols(new String[] {version});
        Thread thread = new Thread(() -> serve(listener));
        thread.setDaemon(true);
        thread.start();
        return listener;
    }

    /** Ends each connection with its response, so that the next exchange needs another. */
    private void serve(SSLServerSocket listener) {
        while (!listener.isClosed()) {
            try (Socket socket = listener.accept()) {
                connections.incrementAndGet();
                RawHttp1Server.readRequest(socket.getInputStream());
                socket.getOutputStream()
                        .write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                                .getBytes(StandardCharsets.US_ASCII));
            } catch (IOException closed) {
                // the test is over
            }
        }
    }

    /** Counts how often a certificate is looked at. */
    private static final class Counting extends SimpleTrustManagerFactory {
        private final X509ExtendedTrustManager trust;
        private final AtomicInteger looks;

        private Counting(X509ExtendedTrustManager trust, AtomicInteger looks) {
            this.trust = trust;
            this.looks = looks;
        }

        @Override
        protected void engineInit(KeyStore store) {}

        @Override
        protected void engineInit(ManagerFactoryParameters parameters) {}

        @Override
        protected TrustManager[] engineGetTrustManagers() {
            return new TrustManager[] {
                new X509ExtendedTrustManager() {
                    @Override
                    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
                            throws CertificateException {
                        looks.incrementAndGet();
                        trust.checkServerTrusted(chain, type, engine);
                    }

                    @Override
                    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
                            throws CertificateException {
                        trust.checkServerTrusted(chain, type, socket);
                    }

                    @Override
                    public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
                        trust.checkServerTrusted(chain, type);
                    }

                    @Override
                    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
                            throws CertificateException {
                        trust.checkClientTrusted(chain, type, engine);
                    }

                    @Override
                    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
                            throws CertificateException {
                        trust.checkClientTrusted(chain, type, socket);
                    }

                    @Override
                    public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
                        trust.checkClientTrusted(chain, type);
                    }

                    @Override
                    public X509Certificate[] getAcceptedIssuers() {
                        return trust.getAcceptedIssuers();
                    }
                }
            };
        }
    }
}
