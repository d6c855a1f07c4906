package dev.kimi.transport.vertx;

import dev.kimi.error.ConfigurationException;
import dev.kimi.spi.ProviderSettings;
import dev.kimi.spi.TlsMaterial;
import dev.kimi.time.TimeSource;
import dev.kimi.time.Timer;
import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.Locale;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** The settings of the transport, read and checked once. */
final class VertxSettings {

    final Http http;
    final Sizing sizing;
    final int maxPending;
    final long idleNanos;
    final long maxAgeNanos;
    final int eventLoops;
    final HeaderLimit responseHeaders;
    final long connectNanos;
    final long poolWaitNanos;
    final @Nullable Buffer trustCertificates;
    final @Nullable Supplier<TlsMaterial> tls;
    final Proxies proxies;
    final TimeSource time;
    final Timer timer;
    private final RandomGenerator random;

    private VertxSettings(ProviderSettings settings) {
        http = http(settings);
        sizing = Sizing.of(settings);
        maxPending = settings.positive("max-pending", 1000);
        idleNanos = settings.duration("idle-timeout", Duration.ofSeconds(120)).toNanos();
        maxAgeNanos = settings.duration("max-age", Duration.ofMinutes(10)).toNanos();
        eventLoops = settings.positive("event-loops", 1);
        if (eventLoops > sizing.maxConnections()) {
            throw new ConfigurationException(
                    settings.fullName("event-loops"),
                    "There are more event loops than connections to serve.",
                    "Set " + settings.fullName("event-loops") + " to " + sizing.maxConnections() + " or less.");
        }
        responseHeaders = new HeaderLimit(
                settings.positive("max-response-headers", 65_536), settings.fullName("max-response-headers"));
        connectNanos = settings.timeouts().connect().toNanos();
        poolWaitNanos = settings.timeouts().poolWait().toNanos();
        trustCertificates = trustCertificates(settings);
        tls = tls(settings);
        proxies = Proxies.of(settings, SystemProxies.of(settings));
        time = settings.time();
        timer = settings.timer();
        random = settings.random();
    }

    static VertxSettings of(ProviderSettings settings) {
        return new VertxSettings(settings);
    }

    /** Spread by a fifth both ways, so that connections opened together are not replaced together. */
    long jitteredMaxAge() {
        return (long) (maxAgeNanos * (0.8 + 0.4 * random.nextDouble()));
    }

    private static Http http(ProviderSettings settings) {
        String value = settings.get("http", "auto").trim().toLowerCase(Locale.ROOT);
        return switch (value) {
            case "auto" -> Http.AUTO;
            case "http1" -> Http.HTTP1;
            case "h2" -> Http.H2;
            default ->
                throw new ConfigurationException(
                        settings.fullName("http"),
                        "The setting " + settings.fullName("http") + " has a value that is not known.",
                        "Write auto, http1 or h2.");
        };
    }

    private static @Nullable Supplier<TlsMaterial> tls(ProviderSettings settings) {
        if (settings.tls() != null && settings.find("trust-certificates") != null) {
            throw new ConfigurationException(
                    settings.fullName("trust-certificates"),
                    "The setting " + settings.fullName("trust-certificates")
                            + " contradicts the TLS material, such as that of an SSL bundle, which says whom to trust.",
                    "Remove one of them.");
        }
        return settings.tls();
    }

    private static @Nullable Buffer trustCertificates(ProviderSettings settings) {
        String path = settings.find("trust-certificates");
        if (path == null) {
            return null;
        }
        try {
            byte[] pem = Files.readAllBytes(Path.of(path.trim()));
            if (!CertificateFactory.getInstance("X.509")
                    .generateCertificates(new ByteArrayInputStream(pem))
                    .isEmpty()) {
                return Buffer.buffer(pem);
            }
        } catch (IOException | InvalidPathException | CertificateException e) {
            // reported below, in the same words as a file without certificates
        }
        throw new ConfigurationException(
                settings.fullName("trust-certificates"),
                "The setting " + settings.fullName("trust-certificates") + " names no readable file of certificates.",
                "Give the path of a PEM file with at least one X.509 certificate.");
    }

    /** The versions of HTTP to speak. */
    enum Http {
        AUTO,
        HTTP1,
        H2
    }
}
