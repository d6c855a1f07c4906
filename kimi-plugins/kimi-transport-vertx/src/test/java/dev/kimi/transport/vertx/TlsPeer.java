package dev.kimi.transport.vertx;

import dev.kimi.test.support.TestCertificate;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/** The server's side of TLS on a socket that stays in sight. */
final class TlsPeer {

    private static final char[] NO_PASSWORD = {};

    private TlsPeer() {}

    /** Does its part of the handshake. */
    static Socket accept(Socket plain, TestCertificate certificate) throws IOException, GeneralSecurityException {
        SSLSocket socket = accept(plain, certificate, List.of());
        socket.startHandshake();
        return socket;
    }

    /** Will require one of those certificates of the client in the handshake; none for no certificate. */
    static SSLSocket accept(Socket plain, TestCertificate certificate, List<TestCertificate> trusted)
            throws IOException, GeneralSecurityException {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(
                keys(certificate).getKeyManagers(),
                trusted.isEmpty() ? null : trust(trusted).getTrustManagers(),
                null);
        SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(plain, null, 0, true);
        socket.setUseClientMode(false);
        socket.setNeedClientAuth(!trusted.isEmpty());
        return socket;
    }

    static TrustManagerFactory trust(List<TestCertificate> trusted) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, NO_PASSWORD);
        for (TestCertificate certificate : trusted) {
            store.setCertificateEntry("trusted" + store.size(), parsed(certificate));
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        return trust;
    }

    private static Certificate parsed(TestCertificate certificate) throws GeneralSecurityException {
        byte[] pem = certificate.certificate().getBytes(StandardCharsets.US_ASCII);
        return CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(pem));
    }

    static KeyManagerFactory keys(TestCertificate certificate) throws IOException, GeneralSecurityException {
        String encoded = new String(certificate.pkcs8(), StandardCharsets.US_ASCII).replaceAll("-----[A-Z ]+-----", "");
        PrivateKey key = KeyFactory.getInstance("EC")
                .generatePrivate(new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(encoded)));
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, NO_PASSWORD);
        store.setKeyEntry("server", key, NO_PASSWORD, new Certificate[] {parsed(certificate)});
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, NO_PASSWORD);
        return keys;
    }
}
