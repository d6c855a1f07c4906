package dev.kimi.springai;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.ai.chat.metadata.EmptyRateLimit;
import org.springframework.ai.chat.metadata.RateLimit;

/**
 * What the headers of a response say of the account's limits. As Spring AI's empty one, it says 0 of what they do not.
 *
 * @param requests of requests
 * @param tokens of tokens
 */
record HeaderRateLimit(Limit requests, Limit tokens) implements RateLimit {

    private static final Pattern SPAN = Pattern.compile("(\\d+(?:\\.\\d+)?)(ms|s|m|h|d)?");

    /** @param now when the response was read: services name the moment of a reset, or the time until then */
    static RateLimit of(Map<String, String> headers, Instant now) {
        Reader reader = new Reader(headers, now);
        HeaderRateLimit limits = new HeaderRateLimit(reader.read("requests"), reader.read("tokens"));
        return limits.requests.equals(Limit.UNKNOWN) && limits.tokens.equals(Limit.UNKNOWN)
                ? new EmptyRateLimit()
                : limits;
    }

    @Override
    public Long getRequestsLimit() {
        return requests.limit();
    }

    @Override
    public Long getRequestsRemaining() {
        return requests.remaining();
    }

    @Override
    public Duration getRequestsReset() {
        return requests.reset();
    }

    @Override
    public Long getTokensLimit() {
        return tokens.limit();
    }

    @Override
    public Long getTokensRemaining() {
        return tokens.remaining();
    }

    @Override
    public Duration getTokensReset() {
        return tokens.reset();
    }

    /** A limit, what is left of it, and the time until it is whole again. */
    record Limit(long limit, long remaining, Duration reset) {
        static final Limit UNKNOWN = new Limit(0, 0, Duration.ZERO);
    }

    private record Reader(Map<String, String> headers, Instant now) {

        Limit read(String what) {
            return new Limit(count(what, "limit"), count(what, "remaining"), span(find(what, "reset")));
        }

        /** Without a kind, as some services write them, they are about requests. */
        private @Nullable String find(String what, String field) {
            String value = headers.get("anthropic-ratelimit-" + what + "-" + field);
            if (value == null) {
                value = headers.get("x-ratelimit-" + field + "-" + what);
            }
            return value == null && what.equals("requests") ? headers.get("x-ratelimit-" + field) : value;
        }

        private long count(String what, String field) {
            String value = find(what, field);
            return value != null && value.matches("\\d{1,18}") ? Long.parseLong(value) : 0;
        }

        /** A moment ({@code 2026-11-27T19:00:00Z}), a time ({@code 6m0s}, {@code 20ms}), or seconds. */
        private Duration span(@Nullable String value) {
            if (value == null) {
                return Duration.ZERO;
            }
            if (value.indexOf('T') > 0) {
                return until(value);
            }
            Duration sum = Duration.ZERO;
            Matcher matcher = SPAN.matcher(value);
            int end = 0;
            while (matcher.find() && matcher.start() == end && matcher.group(1).length() <= 15) {
                sum = sum.plusNanos(Math.round(Double.parseDouble(matcher.group(1)) * nanos(matcher.group(2))));
                end = matcher.end();
            }
            return end == value.length() ? sum : Duration.ZERO;
        }

        private Duration until(String moment) {
            try {
                Duration left = Duration.between(now, Instant.parse(moment));
                return left.isNegative() ? Duration.ZERO : left;
            } catch (DateTimeException e) {
                return Duration.ZERO;
            }
        }

        private static double nanos(@Nullable String unit) {
            return switch (unit == null ? "s" : unit) {
                case "ms" -> 1e6;
                case "m" -> 60e9;
                case "h" -> 3_600e9;
                case "d" -> 86_400e9;
                default -> 1e9;
            };
        }
    }
}
