package dev.kimi.spi;

import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * What a transport brings to a TLS handshake: whom it trusts, and the certificate with which it identifies itself
 * (mutual TLS). Immutable; does not print keys.
 *
 * <p>A transport is given a supplier of it (see {@link ProviderSettings#tls}), which returns the same object as long as
 * nothing has changed, and another one from then on.
 *
 * <pre>{@code
 * TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
 * trust.init(companyKeyStore);
 * TlsMaterial material = TlsMaterial.of(null, trust);
 * KimiClient client = KimiClient.builder().apiKey(key).tls(() -> material).build();
 * }</pre>
 */
public final class TlsMaterial {

    private final @Nullable KeyManagerFactory keys;
    private final @Nullable TrustManagerFactory trust;
    private final List<String> protocols;
    private final List<String> ciphers;

    private TlsMaterial(
            @Nullable KeyManagerFactory keys,
            @Nullable TrustManagerFactory trust,
            List<String> protocols,
            List<String> ciphers) {
        this.keys = keys;
        this.trust = trust;
        this.protocols = List.copyOf(protocols);
        this.ciphers = List.copyOf(ciphers);
    }

    /**
     * Material for the protocols and cipher suites that the transport uses by default.
     *
     * @param keys the client's certificate with its key, initialized; null for none
     * @param trust which certificates of servers are trusted, initialized; null for those that the JVM trusts
     */
    public static TlsMaterial of(@Nullable KeyManagerFactory keys, @Nullable TrustManagerFactory trust) {
        return new TlsMaterial(keys, trust, List.of(), List.of());
    }

    /**
     * The same keys and trust for certain protocols and cipher suites only.
     *
     * @param protocols such as {@code TLSv1.3}; empty for those that the transport uses by default
     * @param ciphers such as {@code TLS_AES_128_GCM_SHA256}, in order of preference; empty for those that the transport
     *     uses by default
     */
    public TlsMaterial only(List<String> protocols, List<String> ciphers) {
        return new TlsMaterial(keys, trust, protocols, ciphers);
    }

    /** The client's certificate with its key; null for none. */
    public @Nullable KeyManagerFactory keys() {
        return keys;
    }

    /** Which certificates of servers are trusted; null for those that the JVM trusts. */
    public @Nullable TrustManagerFactory trust() {
        return trust;
    }

    /** The protocols to speak; empty for those that the transport uses by default. */
    public List<String> protocols() {
        return protocols;
    }

    /** The cipher suites to offer, in order of preference; empty for those that the transport uses by default. */
    public List<String> ciphers() {
        return ciphers;
    }
}
