package dev.kimi.oauth2;

import dev.kimi.Part;
import dev.kimi.auth.CredentialsProvider;
import dev.kimi.auth.CredentialsProviderFactory;
import dev.kimi.error.ConfigurationException;
import dev.kimi.spi.ProviderSettings;
import dev.kimi.transport.Transport;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * OAuth2, named {@code oauth2}: client credentials (RFC 6749, section 4.4), or a refresh token where one is kept.
 * Settings below {@code kimi.auth}:
 *
 * <ul>
 *   <li>{@code token-uri}: where tokens are issued; https, or http on this machine
 *   <li>{@code client-id}
 *   <li>{@code client-authentication}: {@code basic} (default) or {@code post} with {@code client-secret};
 *       {@code private_key_jwt} (RFC 7523) with {@code private-key-file}, a PEM file, and {@code key-id} if the
 *       endpoint wants one; {@code tls} (RFC 8705), with the client certificate of the transport; {@code none} for a
 *       public client with a refresh token
 *   <li>{@code refresh-token-file}: file with the refresh token, which is replaced there each time it is used; without
 *       it tokens come by the client credentials grant
 *   <li>{@code scope}: scopes with blanks between them; none by default
 *   <li>{@code audience}: sent as {@code audience}; none by default
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
        return Set.of(
                "token-uri",
                "client-id",
                "client-authentication",
                "client-secret",
                "private-key-file",
                "key-id",
                "refresh-token-file",
                "scope",
                "audience");
    }

    @Override
    public CredentialsProvider create(ProviderSettings settings) {
        RefreshTokenStore store = fileStore(settings);
        // looked at before the transport is made, which holds threads
        request(settings, store);
        Transport transport = Part.TRANSPORT
                .factory(null)
                .create(Part.TRANSPORT
                        .settings(settings.timer())
                        .time(settings.time())
                        .random(settings.random())
                        .timeouts(settings.timeouts())
                        .set("max-connections", "2")
                        .build());
        return create(settings, transport, store, transport::close);
    }

    /**
     * Makes a provider that fetches tokens over a transport of the caller's, who closes it.
     *
     * @throws ConfigurationException if a setting is missing or wrong
     */
    public static CredentialsProvider create(ProviderSettings settings, Transport transport) {
        return create(settings, transport, fileStore(settings), () -> {});
    }

    /**
     * Makes a provider that fetches tokens for a refresh token, whatever the setting {@code refresh-token-file} is.
     *
     * @param transport where requests go; its owner closes it
     * @param store where the refresh token is
     * @throws ConfigurationException if a setting is missing or wrong
     */
    public static CredentialsProvider create(ProviderSettings settings, Transport transport, RefreshTokenStore store) {
        return create(settings, transport, store, () -> {});
    }

    /**
     * Makes a provider that keeps tokens which come from elsewhere, as one of this class keeps its own: fetched one at
     * a time, ahead of their end, with a pause after a failure.
     *
     * @param account see {@link CredentialsProvider#account()}
     * @param fetch begins to fetch a token, and does not block
     */
    public static CredentialsProvider keeping(
            ProviderSettings settings, @Nullable String account, Supplier<CompletionStage<AccessToken>> fetch) {
        return new CachedTokens(
                settings,
                account,
                () -> {
                    long askedNanos = settings.time().nanoTime();
                    return fetch.get().thenApply(token -> {
                        double jitter = Token.jitter(settings.random());
                        Duration lifetime = token.lifetime();
                        OptionalLong seconds =
                                lifetime == null ? OptionalLong.empty() : OptionalLong.of(lifetime.toSeconds());
                        return Token.of(token.credentials(), askedNanos, seconds, jitter, Duration.ZERO);
                    });
                },
                () -> {});
    }

    private static CredentialsProvider create(
            ProviderSettings settings, Transport transport, @Nullable RefreshTokenStore store, Runnable onClose) {
        TokenRequest request = request(settings, store);
        TokenEndpoint endpoint = new TokenEndpoint(settings, transport, request);
        if (store != null) {
            // whose login it is nobody knows: clients of many users have one id
            return new CachedTokens(settings, null, new RefreshGrant(store, endpoint), onClose);
        }
        return new CachedTokens(
                settings,
                request.cacheKey().account(),
                () -> endpoint.fetch(new Form().add("grant_type", "client_credentials"))
                        .thenApply(TokenEndpoint.Issued::token),
                onClose);
    }

    private static TokenRequest request(ProviderSettings settings, @Nullable RefreshTokenStore store) {
        return new TokenRequest(
                settings, tokenUri(settings), store == null ? Grant.CLIENT_CREDENTIALS : Grant.REFRESH_TOKEN);
    }

    private static @Nullable RefreshTokenStore fileStore(ProviderSettings settings) {
        String place = settings.find("refresh-token-file");
        if (place == null) {
            return null;
        }
        String name = settings.fullName("refresh-token-file");
        try {
            FileRefreshTokens store = new FileRefreshTokens(Path.of(place.strip()), settings.timer());
            String problem = store.problem();
            if (problem == null) {
                return store;
            }
            throw new ConfigurationException(
                    name,
                    "The file of the setting " + name + " " + problem + ".",
                    "Write the path of a file that only the user of this process may read (chmod 600), in a folder"
                            + " that this process may write in.");
        } catch (InvalidPathException e) {
            throw new ConfigurationException(
                    name, "The setting " + name + " is no path.", "Write the path of the file with the refresh token.");
        }
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
