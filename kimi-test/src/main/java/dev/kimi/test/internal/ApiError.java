package dev.kimi.test.internal;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An error response in the words of the real service.
 *
 * @param code code beside the message, or null
 * @param claude what Anthropic's service says in the same case; null if the type alone differs
 */
public record ApiError(
        int status,
        String type,
        String message,
        Map<String, String> headers,
        @Nullable String code,
        @Nullable ApiError claude) {

    /** The window of the tokens that are generated. */
    public static final String OUTPUT = "output TPM";

    private static final String ORGANISATION = "org-51f0a7c2d4e84b6f9a3c5d7e";
    private static final String KEY_ID = "ak-f7k2m9q4w1x8";
    private static final String INVALID = "invalid_request_error";
    private static final String RATE_LIMIT = "rate_limit_reached_error";
    private static final String CLAUDE_LIMIT = "rate_limit_error";

    public static ApiError of(int status, String type, String message) {
        return new ApiError(status, type, message, Map.of(), null, null);
    }

    private ApiError orClaude(int status, String type, String message) {
        return new ApiError(this.status, this.type, this.message, headers, code, of(status, type, message));
    }

    /** 400 with the given text. */
    public static ApiError invalid(String message) {
        return of(400, INVALID, message);
    }

    public static ApiError missingKey() {
        return of(401, "invalid_authentication_error", "Invalid Authentication")
                .orClaude(401, "authentication_error", "x-api-key header is required");
    }

    public static ApiError wrongKey() {
        return of(401, "incorrect_api_key_error", "Incorrect API key provided")
                .orClaude(401, "authentication_error", "invalid x-api-key");
    }

    public static ApiError unknownModel(String model) {
        return of(404, "resource_not_found_error", "Not found the model " + model + " or Permission denied")
                .orClaude(404, "not_found_error", "model: " + model);
    }

    public static ApiError overloaded() {
        return of(429, "engine_overloaded_error", "The engine is currently overloaded, please try again later")
                .orClaude(529, "overloaded_error", "Overloaded");
    }

    public static ApiError unavailable() {
        return of(503, "server_unavailable", "The service is temporarily unavailable, please try again later");
    }

    /** The account is out of money, or has spent what it may spend this month. */
    public static ApiError quotaExceeded() {
        String text = "Your account " + ORGANISATION + " <" + KEY_ID + "> is suspended due to insufficient balance,"
                + " please recharge your account or check your plan and billing details";
        ApiError claude = new ApiError(
                429,
                CLAUDE_LIMIT,
                "Your organization has reached its monthly spend limit. Access returns at 00:00 UTC on the first of"
                        + " next month.",
                Map.of(),
                "enforced_spend_limit_reached",
                null);
        return new ApiError(429, "exceeded_current_quota_error", text, Map.of(), null, claude);
    }

    /** The body is larger than the service takes. */
    public static ApiError tooLarge() {
        return of(413, INVALID, "Request exceeds the maximum size")
                .orClaude(413, "request_too_large", "Request exceeds the maximum size");
    }

    public static ApiError tooManyRequests(String organisation, long limit, Duration wait) {
        String text = account(organisation) + " request reached organization max RPM: " + limit;
        return limited(
                text + tryAgain(wait),
                "This request would exceed your account's rate limit. Please try again later.",
                wait);
    }

    public static ApiError tooManyAtOnce(String organisation, long limit, Duration wait) {
        String text = account(organisation) + " request reached max organization concurrency: " + limit;
        return limited(
                text + tryAgain(wait),
                "Number of concurrent connections has exceeded your rate limit. Please try again later.",
                wait);
    }

    public static ApiError tooManyTokens(String organisation, String window, long current, long limit, Duration wait) {
        return limited(
                account(organisation) + " request reached organization " + window + " rate limit, current: " + current
                        + ", limit: " + limit,
                String.format(
                        Locale.ROOT,
                        "This request would exceed the rate limit for your organization (%s) of %,d %s tokens per"
                                + " minute. You can see the response headers for current usage. Please reduce the"
                                + " prompt length or try again later.",
                        organisation,
                        limit,
                        OUTPUT.equals(window) ? "output" : "input"),
                wait);
    }

    /** The organisation the service names where no account was configured. */
    public static String defaultOrganisation() {
        return ORGANISATION;
    }

    /** The JSON text; the service escapes angle brackets and ampersands. */
    public byte[] body() {
        StringBuilder out = new StringBuilder("{\"error\":{\"message\":");
        Json.quote(out, message).append(",\"type\":");
        Json.quote(out, type).append("}}");
        return out.toString()
                .replace("<", "\\u003c")
                .replace(">", "\\u003e")
                .replace("&", "\\u0026")
                .getBytes(StandardCharsets.UTF_8);
    }

    private static String account(String organisation) {
        return "Your account " + organisation + "<" + KEY_ID + ">";
    }

    private static String tryAgain(Duration wait) {
        return ", please try again after " + seconds(wait) + " seconds";
    }

    private static ApiError limited(String message, String words, Duration wait) {
        String seconds = Long.toString(seconds(wait));
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("Msh-Cooldown-Seconds", seconds);
        headers.put("Retry-After", seconds);
        headers.put("X-Retry-After", seconds);
        ApiError claude = new ApiError(429, CLAUDE_LIMIT, words, Map.of("Retry-After", seconds), null, null);
        return new ApiError(429, RATE_LIMIT, message, headers, null, claude);
    }

    private static long seconds(Duration wait) {
        long whole = wait.getSeconds();
        return wait.getNano() > 0 ? whole + 1 : whole;
    }
}
