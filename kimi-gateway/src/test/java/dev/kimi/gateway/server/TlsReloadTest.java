package dev.kimi.gateway.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.test.support.Eventually;
import dev.kimi.test.support.TestCertificate;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Base64;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Certificates that are renewed on disk while the server runs, with HTTP/2 on, which changes how TLS is set up. */
class TlsReloadTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @Test
    void a_renewed_certificate_is_shown_to_new_connections_and_open_streams_go_on(@TempDir Path folder)
            throws Exception {
        TestCertificate old = write(folder, TestCertificate.create("127.0.0.1"));
        try (SmallServer server = SmallServer.start(
                        "server.http2.enabled=true",
                        "server.ssl.bundle=gateway",
                        "spring.ssl.bundle.watch.file.quiet-period=50ms",
                        "spring.ssl.bundle.pem.gateway.reload-on-update=true",
                        "spring.ssl.bundle.pem.gateway.keystore.certificate=" + folder.resolve("tls.crt"),
                        "spring.ssl.bundle.pem.gateway.keystore.private-key=" + folder.resolve("tls.key"));
                SSLSocket before = connect(server.port());
                RawClient stream = RawClient.over(before)) {
            assertThat(shown(before)).isEqualTo(old.certificate());
            stream.send("GET /v1/ticks HTTP/1.1\r\nhost: a\r\n\r\n").readTo("first");

            TestCertificate renewed = write(folder, TestCertificate.create("127.0.0.2"));

            assertThat(Eventually.holds(PATIENCE, () -> shown(server.port()).equals(renewed.certificate())))
                    .isTrue();
            server.bean(SmallServer.Application.class)
                    .ticks
                    .tryEmitNext("after")
                    .orThrow();
            stream.readTo("after");
        }
    }

    private static TestCertificate write(Path folder, TestCertificate certificate) throws IOException {
        Files.write(folder.resolve("tls.key"), certificate.pkcs8());
        Files.writeString(folder.resolve("tls.crt"), certificate.certificate());
        return certificate;
    }

    private static String shown(int port) {
        try (SSLSocket socket = connect(port)) {
            return shown(socket);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static String shown(SSLSocket socket) throws Exception {
        byte[] der = socket.getSession().getPeerCertificates()[0].getEncoded();
        return "-----BEGIN CERTIFICATE-----\n"
                + Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII))
                        .encodeToString(der)
                + "\n-----END CERTIFICATE-----\n";
    }

    private static SSLSocket connect(int port) throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {new AnyCertificate()}, null);
        SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", port);
        socket.startHandshake();
        return socket;
    }

    /** What is tested is which certificate it is. */
    private static final class AnyCertificate implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
