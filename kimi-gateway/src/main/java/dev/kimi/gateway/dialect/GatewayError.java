package dev.kimi.gateway.dialect;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Why a client gets no response of a service. Each dialect writes it in its own shape.
 *
 * @param kind what kind of error
 * @param status HTTP status, 400 to 599
 * @param message for the client: what happened and what to do; holds no credential, and content only where the service
 *     itself has put it there
 * @param retryAfter what to wait, sent as {@code retry-after} in whole seconds, rounded up; null for no such header
 * @param shouldRetry sent as {@code x-should-retry}; null for no such header
 */
public record GatewayError(
        Kind kind,
        int status,
        String message,
        @Nullable Duration retryAfter,
        @Nullable Boolean shouldRetry) {

    /** What a client may decide by. */
    public enum Kind {
        /** 400: the request is wrong. */
        INVALID_REQUEST,
        /** 400: the conversation is longer than the model's window. */
        PROMPT_TOO_LONG,
        /** 401: no virtual key, or none that is valid. */
        AUTHENTICATION,
        /** 403: the key may not do that. */
        PERMISSION,
        /** 404: no such path or model. */
        NOT_FOUND,
        /** 413: the body is too large. */
        TOO_LARGE,
        /** 429: too many requests or tokens at a time. */
        RATE_LIMIT,
        /** 429 or 402: a budget of money or a quota is used up, so that trying again soon is of no use. */
        BUDGET,
        /** 529 or 503: the service or the gateway is overloaded, or the circuit is open. */
        OVERLOADED,
        /** 504: no response in time. */
        TIMEOUT,
        /** 500 or 502: anything else. */
        API
    }

    /** An error after which the client decides by itself whether it tries again. */
    public static GatewayError of(Kind kind, int status, String message) {
        return new GatewayError(kind, status, message, null, null);
    }

    /** The headers that say when to try again, and whether. */
    public Map<String, String> headers() {
        Map<String, String> headers = new LinkedHashMap<>();
        if (retryAfter != null) {
            headers.put("retry-after", seconds(retryAfter));
        }
        if (shouldRetry != null) {
            headers.put("x-should-retry", shouldRetry.toString());
        }
        return headers;
    }

    /** Whole seconds, rounded up and at least one, as {@code retry-after} has them. */
    public static String seconds(Duration wait) {
        return Long.toString(Math.max(1, (wait.toMillis() + 999) / 1000));
    }

    /** The same error with {@code x-should-retry: false} and no {@code retry-after}. */
    public GatewayError isFinal() {
        return new GatewayError(kind, status, message, null, false);
    }

    /** The same error with {@code retry-after}. */
    public GatewayError retryAfter(@Nullable Duration wait) {
        return new GatewayError(kind, status, message, wait, shouldRetry);
    }
}
