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
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/** The server's side of TLS on a socket that stays in sight. */
final class TlsPeer {

    private static final char[] NO_PASSWORD = {};

    private TlsPeer() {}

    /** Does its part of the handshake. */
    static Socket accept(Socket plain, TestCertificate certificate) throws IOException, GeneralSecurityException {
        SSLSocket socket = (SSLSocket) context(certificate).getSocketFactory().createSocket(plain, null, 0, true);
        socket.setUseClientMode(false);
        socket.startHandshake();
        return socket;
    }

    private static SSLContext context(TestCertificate certificate) throws IOException, GeneralSecurityException {
        byte[] pem = certificate.certificate().getBytes(StandardCharsets.US_ASCII);
        Certificate chain = CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(pem));
        String encoded = new String(certificate.pkcs8(), StandardCharsets.US_ASCII).replaceAll("-----[A-Z ]+-----", "");
        PrivateKey key = KeyFactory.getInstance("EC")
                .generatePrivate(new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(encoded)));
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, NO_PASSWORD);
        store.setKeyEntry("server", key, NO_PASSWORD, new Certificate[] {chain});
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, NO_PASSWORD);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        return context;
    }
}
