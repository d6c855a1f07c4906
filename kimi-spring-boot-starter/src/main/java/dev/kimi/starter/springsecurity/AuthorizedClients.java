package dev.kimi.starter.springsecurity;

import dev.kimi.auth.Credentials;
import dev.kimi.auth.CredentialsProvider;
import dev.kimi.error.AuthenticationException;
import dev.kimi.error.KimiException;
import dev.kimi.error.ServerException;
import dev.kimi.oauth2.AccessToken;
import dev.kimi.oauth2.OAuth2CredentialsProviderFactory;
import dev.kimi.spi.ProviderSettings;
import dev.kimi.time.TimeSource;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.springframework.security.oauth2.client.OAuth2AuthorizeRequest;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClient;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientManager;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientService;
import org.springframework.security.oauth2.core.OAuth2AccessToken;
import org.springframework.security.oauth2.core.OAuth2AuthorizationException;
import org.springframework.web.client.RestClientResponseException;

/**
 * Tokens of Spring Security's authorized clients. The manager blocks, and looks for the client at each call; so its
 * token is kept, and the manager runs on an executor.
 */
final class AuthorizedClients implements CredentialsProvider {

    /** Whose client it is: the application's own. */
    private static final String PRINCIPAL = "kimi";

    /** What the client or the user has done wrong; everything else may pass. */
    private static final Set<String> FOR_GOOD = Set.of(
            "invalid_client",
            "invalid_grant",
            "invalid_request",
            "invalid_scope",
            "unauthorized_client",
            "unsupported_grant_type",
            "access_denied",
            "client_authorization_required");

    private final String registration;
    private final TimeSource time;
    private final OAuth2AuthorizedClientManager manager;
    private final @Nullable OAuth2AuthorizedClientService clients;
    private final Executor executor;
    private final CredentialsProvider kept;
    private volatile @Nullable Given latest;
    private volatile @Nullable OAuth2AccessToken rejected;

    /** A token and the credentials made of it, always the same ones. */
    private record Given(OAuth2AccessToken of, Credentials credentials) {}

    AuthorizedClients(
            ProviderSettings settings,
            @Nullable String account,
            OAuth2AuthorizedClientManager manager,
            @Nullable OAuth2AuthorizedClientService clients,
            Executor executor) {
        this.registration = settings.require("registration");
        this.time = settings.time();
        this.manager = manager;
        this.clients = clients;
        this.executor = executor;
        this.kept = OAuth2CredentialsProviderFactory.keeping(settings, account, this::fetch);
    }

    @Override
    public CompletionStage<Credentials> credentials() {
        return kept.credentials();
    }

    @Override
    public boolean invalidate(Credentials sent) {
        if (clients == null) {
            // the manager would give the same again
            return false;
        }
        Given given = latest;
        if (given != null && given.credentials() == sent) {
            rejected = given.of();
        }
        return kept.invalidate(sent);
    }

    @Override
    public @Nullable String account() {
        return kept.account();
    }

    private CompletionStage<AccessToken> fetch() {
        return CompletableFuture.supplyAsync(this::token, executor);
    }

    private AccessToken token() {
        OAuth2AuthorizedClient client = authorize();
        OAuth2AccessToken bad = rejected;
        if (clients != null && bad != null && isSame(bad, client.getAccessToken())) {
            forget(clients, client);
            client = authorize();
        }
        OAuth2AccessToken token = client.getAccessToken();
        Given given = latest;
        if (given == null || !isSame(given.of(), token)) {
            given = new Given(token, Credentials.bearer(token.getTokenValue()));
            latest = given;
        }
        Instant end = token.getExpiresAt();
        return new AccessToken(given.credentials(), end == null ? null : Duration.between(time.now(), end));
    }

    private static boolean isSame(OAuth2AccessToken one, OAuth2AccessToken other) {
        return one.getTokenValue().equals(other.getTokenValue());
    }

    /** Without its refresh token, if it has one, a client could not be authorized again. */
    private void forget(OAuth2AuthorizedClientService from, OAuth2AuthorizedClient client) {
        if (client.getRefreshToken() == null) {
            from.removeAuthorizedClient(registration, client.getPrincipalName());
            return;
        }
        OAuth2AccessToken token = client.getAccessToken();
        OAuth2AccessToken ended = new OAuth2AccessToken(
                token.getTokenType(),
                token.getTokenValue(),
                Instant.EPOCH,
                Instant.EPOCH.plusSeconds(1),
                token.getScopes());
        from.saveAuthorizedClient(
                new OAuth2AuthorizedClient(
                        client.getClientRegistration(), client.getPrincipalName(), ended, client.getRefreshToken()),
                OAuth2AuthorizeRequest.withClientRegistrationId(registration)
                        .principal(client.getPrincipalName())
                        .build()
                        .getPrincipal());
    }

    private OAuth2AuthorizedClient authorize() {
        OAuth2AuthorizedClient client;
        try {
            client = manager.authorize(OAuth2AuthorizeRequest.withClientRegistrationId(registration)
                    .principal(PRINCIPAL)
                    .build());
        } catch (OAuth2AuthorizationException e) {
            throw failure(e);
        }
        if (client == null) {
            throw new AuthenticationException(
                    "Spring Security has no token for the client registration '" + registration
                            + "': its grant needs a user, or the manager does not support it. Use a registration with"
                            + " the grant client_credentials.",
                    KimiException.Details.NONE,
                    null);
        }
        return client;
    }

    /** Without the cause, whose message may hold the token endpoint's response. */
    private KimiException failure(OAuth2AuthorizationException failure) {
        String code = failure.getError().getErrorCode();
        int status = status(failure);
        KimiException.Details details =
                KimiException.Details.builder().status(status).build();
        String what = "Spring Security obtained no token for the client registration '" + registration + "'";
        if (FOR_GOOD.contains(code) || status == 401 || status == 403) {
            return new AuthenticationException(
                    what + " (" + (FOR_GOOD.contains(code) ? code : "status " + status)
                            + "). Check spring.security.oauth2.client.registration." + registration + ".",
                    details,
                    null);
        }
        return new ServerException(
                what + ": the token endpoint failed or could not be reached. Check"
                        + " spring.security.oauth2.client.provider and the network.",
                details,
                null);
    }

    /** Of a response that Spring Security could not read, as is one of 401; 0 if there is none. */
    private static int status(Throwable failure) {
        Throwable cause = failure;
        while (cause != null && !(cause instanceof RestClientResponseException)) {
            cause = cause.getCause();
        }
        return cause instanceof RestClientResponseException response
                ? response.getStatusCode().value()
                : 0;
    }

    @Override
    public String toString() {
        return "AuthorizedClients[" + registration + "]";
    }
}
