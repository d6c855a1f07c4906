package dev.kimi.transport.vertx;

import static dev.kimi.transport.vertx.Probe.get;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.test.support.TestCertificate;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.X509KeyManager;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A server needs its key for whole handshakes only. */
@Timeout(60)
class TlsSessionTest {

    private final AtomicInteger wholeHandshakes = new AtomicInteger();
    private final AtomicInteger connections = new AtomicInteger();

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void further_connections_to_an_origin_resume_the_session(String version, @TempDir Path folder) throws Exception {
        TestCertificate certificate = TestCertificate.create("127.0.0.1");
        Path pem = Files.writeString(folder.resolve("trusted.pem"), certificate.certificate());
        try (SSLServerSocket listener = listen(certificate, version);
                VertxFixture fixture = VertxFixture.of(
                        "https://127.0.0.1:" + listener.getLocalPort(), "auto", "trust-certificates", pem.toString())) {
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
        context.init(
                new KeyManager[] {
                    new Counting((X509KeyManager) TlsPeer.keys(certificate).getKeyManagers()[0], wholeHandshakes)
                },
                null,
                null);
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

    /** Counts how often the private key is taken. */
    private record Counting(X509KeyManager keys, AtomicInteger taken) implements X509KeyManager {

        @Override
        public PrivateKey getPrivateKey(String alias) {
            taken.incrementAndGet();
            return keys.getPrivateKey(alias);
        }

        @Override
        public String[] getClientAliases(String keyType, Principal[] issuers) {
            return keys.getClientAliases(keyType, issuers);
        }

        @Override
        public String chooseClientAlias(String[] keyType, Principal[] issuers, Socket socket) {
            return keys.chooseClientAlias(keyType, issuers, socket);
        }

        @Override
        public String[] getServerAliases(String keyType, Principal[] issuers) {
            return keys.getServerAliases(keyType, issuers);
        }

        @Override
        public String chooseServerAlias(String keyType, Principal[] issuers, Socket socket) {
            return keys.chooseServerAlias(keyType, issuers, socket);
        }

        @Override
        public X509Certificate[] getCertificateChain(String alias) {
            return keys.getCertificateChain(alias);
        }
    }
}
