package dev.kimi.oauth2;

import dev.kimi.Part;
import dev.kimi.auth.CredentialsProvider;
import dev.kimi.auth.CredentialsProviderFactory;
import dev.kimi.error.ConfigurationException;
import dev.kimi.spi.ProviderSettings;
import dev.kimi.transport.Transport;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Set;

/**
 * OAuth2 client credentials (RFC 6749, section 4.4), named {@code oauth2}. Settings below {@code kimi.auth}:
 *
 * <ul>
 *   <li>{@code token-uri}: where tokens are issued; https, or http on this machine
 *   <li>{@code client-id} and {@code client-secret}
 *   <li>{@code scope}: scopes with blanks between them; none by default
 *   <li>{@code audience}: sent as {@code audience}; none by default
 *   <li>{@code client-authentication}: {@code basic} (default) or {@code post}
 * </ul>
 *
 * The provider keeps the token in a Caffeine cache until shortly before it expires, fetches the next one in the
 * background when three quarters of its life have passed, and fetches one at a time however many callers wait. It needs
 * no Spring, and a transport of its own, which it closes.
 */
public final class OAuth2CredentialsProviderFactory implements CredentialsProviderFactory {

    @Override
    public String name() {
        return "oauth2";
    }

    @Override
    public Set<String> settings() {
        return Set.of("token-uri", "client-id", "client-secret", "client-authentication", "scope", "audience");
    }

    @Override
    public CredentialsProvider create(ProviderSettings settings) {
        // looked at before the transport is made, which holds threads
        request(settings);
        Transport transport = Part.TRANSPORT
                .factory(null)
                .create(Part.TRANSPORT
                        .settings(settings.timer())
                        .time(settings.time())
                        .random(settings.random())
                        .timeouts(settings.timeouts())
                        .set("max-connections", "2")
                        .build());
        return create(settings, transport, true);
    }

    /**
     * Makes a provider that fetches tokens over a transport of the caller's, who closes it.
     *
     * @throws ConfigurationException if a setting is missing or wrong
     */
    public static CredentialsProvider create(ProviderSettings settings, Transport transport) {
        return create(settings, transport, false);
    }

    private static CredentialsProvider create(ProviderSettings settings, Transport transport, boolean owned) {
        TokenRequest request = request(settings);
        TokenEndpoint endpoint = new TokenEndpoint(settings, transport, request);
        return new CachedTokens(settings, request.cacheKey(), endpoint::fetch, owned ? transport::close : () -> {});
    }

    private static TokenRequest request(ProviderSettings settings) {
        String style = settings.get("client-authentication", "basic");
        if (!style.equals("basic") && !style.equals("post")) {
            throw new ConfigurationException(
                    settings.fullName("client-authentication"),
                    "The setting " + settings.fullName("client-authentication") + " is neither basic nor post.",
                    "Write basic, unless the token endpoint reads the secret from the form only.");
        }
        return new TokenRequest(
                tokenUri(settings),
                settings.require("client-id"),
                settings.require("client-secret").toCharArray(),
                settings.get("scope", ""),
                settings.get("audience", ""),
                style.equals("post"));
    }

    private static URI tokenUri(ProviderSettings settings) {
        try {
            URI uri = new URI(settings.require("token-uri").strip());
            String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
            boolean secure = scheme.equals("https") || (scheme.equals("http") && isThisMachine(uri.getHost()));
            if (secure && uri.getHost() != null && uri.getRawUserInfo() == null) {
                return uri;
            }
        } catch (URISyntaxException e) {
            // reported below, together with the other ways to be wrong
        }
        throw new ConfigurationException(
                settings.fullName("token-uri"),
                "The setting " + settings.fullName("token-uri")
                        + " is no https address, and it would carry the secret.",
                "Write it like https://auth.example.com/oauth/token, without a user name.");
    }

    private static boolean isThisMachine(String host) {
        return "localhost".equalsIgnoreCase(host) || "127.0.0.1".equals(host) || "[::1]".equals(host);
    }
}
