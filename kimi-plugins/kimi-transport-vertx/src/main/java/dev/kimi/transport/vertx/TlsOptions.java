package dev.kimi.transport.vertx;

import dev.kimi.spi.TlsMaterial;
import io.vertx.core.Vertx;
import io.vertx.core.net.ClientSSLOptions;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.net.TrustOptions;
import java.util.LinkedHashSet;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** With what connections that are opened now begin their TLS handshake. For any thread. */
final class TlsOptions {

    private final VertxSettings settings;
    private final @Nullable Supplier<TlsMaterial> source;
    private volatile Loaded loaded;

    TlsOptions(VertxSettings settings) {
        this.settings = settings;
        this.source = settings.tls;
        this.loaded = load(source == null ? null : Objects.requireNonNull(source.get(), "TLS material"));
    }

    /**
     * The same object as long as nothing has changed: Vert.x keeps one TLS context, and with it the sessions that can
     * be resumed, for equal options.
     */
    ClientSSLOptions now() {
        if (source == null) {
            return loaded.options;
        }
        Loaded last = loaded;
        TlsMaterial material;
        try {
            material = source.get();
        } catch (RuntimeException broken) {
            // what there is serves on, since a call must not fail for a change that did not come about
            return last.options;
        }
        return material == last.material ? last.options : changed(material);
    }

    private synchronized ClientSSLOptions changed(@Nullable TlsMaterial material) {
        if (material != null && material != loaded.material) {
            loaded = load(material);
        }
        return loaded.options;
    }

    private Loaded load(@Nullable TlsMaterial material) {
        ClientSSLOptions options = new ClientSSLOptions()
                .setHostnameVerificationAlgorithm("HTTPS")
                .setSslHandshakeTimeout(settings.connectNanos / 1_000_000 + 1)
                .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS);
        if (settings.trustCertificates != null) {
            options.setTrustOptions(new PemTrustOptions().addCertValue(settings.trustCertificates));
        }
        if (material != null) {
            KeyManagerFactory keys = material.keys();
            if (keys != null) {
                options.setKeyCertOptions(new Keys(keys));
            }
            TrustManagerFactory trust = material.trust();
            if (trust != null) {
                options.setTrustOptions(new Trust(trust));
            }
            material.ciphers().forEach(options::addEnabledCipherSuite);
            if (!material.protocols().isEmpty()) {
                options.setEnabledSecureTransportProtocols(new LinkedHashSet<>(material.protocols()));
            }
        }
        return new Loaded(material, options);
    }

    private record Loaded(@Nullable TlsMaterial material, ClientSSLOptions options) {}

    /** Equal for the same factory, by which Vert.x finds the context that it has. */
    private record Keys(KeyManagerFactory factory) implements KeyCertOptions {

        @Override
        public KeyCertOptions copy() {
            return this;
        }

        @Override
        public KeyManagerFactory getKeyManagerFactory(Vertx vertx) {
            return factory;
        }

        /** Of Vert.x it is not said that null is a result; it means no other factory for the name. */
        @Override
        @SuppressWarnings("NullAway")
        public Function<String, KeyManagerFactory> keyManagerFactoryMapper(Vertx vertx) {
            return serverName -> null;
        }
    }

    /** Equal for the same factory, by which Vert.x finds the context that it has. */
    private record Trust(TrustManagerFactory factory) implements TrustOptions {

        @Override
        public TrustOptions copy() {
            return this;
        }

        @Override
        public TrustManagerFactory getTrustManagerFactory(Vertx vertx) {
            return factory;
        }

        /** Of Vert.x it is not said that null is a result; it means no other managers for the name. */
        @Override
        @SuppressWarnings("NullAway")
        public Function<String, TrustManager[]> trustManagerMapper(Vertx vertx) {
            return serverName -> null;
        }
    }
}
