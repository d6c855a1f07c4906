package dev.kimi.starter;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;

/** The settings {@code kimi.*}: those of the client, and below {@code clients} those of further ones by name. */
@ConfigurationProperties("kimi")
public final class KimiProperties extends KimiClientProperties {

    /** Further clients by name, with the same settings as the top level. */
    private final Map<String, KimiClientProperties> clients = new LinkedHashMap<>();

    public Map<String, KimiClientProperties> getClients() {
        return clients;
    }

    /** Limits of the phases of a call. */
    public static final class Timeout {

        /** Time to open a connection, including TLS. */
        private @Nullable Duration connect;

        /** Time to wait for a pooled connection. */
        private @Nullable Duration poolWait;

        /** Time from sending a streamed request to its response headers. */
        private @Nullable Duration headers;

        /** Time from the headers of a stream to its first event, or to the whole answer if it is no stream. */
        private @Nullable Duration firstEvent;

        /** Time in a stream without as much as a keep-alive. */
        private @Nullable Duration idle;

        /** Time in a stream with keep-alives and no content. */
        private @Nullable Duration quiet;

        /** Time for the whole call with its attempts and waits. */
        private @Nullable Duration total;

        public @Nullable Duration getConnect() {
            return connect;
        }

        public void setConnect(@Nullable Duration value) {
            this.connect = value;
        }

        public @Nullable Duration getPoolWait() {
            return poolWait;
        }

        public void setPoolWait(@Nullable Duration value) {
            this.poolWait = value;
        }

        public @Nullable Duration getHeaders() {
            return headers;
        }

        public void setHeaders(@Nullable Duration value) {
            this.headers = value;
        }

        public @Nullable Duration getFirstEvent() {
            return firstEvent;
        }

        public void setFirstEvent(@Nullable Duration value) {
            this.firstEvent = value;
        }

        public @Nullable Duration getIdle() {
            return idle;
        }

        public void setIdle(@Nullable Duration value) {
            this.idle = value;
        }

        public @Nullable Duration getQuiet() {
            return quiet;
        }

        public void setQuiet(@Nullable Duration value) {
            this.quiet = value;
        }

        public @Nullable Duration getTotal() {
            return total;
        }

        public void setTotal(@Nullable Duration value) {
            this.total = value;
        }
    }

    /** Where credentials come from. */
    public static final class Auth {

        /** Name of the credentials provider. */
        private @Nullable String provider;

        /** Token endpoint of the OAuth2 provider. */
        private @Nullable String tokenUri;

        /** Client id for the OAuth2 provider. */
        private @Nullable String clientId;

        /** Client secret for the OAuth2 provider. */
        private char @Nullable [] clientSecret;

        /** How the OAuth2 provider sends id and secret, either "basic" or "post". */
        private @Nullable String clientAuthentication;

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

    /** How bytes travel. */
    public static final class Transport {

        /** Name of the transport provider. */
        private @Nullable String provider;

        /** Versions of HTTP to speak, one of "auto", "http1" and "h2". */
        private @Nullable String http;

        /** Most connections to the service. */
        private @Nullable Integer maxConnections;

        /** Most calls that wait for a connection. */
        private @Nullable Integer maxPending;

        /** Most idle connections kept open. */
        private @Nullable Integer keepAlive;

        /** Time after which an idle connection is closed. */
        private @Nullable Duration idleTimeout;

        /** Age from which a connection is replaced, spread by a fifth. */
        private @Nullable Duration maxAge;

        /** Number of threads that move bytes. */
        private @Nullable Integer eventLoops;

        /** Most bytes of the headers and trailers of one response. */
        private @Nullable Integer maxResponseHeaders;

        /** PEM file with the certificates to trust instead of those of the JVM. */
        private @Nullable String trustCertificates;

        public @Nullable String getProvider() {
            return provider;
        }

        public void setProvider(@Nullable String value) {
            this.provider = value;
        }

        public @Nullable String getHttp() {
            return http;
        }

        public void setHttp(@Nullable String value) {
            this.http = value;
        }

        public @Nullable Integer getMaxConnections() {
            return maxConnections;
        }

        public void setMaxConnections(@Nullable Integer value) {
            this.maxConnections = value;
        }

        public @Nullable Integer getMaxPending() {
            return maxPending;
        }

        public void setMaxPending(@Nullable Integer value) {
            this.maxPending = value;
        }

        public @Nullable Integer getKeepAlive() {
            return keepAlive;
        }

        public void setKeepAlive(@Nullable Integer value) {
            this.keepAlive = value;
        }

        public @Nullable Duration getIdleTimeout() {
            return idleTimeout;
        }

        public void setIdleTimeout(@Nullable Duration value) {
            this.idleTimeout = value;
        }

        public @Nullable Duration getMaxAge() {
            return maxAge;
        }

        public void setMaxAge(@Nullable Duration value) {
            this.maxAge = value;
        }

        public @Nullable Integer getEventLoops() {
            return eventLoops;
        }

        public void setEventLoops(@Nullable Integer value) {
            this.eventLoops = value;
        }

        public @Nullable Integer getMaxResponseHeaders() {
            return maxResponseHeaders;
        }

        public void setMaxResponseHeaders(@Nullable Integer value) {
            this.maxResponseHeaders = value;
        }

        public @Nullable String getTrustCertificates() {
            return trustCertificates;
        }

        public void setTrustCertificates(@Nullable String value) {
            this.trustCertificates = value;
        }
    }

    /** What is tried again, and when. */
    public static final class Retry {

        /** Name of the rules, one of "standard", "classic", "never" and "spring", or of a provider. */
        private @Nullable String preset;

        /** Most attempts of a call, including the first. */
        private @Nullable Integer maxAttempts;

        /** Longest wait worth obeying when the service asks for one. */
        private @Nullable Duration retryAfterCeiling;

        /** Shortest wait of the classic rules. */
        private @Nullable Duration minDelay;

        /** Longest wait of the classic rules. */
        private @Nullable Duration maxDelay;

        /** Multiplier of the classic rules, in seconds. */
        private @Nullable Double multiplier;

        /**
         * Whether a request is sent again, once in a call, when a reused connection ended right after it, before any
         * byte of a response. In the rare case that the service had read it, it is paid for twice.
         */
        private @Nullable Boolean replayOnIdleClose;

        public @Nullable String getPreset() {
            return preset;
        }

        public void setPreset(@Nullable String value) {
            this.preset = value;
        }

        public @Nullable Integer getMaxAttempts() {
            return maxAttempts;
        }

        public void setMaxAttempts(@Nullable Integer value) {
            this.maxAttempts = value;
        }

        public @Nullable Duration getRetryAfterCeiling() {
            return retryAfterCeiling;
        }

        public void setRetryAfterCeiling(@Nullable Duration value) {
            this.retryAfterCeiling = value;
        }

        public @Nullable Duration getMinDelay() {
            return minDelay;
        }

        public void setMinDelay(@Nullable Duration value) {
            this.minDelay = value;
        }

        public @Nullable Duration getMaxDelay() {
            return maxDelay;
        }

        public void setMaxDelay(@Nullable Duration value) {
            this.maxDelay = value;
        }

        public @Nullable Double getMultiplier() {
            return multiplier;
        }

        public void setMultiplier(@Nullable Double value) {
            this.multiplier = value;
        }

        public @Nullable Boolean getReplayOnIdleClose() {
            return replayOnIdleClose;
        }

        public void setReplayOnIdleClose(@Nullable Boolean value) {
            this.replayOnIdleClose = value;
        }
    }

    /** The account's limits. */
    public static final class Quota {

        /** Name of the quota provider. */
        private @Nullable String provider;

        /** Most calls at a time. */
        private @Nullable Integer concurrency;

        /** Most requests in a minute, such as 200 or 5k. */
        private @Nullable String requestsPerMinute;

        /** Most tokens in a minute, such as 500k or 2M. */
        private @Nullable String tokensPerMinute;

        public @Nullable String getProvider() {
            return provider;
        }

        public void setProvider(@Nullable String value) {
            this.provider = value;
        }

        public @Nullable Integer getConcurrency() {
            return concurrency;
        }

        public void setConcurrency(@Nullable Integer value) {
            this.concurrency = value;
        }

        public @Nullable String getRequestsPerMinute() {
            return requestsPerMinute;
        }

        public void setRequestsPerMinute(@Nullable String value) {
            this.requestsPerMinute = value;
        }

        public @Nullable String getTokensPerMinute() {
            return tokensPerMinute;
        }

        public void setTokensPerMinute(@Nullable String value) {
            this.tokensPerMinute = value;
        }
    }

    /** How bulk runs go about it. */
    public static final class Batch {

        /** Name of the rule for how many calls of a bulk run are under way. */
        private @Nullable String window;

        /** Most calls of a bulk run under way. */
        private @Nullable Integer maxBatchSize;

        /** Calls per second that a bulk run aims at. */
        private @Nullable Double throughputTarget;

        public @Nullable String getWindow() {
            return window;
        }

        public void setWindow(@Nullable String value) {
            this.window = value;
        }

        public @Nullable Integer getMaxBatchSize() {
            return maxBatchSize;
        }

        public void setMaxBatchSize(@Nullable Integer value) {
            this.maxBatchSize = value;
        }

        public @Nullable Double getThroughputTarget() {
            return throughputTarget;
        }

        public void setThroughputTarget(@Nullable Double value) {
            this.throughputTarget = value;
        }
    }
}
