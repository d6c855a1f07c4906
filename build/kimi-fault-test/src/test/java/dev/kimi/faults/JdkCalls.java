package dev.kimi.faults;

import dev.kimi.test.support.TestCertificate;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** Makes numbered calls to an nginx with the JDK's own client, whose figures stand beside ours. */
final class JdkCalls implements IntFunction<CompletableFuture<?>> {

    /** What the numbers of its requests begin with. */
    static final String PREFIX = "jdk-";

    private final HttpClient client;
    private final URI target;
    private final byte[] body;

    JdkCalls(HttpClient.Version version, Nginx nginx, TestCertificate certificate, byte[] body)
            throws IOException, GeneralSecurityException {
        this.client = HttpClient.newBuilder()
                .version(version)
                .sslContext(trusting(certificate))
                .build();
        this.target = URI.create(nginx.baseUrl() + "/v1/chat/completions");
        this.body = body.clone();
    }

    private static SSLContext trusting(TestCertificate certificate) throws IOException, GeneralSecurityException {
        byte[] pem = certificate.certificate().getBytes(StandardCharsets.US_ASCII);
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry(
                "nginx", CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(pem)));
        TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        managers.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, managers.getTrustManagers(), null);
        return context;
    }

    @Override
    public CompletableFuture<?> apply(int number) {
        HttpRequest request = HttpRequest.newBuilder(target)
                .header("content-type", "application/json")
                .header("authorization", "Bearer sk-test")
                .header(Nginx.ID, PREFIX + number)
                .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                .build();
        return client.sendAsync(request, HttpResponse.BodyHandlers.ofByteArray());
    }

    /** A failure and its causes in a line. */
    static String chain(Throwable failure) {
        return Stream.iterate(failure, Objects::nonNull, Throwable::getCause)
                .map(each -> each.getClass().getSimpleName() + ": " + each.getMessage())
                .collect(Collectors.joining(" <- "));
    }
}
