package dev.kimi.oauth2;

import dev.kimi.auth.Credentials;
import dev.kimi.error.AuthenticationException;
import dev.kimi.error.DeadlineExceededException;
import dev.kimi.error.KimiException;
import dev.kimi.error.ServerException;
import dev.kimi.error.TransportException;
import dev.kimi.spi.ProviderSettings;
import dev.kimi.time.Timer;
import dev.kimi.transport.Exchange;
import dev.kimi.transport.ExchangeHandler;
import dev.kimi.transport.Headers;
import dev.kimi.transport.Transport;
import dev.kimi.transport.TransportFailure;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Fetches one token, without blocking and without trying again: that is the business of who asks. */
final class TokenEndpoint {

    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final int MAX_RESPONSE_BYTES = 64 << 10;

    /** The names of RFC 6749. No others are repeated: what else stands there may be anything. */
    private static final Set<String> ERRORS = Set.of(
            "invalid_request",
            "invalid_client",
            "invalid_grant",
            "unauthorized_client",
            "unsupported_grant_type",
            "invalid_scope",
            "server_error",
            "temporarily_unavailable");

    private final ProviderSettings settings;
    private final Transport transport;
    private final TokenRequest request;

    TokenEndpoint(ProviderSettings settings, Transport transport, TokenRequest request) {
        this.settings = settings;
        this.transport = transport;
        this.request = request;
    }

    /** @param grant the form with the fields of the grant, to be sent once */
    CompletionStage<Issued> fetch(Form grant) {
        Fetch fetch = new Fetch(settings.time().nanoTime());
        fetch.begin(transport.send(request.with(grant), fetch));
        return fetch.issued;
    }

    /**
     * What came.
     *
     * @param token the access token
     * @param refreshToken the one to use from now on, or null if there is no other
     */
    record Issued(Token token, @Nullable RefreshToken refreshToken) {}

    private Issued read(int status, Headers headers, byte[] body, long askedNanos) {
        JsonNode response;
        try {
            response = JSON.readTree(body);
        } catch (JacksonException e) {
            response = JSON.nullNode();
        }
        if (status < 200 || status >= 300) {
            throw rejected(status, response.path("error").asString(""));
        }
        String token = response.path("access_token").asString("");
        try {
            double jitter = Token.jitter(settings.random());
            OptionalLong lifetime = seconds(response.path("expires_in"));
            String next = response.path("refresh_token").asString("");
            return new Issued(
                    Token.of(Credentials.bearer(token), askedNanos, lifetime, jitter, skew(headers)),
                    next.isBlank() ? null : RefreshToken.of(next));
        } catch (IllegalArgumentException e) {
            throw new ServerException(
                    "The token endpoint's response holds no access_token, or a token that cannot be sent.",
                    details(status),
                    null);
        }
    }

    /** Empty when there is none or it cannot be read; taken for 0 it would make a new token be fetched each second. */
    private static OptionalLong seconds(JsonNode lifetime) {
        if (!lifetime.isNumber() && !lifetime.isString()) {
            return OptionalLong.empty();
        }
        try {
            double seconds = Double.parseDouble(lifetime.asString());
            return Double.isNaN(seconds) ? OptionalLong.empty() : OptionalLong.of((long) seconds);
        } catch (NumberFormatException e) {
            return OptionalLong.empty();
        }
    }

    /** RFC 6749, section 5.2: what the client has done wrong comes with 400 or 401, and trying again does not help. */
    private KimiException rejected(int status, String error) {
        String known = ERRORS.contains(error) ? " (" + error + ")" : "";
        if (request.isRefresh() && error.equals("invalid_grant")) {
            return new AuthenticationException(
                    "The token endpoint rejected the refresh token" + known + ": it has expired, was revoked, or was"
                            + " used before by a process that ended before it could store the next one. Log in again.",
                    details(status),
                    null);
        }
        return status == 400 || status == 401 || status == 403
                ? new AuthenticationException(
                        "The token endpoint rejected the client" + known + ". Check " + request.settingsToCheck() + ".",
                        details(status),
                        null)
                : new ServerException(
                        "The token endpoint failed with status " + status + known + ".", details(status), null);
    }

    private static KimiException.Details details(int status) {
        return KimiException.Details.builder().status(status).build();
    }

    private static String message(TransportFailure failure) {
        String detail = failure.detail();
        if (detail != null) {
            return "The token endpoint could not be reached. " + detail;
        }
        return switch (failure.kind()) {
            case UNKNOWN_HOST ->
                "The host name of the token endpoint has no address. Check kimi.auth.token-uri and DNS.";
            case CERTIFICATE ->
                "The token endpoint's TLS certificate is not trusted, has expired or is for another host. Check"
                        + " kimi.auth.token-uri and the certificates that the JVM trusts.";
            default -> "The token endpoint could not be reached. Check kimi.auth.token-uri and the network.";
        };
    }

    private Duration skew(Headers headers) {
        String date = headers.first("date");
        if (date == null) {
            return Duration.ZERO;
        }
        try {
            Instant theirs = Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(date));
            return Duration.between(theirs, settings.time().now()).abs();
        } catch (DateTimeException e) {
            return Duration.ZERO;
        }
    }

    private final class Fetch implements ExchangeHandler {
        private final CompletableFuture<Issued> issued = new CompletableFuture<>();
        private final ByteArrayOutputStream body = new ByteArrayOutputStream();
        private final long askedNanos;
        private int status;
        private Headers headers = Headers.empty();
        private volatile @Nullable Exchange exchange;
        private boolean wanted;

        private Fetch(long askedNanos) {
            this.askedNanos = askedNanos;
        }

        private void begin(Exchange begun) {
            synchronized (this) {
                exchange = begun;
                if (wanted) {
                    begun.request(Long.MAX_VALUE);
                }
            }
            Duration limit = settings.timeouts().headers();
            Timer.Timeout timeout = settings.timer().schedule(limit.toNanos(), () -> {
                if (issued.completeExceptionally(new DeadlineExceededException(
                        "The token endpoint did not respond within " + ProviderSettings.text(limit) + ".",
                        KimiException.Details.NONE,
                        DeadlineExceededException.Phase.CREDENTIALS,
                        null))) {
                    begun.abort();
                }
            });
            issued.whenComplete((value, failure) -> timeout.cancel());
        }

        @Override
        public void onHeaders(int responseStatus, Headers responseHeaders) {
            synchronized (this) {
                status = responseStatus;
                headers = responseHeaders;
                // the response can be quicker than the return of send
                wanted = true;
                Exchange begun = exchange;
                if (begun != null) {
                    begun.request(Long.MAX_VALUE);
                }
            }
        }

        @Override
        public void onBody(ByteBuffer chunk) {
            if (body.size() + chunk.remaining() > MAX_RESPONSE_BYTES) {
                Exchange begun = exchange;
                if (begun != null) {
                    begun.abort();
                }
                issued.completeExceptionally(
                        new ServerException("The token endpoint's response is too large.", details(status), null));
                return;
            }
            byte[] bytes = new byte[chunk.remaining()];
            chunk.get(bytes);
            body.writeBytes(bytes);
        }

        @Override
        public void onComplete(Headers trailers) {
            try {
                issued.complete(read(status, headers, body.toByteArray(), askedNanos));
            } catch (KimiException e) {
                issued.completeExceptionally(e);
            }
        }

        @Override
        public void onFailure(TransportFailure failure) {
            issued.completeExceptionally(new TransportException(
                    message(failure), KimiException.Details.NONE, true, failure.permanent(), failure.cause()));
        }
    }
}
