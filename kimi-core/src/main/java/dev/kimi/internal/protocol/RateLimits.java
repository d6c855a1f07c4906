package dev.kimi.internal.protocol;

import dev.kimi.error.KimiException;
import dev.kimi.error.KimiException.LimitScope;
import dev.kimi.error.RateLimitException;
import dev.kimi.error.RateLimitException.Limit;
import dev.kimi.transport.Headers;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Which limit a 429 is about, and whose limit that is. */
final class RateLimits {

    private static final Pattern CONCURRENCY = Pattern.compile("concurren|并发|並發");
    private static final Pattern PER_MINUTE = Pattern.compile("\\brpm\\b|requests?[ _]per[ _]min|每分钟请求");
    private static final Pattern TOKENS_PER_MINUTE = Pattern.compile("\\btpm\\b|tokens?[ _]per[ _]min");
    private static final Pattern TOKENS_PER_DAY = Pattern.compile("\\btpd\\b|tokens?[ _]per[ _]day");
    /** A limit that each model has its own of; Kimi speaks of the organisation or the project instead. */
    private static final Pattern OF_A_MODEL =
            Pattern.compile("\\b(for|of|on|by|to) ((this|the) )?model\\b|\\bmodel[- ]level\\b|该模型|此模型|該模型");

    private static final int SHORTEST_MODEL = 4;

    private RateLimits() {}

    static RateLimitException exception(
            String said, String words, Headers headers, KimiException.Details.Builder details, ErrorContext context) {
        Limit limit = limit(words, headers);
        LimitScope scope = isByModelClass(headers) ? LimitScope.ACCOUNT_MODEL_CLASS : scope(words, context.model());
        return new RateLimitException(
                said + " " + subject(scope, context.shownModel()) + advice(limit),
                details.limitScope(scope).build(),
                limit,
                null);
    }

    /** For the limit of an account too the model is named: it is what its caller can change. */
    private static String subject(LimitScope scope, @Nullable String model) {
        if (scope == LimitScope.ACCOUNT_MODEL_CLASS) {
            return model == null
                    ? "The account's calls of this model are"
                    : "The account's calls of model " + model + " are";
        }
        return model == null ? "The account is" : "The account, here with model " + model + ", is";
    }

    private static String advice(Limit limit) {
        return switch (limit) {
            case CONCURRENCY -> " at the limit of concurrent requests: send fewer at once or raise the limit.";
            case REQUESTS_PER_MINUTE -> " at the limit of requests per minute: send fewer at once or raise the limit.";
            case TOKENS_PER_MINUTE -> " at the limit of tokens per minute: send less at once or raise the limit.";
            case TOKENS_PER_DAY -> " at the limit of tokens per day: wait for the next day or raise the limit.";
            case UNKNOWN -> " at a rate limit: send less at once or raise its limits.";
        };
    }

    private static Limit limit(String words, Headers headers) {
        if (CONCURRENCY.matcher(words).find()) {
            return Limit.CONCURRENCY;
        } else if (TOKENS_PER_DAY.matcher(words).find()) {
            return Limit.TOKENS_PER_DAY;
        } else if (TOKENS_PER_MINUTE.matcher(words).find()) {
            return Limit.TOKENS_PER_MINUTE;
        }
        return PER_MINUTE.matcher(words).find() ? Limit.REQUESTS_PER_MINUTE : exhausted(headers);
    }

    /** What Anthropic's headers say is used up, which its words often leave out. */
    private static Limit exhausted(Headers headers) {
        if (isExhausted("requests", headers)) {
            return Limit.REQUESTS_PER_MINUTE;
        }
        boolean tokens = isExhausted("tokens", headers)
                || isExhausted("input-tokens", headers)
                || isExhausted("output-tokens", headers);
        return tokens ? Limit.TOKENS_PER_MINUTE : Limit.UNKNOWN;
    }

    private static boolean isExhausted(String limit, Headers headers) {
        return "0".equals(headers.first("anthropic-ratelimit-" + limit + "-remaining"));
    }

    /** Anthropic counts each class of models on its own, and what a subscription may use over all of them. */
    private static boolean isByModelClass(Headers headers) {
        boolean[] found = new boolean[2];
        headers.forEach((name, value) -> {
            found[0] |= name.startsWith("anthropic-");
            found[1] |= name.startsWith("anthropic-ratelimit-unified");
        });
        return found[0] && !found[1];
    }

    private static LimitScope scope(String words, @Nullable String model) {
        boolean named =
                model != null && model.length() >= SHORTEST_MODEL && words.contains(model.toLowerCase(Locale.ROOT));
        return named || OF_A_MODEL.matcher(words).find() ? LimitScope.ACCOUNT_MODEL_CLASS : LimitScope.ACCOUNT;
    }
}
