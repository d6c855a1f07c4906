package dev.kimi.oauth2;

import dev.kimi.spi.ProviderSettings;
import dev.kimi.transport.Headers;
import dev.kimi.transport.RequestBody;
import dev.kimi.transport.TransportRequest;
import java.net.URI;

/** What every request to the token endpoint has. Prints no secret. */
final class TokenRequest {

    private final ProviderSettings settings;
    private final TokenKey tokenKey;
    private final Grant grant;
    private final ClientAuthentication authentication;

    /** @throws dev.kimi.error.ConfigurationException if a setting is missing or wrong */
    TokenRequest(ProviderSettings settings, URI tokenUri, Grant grant) {
        this.settings = settings;
        this.tokenKey = new TokenKey(
                tokenUri, settings.require("client-id"), settings.get("scope", ""), settings.get("audience", ""));
        this.grant = grant;
        this.authentication = ClientMethod.authentication(settings, tokenUri, grant);
    }

    /** What makes one token another: issuer, client, scope and audience. */
    TokenKey cacheKey() {
        return tokenKey;
    }

    boolean isRefresh() {
        return grant == Grant.REFRESH_TOKEN;
    }

    /** For messages: what may be wrong when the client is rejected. */
    String settingsToCheck() {
        return settings.fullName("client-id") + ", " + ClientMethod.of(settings).settingsToCheck() + "scope";
    }

    /** @param form with the fields of the grant; gets the others */
    TransportRequest with(Form form) {
        Headers.Builder headers = Headers.builder()
                .add("content-type", "application/x-www-form-urlencoded")
                .add("accept", "application/json")
                .add("user-agent", settings.userAgent());
        form.add("scope", tokenKey.scope()).add("audience", tokenKey.audience());
        authentication.addTo(form, headers);
        return TransportRequest.builder("POST", tokenKey.issuer(), target())
                .headers(headers.build())
                .body(RequestBody.of(form.bytes()))
                .build();
    }

    /** Path and query. */
    private String target() {
        URI uri = tokenKey.issuer();
        String path = uri.getRawPath() == null || uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
        return uri.getRawQuery() == null ? path : path + "?" + uri.getRawQuery();
    }

    @Override
    public String toString() {
        return "TokenRequest[" + tokenKey.clientId() + "]";
    }
}
