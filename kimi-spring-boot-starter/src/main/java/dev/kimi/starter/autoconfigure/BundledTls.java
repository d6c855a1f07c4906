package dev.kimi.starter.autoconfigure;

import dev.kimi.error.ConfigurationException;
import dev.kimi.spi.TlsMaterial;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.ssl.NoSuchSslBundleException;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.boot.ssl.SslOptions;

/** TLS material out of Boot's SSL bundles: one source for each, which follows its bundle. Not thread-safe. */
final class BundledTls {

    private static final Log LOG = LogFactory.getLog(BundledTls.class);

    private static final String SETTING = "kimi." + ClientSettings.SSL_BUNDLE;

    private final ObjectProvider<SslBundles> bundles;
    private final Map<String, Source> sources = new HashMap<>();

    BundledTls(ObjectProvider<SslBundles> bundles) {
        this.bundles = bundles;
    }

    /**
     * The material of a bundle, the same source for the same name.
     *
     * @param bundle its name, or null for none
     * @throws ConfigurationException if there is no such bundle, or it cannot be read
     */
    @Nullable Supplier<TlsMaterial> get(@Nullable String bundle) {
        return bundle == null ? null : sources.computeIfAbsent(bundle, this::source);
    }

    private Source source(String name) {
        SslBundles all = bundles.getIfAvailable();
        if (all == null) {
            throw new ConfigurationException(
                    SETTING,
                    "The setting " + SETTING + " names an SSL bundle, and the application has no SslBundles.",
                    "Do not exclude SslAutoConfiguration, or remove " + SETTING + ".");
        }
        try {
            Source source = new Source(material(all.getBundle(name)));
            all.addBundleUpdateHandler(name, changed -> source.update(name, changed));
            return source;
        } catch (NoSuchSslBundleException e) {
            List<String> known = all.getBundleNames().stream().sorted().toList();
            throw new ConfigurationException(
                    SETTING,
                    "There is no SSL bundle '" + name + "', which " + SETTING + " names.",
                    known.isEmpty()
                            ? "Define it below spring.ssl.bundle.pem or spring.ssl.bundle.jks."
                            : "Define it below spring.ssl.bundle, or write one of those there are: "
                                    + String.join(", ", known) + ".");
        } catch (IllegalStateException e) {
            throw new ConfigurationException(
                    SETTING,
                    "The SSL bundle '" + name + "' cannot be read: " + e.getMessage() + ".",
                    "Check spring.ssl.bundle and the files that it names.");
        }
    }

    private static TlsMaterial material(SslBundle bundle) {
        SslOptions options = bundle.getOptions();
        return TlsMaterial.of(
                        bundle.getManagers().getKeyManagerFactory(),
                        bundle.getManagers().getTrustManagerFactory())
                .only(list(options.getEnabledProtocols()), list(options.getCiphers()));
    }

    private static List<String> list(String @Nullable [] values) {
        return values == null ? List.of() : Arrays.asList(values);
    }

    private static final class Source implements Supplier<TlsMaterial> {

        private volatile TlsMaterial material;

        Source(TlsMaterial material) {
            this.material = material;
        }

        void update(String name, SslBundle changed) {
            try {
                material = material(changed);
            } catch (IllegalStateException e) {
                LOG.warn(
                        "The SSL bundle '" + name + "' has changed and cannot be read. Connections go on with what it"
                                + " held before.",
                        e);
            }
        }

        @Override
        public TlsMaterial get() {
            return material;
        }
    }
}
