package dev.kimi.test.internal;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/** An error response in the words of the real service. */
public record ApiError(int status, String type, String message, Map<String, String> headers) {

    private static final String ORGANISATION = "org-51f0a7c2d4e84b6f9a3c5d7e";
    private static final String KEY_ID = "ak-f7k2m9q4w1x8";
    private static final String INVALID = "invalid_request_error";
    private static final String RATE_LIMIT = "rate_limit_reached_error";

    public static ApiError of(int status, String type, String message) {
        return new ApiError(status, type, message, Map.of());
    }

    /** 400 with the given text. */
    public static ApiError invalid(String message) {
        return of(400, INVALID, message);
    }

    public static ApiError missingKey() {
        return of(401, "invalid_authentication_error", "Invalid Authentication");
    }

    public static ApiError wrongKey() {
        return of(401, "incorrect_api_key_error", "Incorrect API key provided");
    }

    public static ApiError unknownModel(String model) {
        return of(404, "resource_not_found_error", "Not found the model " + model + " or Permission denied");
    }

    public static ApiError overloaded() {
        return of(429, "engine_overloaded_error", "The engine is currently overloaded, please try again later");
    }

    public static ApiError unavailable() {
        return of(503, "server_unavailable", "The service is temporarily unavailable, please try again later");
    }

    public static ApiError quotaExceeded() {
        return of(
                429,
                "exceeded_current_quota_error",
                "Your account " + ORGANISATION + " <" + KEY_ID
                        + "> is suspended due to insufficient balance, please recharge your account or check your plan"
                        + " and billing details");
    }

    public static ApiError tooManyRequests(String organisation, long limit, Duration wait) {
        return limited(
                account(organisation) + " request reached organization max RPM: " + limit + tryAgain(wait), wait);
    }

    public static ApiError tooManyAtOnce(String organisation, long limit, Duration wait) {
        String text = account(organisation) + " request reached max organization concurrency: " + limit;
        return limited(text + tryAgain(wait), wait);
    }

    public static ApiError tooManyTokens(String organisation, String window, long current, long limit, Duration wait) {
        return limited(
                account(organisation) + " request reached organization " + window + " rate limit, current: " + current
                        + ", limit: " + limit,
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

    private static ApiError limited(String message, Duration wait) {
        String seconds = Long.toString(seconds(wait));
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("Msh-Cooldown-Seconds", seconds);
        headers.put("Retry-After", seconds);
        headers.put("X-Retry-After", seconds);
        return new ApiError(429, RATE_LIMIT, message, headers);
    }

    private static long seconds(Duration wait) {
        long whole = wait.getSeconds();
        return wait.getNano() > 0 ? whole + 1 : whole;
    }
}
