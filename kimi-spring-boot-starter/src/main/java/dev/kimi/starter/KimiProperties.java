package dev.kimi.starter;

import dev.kimi.KimiClientBuilder.ThinkingMismatch;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.NestedConfigurationProperty;

/** The settings {@code kimi.*}: those of the client, and below {@code clients} those of further ones by name. */
@ConfigurationProperties("kimi")
public final class KimiProperties extends KimiClientProperties {

    /** Further clients by name, with the same settings as the top level. */
    private final Map<String, KimiClientProperties> clients = new LinkedHashMap<>();

    public Map<String, KimiClientProperties> getClients() {
        return clients;
    }

    /**
     * What holds for the protocol "anthropic" alone.
     *
     * @param version Version of the API of protocol "anthropic"; 2023-06-01 for Kimi and paths in "/anthropic".
     * @param beta Names of beta features of the protocol "anthropic".
     * @param thinkingMismatch What is done about reasoning whose conversation was changed before it, one of "error",
     *     "drop-block" and "repair".
     */
    public record Anthropic(
            @Nullable String version,
            @Nullable List<String> beta,
            @Nullable ThinkingMismatch thinkingMismatch) {

        static final Anthropic UNSET = new Anthropic(null, null, null);
    }

    /**
     * Limits of the phases of a call.
     *
     * @param connect Time to open a connection, including TLS.
     * @param poolWait Time to wait for a pooled connection.
     * @param headers Time from sending a streamed request to its response headers.
     * @param firstEvent Time from the headers of a stream to its first event, or to the whole response if it is no
     *     stream.
     * @param idle Time in a stream without as much as a keep-alive.
     * @param quiet Time in a stream with keep-alives and no content.
     * @param total Time for the whole call with its attempts and waits.
     */
    public record Timeout(
            @Nullable Duration connect,
            @Nullable Duration poolWait,
            @Nullable Duration headers,
            @Nullable Duration firstEvent,
            @Nullable Duration idle,
            @Nullable Duration quiet,
            @Nullable Duration total) {

        static final Timeout UNSET = new Timeout(null, null, null, null, null, null, null);
    }

    /** Where credentials come from; no record, which would print the secret. */
    public static final class Auth {

        /** Name of the credentials provider. */
        private @Nullable String provider;

        /** Header that the API key goes into; "authorization" with "Bearer" before the key, or another without. */
        private @Nullable String header;

        /** Token endpoint of the OAuth2 provider. */
        private @Nullable String tokenUri;

        /** Client id for the OAuth2 provider. */
        private @Nullable String clientId;

        /** Client secret for the OAuth2 provider. */
        private char @Nullable [] clientSecret;

        /** How the OAuth2 client proves who it is, one of "basic", "post", "private_key_jwt", "tls" and "none". */
        private @Nullable String clientAuthentication;

        /** PEM file with the private key that "private_key_jwt" signs with. */
        private @Nullable String privateKeyFile;

        /** Id of that key, for token endpoints that want one. */
        private @Nullable String keyId;

        /** File with the refresh token of a login, replaced each time it is used; chooses the refresh token grant. */
        private @Nullable String refreshTokenFile;

        /** Client registration of Spring Security for the provider "spring-security". */
        private @Nullable String registration;

        /** Scopes for the OAuth2 provider to ask for, separated by spaces. */
        private @Nullable String scope;

        /** Audience for the OAuth2 provider to ask for. */
        private @Nullable String audience;

        public @Nullable String getProvider() {
            return provider;
        }

        public void setProvider(@Nullable String value) {
            this.provider = value;
        }

        public @Nullable String getHeader() {
            return header;
        }

        public void setHeader(@Nullable String value) {
            this.header = value;
        }

        public @Nullable String getTokenUri() {
            return tokenUri;
        }

        public void setTokenUri(@Nullable String value) {
            this.tokenUri = value;
        }

        public @Nullable String getClientId() {
            return clientId;
        }

        public void setClientId(@Nullable String value) {
            this.clientId = value;
        }

        public @Nullable CharSequence getClientSecret() {
            return clientSecret == null ? null : new String(clientSecret);
        }

        public void setClientSecret(@Nullable CharSequence value) {
            this.clientSecret = value == null ? null : value.toString().toCharArray();
        }

        public @Nullable String getClientAuthentication() {
            return clientAuthentication;
        }

        public void setClientAuthentication(@Nullable String value) {
            this.clientAuthentication = value;
        }

        public @Nullable String getPrivateKeyFile() {
            return privateKeyFile;
        }

        public void setPrivateKeyFile(@Nullable String value) {
            this.privateKeyFile = value;
        }

        public @Nullable String getKeyId() {
            return keyId;
        }

        public void setKeyId(@Nullable String value) {
            this.keyId = value;
        }

        public @Nullable String getRefreshTokenFile() {
            return refreshTokenFile;
        }

        public void setRefreshTokenFile(@Nullable String value) {
            this.refreshTokenFile = value;
        }

        public @Nullable String getRegistration() {
            return registration;
        }

        public void setRegistration(@Nullable String value) {
            this.registration = value;
        }

        public @Nullable String getScope() {
            return scope;
        }

        public void setScope(@Nullable String value) {
            this.scope = value;
        }

        public @Nullable String getAudience() {
            return audience;
        }

        public void setAudience(@Nullable String value) {
            this.audience = value;
        }

        @Override
        public String toString() {
            return "Auth[provider=" + provider + ", clientSecret=****]";
        }
    }

    /**
     * How bytes travel.
     *
     * @param provider Name of the transport provider.
     * @param http Versions of HTTP, one of "auto", "http1" and "h2".
     * @param sizing What the size of the connection pool follows from, one of "auto", "ratio" and "fixed".
     * @param threads Number of threads that make calls, for sizing by "ratio".
     * @param maxConnections Most connections to the service.
     * @param maxPending Most calls that wait for a connection.
     * @param keepAlive Most idle connections kept open.
     * @param idleTimeout Time after which an idle connection is closed.
     * @param maxAge Age from which a connection is replaced, spread by a fifth.
     * @param eventLoops Number of threads that move bytes.
     * @param maxResponseHeaders Most bytes of the headers and trailers of one response.
     * @param trustCertificates PEM file with the certificates to trust instead of those of the JVM.
     * @param sslBundle Name of the SSL bundle with the certificates to trust and the client certificate to show.
     * @param proxy Proxy that connections go through.
     */
    public record Transport(
            @Nullable String provider,
            @Nullable String http,
            @Nullable String sizing,
            @Nullable Integer threads,
            @Nullable Integer maxConnections,
            @Nullable Integer maxPending,
            @Nullable Integer keepAlive,
            @Nullable Duration idleTimeout,
            @Nullable Duration maxAge,
            @Nullable Integer eventLoops,
            @Nullable Integer maxResponseHeaders,
            @Nullable String trustCertificates,
            @Nullable String sslBundle,
            @NestedConfigurationProperty @Nullable Proxy proxy) {

        static final Transport UNSET = new Transport(
                null, null, null, null, null, null, null, null, null, null, null, null, null, new Proxy());
    }

    /** The proxy that connections go through; no record, which would print the password. */
    public static final class Proxy {

        /**
         * Address of the proxy, as in "http://host:port" or "socks5://host:port"; "system" for the system's, or "none".
         */
        private @Nullable String url;

        /** User name for the proxy. */
        private @Nullable String username;

        /** Password for the proxy. */
        private char @Nullable [] password;

        /** Hosts to connect to directly, such as "example.com", "*.example.com" and "10.0.0.0/8". */
        private @Nullable List<String> noProxy;

        public @Nullable String getUrl() {
            return url;
        }

        public void setUrl(@Nullable String value) {
            this.url = value;
        }

        public @Nullable String getUsername() {
            return username;
        }

        public void setUsername(@Nullable String value) {
            this.username = value;
        }

        public @Nullable CharSequence getPassword() {
            return password == null ? null : new String(password);
        }

        public void setPassword(@Nullable CharSequence value) {
            this.password = value == null ? null : value.toString().toCharArray();
        }

        public @Nullable List<String> getNoProxy() {
            return noProxy;
        }

        public void setNoProxy(@Nullable List<String> value) {
            this.noProxy = value;
        }

        @Override
        public String toString() {
            return "Proxy[password=****]";
        }
    }

    /**
     * What is tried again, and when.
     *
     * @param preset Name of the rules, one of "standard", "classic", "never" and "spring", or of a provider.
     * @param maxAttempts Most attempts of a call, including the first.
     * @param retryAfterCeiling Longest wait worth obeying when the service asks for one.
     * @param minDelay Shortest wait of the classic rules.
     * @param maxDelay Longest wait of the classic rules.
     * @param multiplier Multiplier of the classic rules, in seconds.
     * @param replayOnIdleClose Whether a request is sent again, once in a call, when a reused connection ended right
     *     after it, before any byte of a response. In the rare case that the service had read it, it is paid for twice.
     */
    public record Retry(
            @Nullable String preset,
            @Nullable Integer maxAttempts,
            @Nullable Duration retryAfterCeiling,
            @Nullable Duration minDelay,
            @Nullable Duration maxDelay,
            @Nullable Double multiplier,
            @Nullable Boolean replayOnIdleClose) {

        static final Retry UNSET = new Retry(null, null, null, null, null, null, null);
    }

    /**
     * The account's limits.
     *
     * @param provider Name of the quota provider.
     * @param concurrency Most calls at a time.
     * @param requestsPerMinute Most requests in a minute, such as 200 or 5k.
     * @param tokensPerMinute Most tokens in a minute, such as 500k or 2M.
     */
    public record Quota(
            @Nullable String provider,
            @Nullable Integer concurrency,
            @Nullable String requestsPerMinute,
            @Nullable String tokensPerMinute) {

        static final Quota UNSET = new Quota(null, null, null, null);
    }

    /**
     * How bulk runs go about it.
     *
     * @param window Name of the rule for how many calls of a bulk run are under way.
     * @param maxBatchSize Most calls of a bulk run under way.
     * @param throughputTarget Calls per second that a bulk run aims at.
     */
    public record Batch(
            @Nullable String window,
            @Nullable Integer maxBatchSize,
            @Nullable Double throughputTarget) {

        static final Batch UNSET = new Batch(null, null, null);
    }
}
