package dev.kimi.internal.protocol;

import dev.kimi.error.AuthenticationException;
import dev.kimi.error.ContentFilteredException;
import dev.kimi.error.KimiException;
import dev.kimi.error.OverloadedException;
import dev.kimi.error.PermissionException;
import dev.kimi.error.QuotaExceededException;
import dev.kimi.error.RateLimitException;
import dev.kimi.error.ServerException;
import dev.kimi.transport.Headers;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The only place that decides what a failure is, for both protocols. The service's name of the error counts before its
 * words, and both before the status: a 429 may be a rate, an overload or an empty account; an account may also be
 * empty with 402 or 403; and a wrong key may come as 400.
 */
final class ErrorClassifier {

    private static final Set<String> QUOTA_NAMES =
            Set.of("exceeded_current_quota_error", "insufficient_quota", "billing_error", "insufficient_balance");
    private static final Set<String> OVERLOAD_NAMES =
            Set.of("engine_overloaded_error", "overloaded_error", "server_unavailable", "server_overloaded");
    private static final Set<String> KEY_NAMES = Set.of(
            "invalid_authentication_error", "incorrect_api_key_error", "authentication_error", "invalid_api_key");
    private static final Set<String> FILTER_NAMES = Set.of("content_filter", "content_policy_violation");
    private static final Pattern QUOTA_WORDS = Pattern.compile("exceeded your current (token )?quota"
            + "|check your account balance|insufficient (account )?balance|insufficient_quota|recharge|in arrears"
            + "|is suspended|usage limit for this billing|credit balance is too low|account .{0,80} is not active");
    private static final Pattern KEY_WORDS =
            Pattern.compile("(incorrect|invalid|missing) (x-)?api[- ]?key|invalid authentication");
    private static final Pattern FILTER_WORDS = Pattern.compile("considered high risk|content management policy");
    private static final Pattern OVERLOAD_WORDS = Pattern.compile("overloaded|over capacity");
    private static final Pattern RATE_WORDS = Pattern.compile("rate[- ]limit|too many requests");
    private static final Pattern CONCURRENCY = Pattern.compile("concurren");
    private static final Pattern PER_MINUTE = Pattern.compile("\\brpm\\b|requests per minute");
    private static final Pattern TOKENS_PER_MINUTE = Pattern.compile("\\btpm\\b|tokens per minute");
    private static final Pattern TOKENS_PER_DAY = Pattern.compile("\\btpd\\b|tokens per day");

    /** Statuses that names stand for where an error comes without a status of its own, in a stream. */
    private static final Map<String, Integer> STATUS_OF_NAME = Map.ofEntries(
            Map.entry("invalid_request_error", 400),
            Map.entry("content_filter", 400),
            Map.entry("authentication_error", 401),
            Map.entry("invalid_authentication_error", 401),
            Map.entry("incorrect_api_key_error", 401),
            Map.entry("invalid_api_key", 401),
            Map.entry("billing_error", 402),
            Map.entry("permission_error", 403),
            Map.entry("permission_denied_error", 403),
            Map.entry("not_found_error", 404),
            Map.entry("resource_not_found_error", 404),
            Map.entry("request_too_large", 413),
            Map.entry("rate_limit_error", 429),
            Map.entry("rate_limit_reached_error", 429),
            Map.entry("rate_limit_exceeded", 429),
            Map.entry("exceeded_current_quota_error", 429),
            Map.entry("engine_overloaded_error", 429),
            Map.entry("overloaded_error", 529),
            Map.entry("timeout_error", 504));

    private ErrorClassifier() {}

    /** The exception for an answer, or for an error inside a stream, whose status is the 2xx that it began with. */
    static KimiException classify(int status, Headers headers, ErrorBody body, ErrorContext context) {
        Duration after = RetryHints.find(headers, body.message, context.now());
        KimiException.Details details = context.details()
                .status(status)
                .errorType(body.name())
                .requestId(RequestIds.find(headers, body.requestId))
                .retry(after, after == null ? null : context.now().plus(after))
                .build();
        int effective = status >= 300 ? status : effectiveStatus(body);
        String name = body.name() == null ? "" : body.name();
        String words = body.words();
        String said = said(effective, name, body);
        KimiException known = byName(effective, name, words, said, details);
        return known == null ? byStatus(effective, words, said, details, body) : known;
    }

    /** What the status would have been, had the error come before the stream began. */
    private static int effectiveStatus(ErrorBody body) {
        int status = body.status();
        if (status == 0 && body.name() != null) {
            status = STATUS_OF_NAME.getOrDefault(body.name(), 0);
        }
        if (status != 0) {
            return status;
        }
        String words = body.words();
        if (OVERLOAD_WORDS.matcher(words).find()) {
            return 529;
        } else if (KEY_WORDS.matcher(words).find()) {
            return 401;
        }
        return RATE_WORDS.matcher(words).find() ? 429 : 500;
    }

    private static @Nullable KimiException byName(
            int status, String name, String words, String said, KimiException.Details details) {
        boolean quotaWords = !name.equals("rate_limit_reached_error")
                && mayBeQuota(status)
                && QUOTA_WORDS.matcher(words).find();
        if (QUOTA_NAMES.contains(name) || status == 402 || quotaWords) {
            return new QuotaExceededException(
                    said + " The account has no balance or quota left: recharge it or raise its quota.", details, null);
        }
        if (OVERLOAD_NAMES.contains(name)
                || status == 429 && OVERLOAD_WORDS.matcher(words).find()) {
            return overloaded(said, details);
        }
        if (FILTER_NAMES.contains(name)
                || status == 400 && FILTER_WORDS.matcher(words).find()) {
            return new ContentFilteredException(
                    said + " The service refuses this content; sending it again meets the same answer.", details, null);
        }
        if (KEY_NAMES.contains(name)
                || status == 400 && KEY_WORDS.matcher(words).find()) {
            return authentication(said, details);
        }
        return null;
    }

    private static boolean mayBeQuota(int status) {
        return status == 429 || status == 403 || status == 400;
    }

    private static KimiException byStatus(
            int status, String words, String said, KimiException.Details details, ErrorBody body) {
        return switch (status) {
            case 401 -> authentication(said, details);
            case 403 ->
                new PermissionException(
                        said + " The key is good but may not do this: check its rights.", details, null);
            case 408, 409, 425 -> new ServerException(said + " Trying again may help.", details, null);
            case 429 -> rate(said, words, details);
            case 503, 529 -> overloaded(said, details);
            case 504 ->
                new ServerException(
                        said + " The gateway gave up waiting: stream the answer, or ask for less at once.",
                        details,
                        null);
            default ->
                status >= 500
                        ? new ServerException(said + " The service failed; trying again may help.", details, null)
                        : Refusals.explain(status, said, body, details);
        };
    }

    private static KimiException authentication(String said, KimiException.Details details) {
        return new AuthenticationException(
                said + " Check the key and that it belongs to this host: keys of one platform do not work on another.",
                details,
                null);
    }

    private static KimiException overloaded(String said, KimiException.Details details) {
        return new OverloadedException(
                said + " The service has no capacity left for anybody; try again later.", details, null);
    }

    private static KimiException rate(String said, String words, KimiException.Details details) {
        RateLimitException.Limit limit = limit(words);
        String advice = limit == RateLimitException.Limit.TOKENS_PER_DAY
                ? " The account's tokens of the day are used up: wait for the next day or raise the limit."
                : " The account sends more than it may: send less at once or raise its limits.";
        return new RateLimitException(said + advice, details, limit, null);
    }

    private static RateLimitException.Limit limit(String words) {
        if (CONCURRENCY.matcher(words).find()) {
            return RateLimitException.Limit.CONCURRENCY;
        } else if (TOKENS_PER_DAY.matcher(words).find()) {
            return RateLimitException.Limit.TOKENS_PER_DAY;
        } else if (TOKENS_PER_MINUTE.matcher(words).find()) {
            return RateLimitException.Limit.TOKENS_PER_MINUTE;
        }
        return PER_MINUTE.matcher(words).find()
                ? RateLimitException.Limit.REQUESTS_PER_MINUTE
                : RateLimitException.Limit.UNKNOWN;
    }

    /** {@code HTTP 429 rate_limit_reached_error: "…"}, or without what is not known. */
    private static String said(int status, String name, ErrorBody body) {
        String text = SafeText.of(body.message);
        return "The service answered " + status + (name.isEmpty() ? "" : " " + name)
                + (text == null ? "." : ": \"" + text + "\".");
    }
}
