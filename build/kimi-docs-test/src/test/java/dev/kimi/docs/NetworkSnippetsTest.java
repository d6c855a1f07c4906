package dev.kimi.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.KimiClient;
import dev.kimi.Part;
import dev.kimi.spi.TlsMaterial;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;

/** The code of docs/guide.md about proxies and TLS. */
class NetworkSnippetsTest {

    @Test
    void a_client_is_made_behind_a_proxy() {
        try (KimiClient client = behindProxy("sk-test", "ava", "s3cret")) {
            assertThat(client.pool().max()).isPositive();
        }
    }

    @Test
    void a_client_is_made_with_tls_material() throws GeneralSecurityException {
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init((KeyStore) null);
        try (KimiClient client = withMaterial("sk-test", TlsMaterial.of(null, trust))) {
            assertThat(client.pool().max()).isPositive();
        }
    }

    private static KimiClient behindProxy(String key, String user, String password) {
        // snippet:proxy
        return KimiClient.builder()
                .apiKey(key)
                .set(Part.TRANSPORT, "proxy.url", "http://proxy.example.com:3128")
                .set(Part.TRANSPORT, "proxy.username", user)
                .set(Part.TRANSPORT, "proxy.password", password)
                .set(Part.TRANSPORT, "proxy.no-proxy", "intranet.example.com, 10.0.0.0/8")
                .build();
        // end
    }

    private static KimiClient withMaterial(String key, TlsMaterial first) {
        // snippet:tls-material
        AtomicReference<TlsMaterial> material = new AtomicReference<>(first);
        return KimiClient.builder().apiKey(key).tls(material::get).build();
        // end
    }
}
