package dev.kimi.internal.protocol;

import dev.kimi.transport.Headers;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Finds out how long the service wants the caller to wait, in all the spellings that services use. A value that makes
 * no sense (not a number, negative, beyond any clock) is passed over, and so is one that asks for no wait at all (zero,
 * a date that is not in the future): whoever rejects a request and says "at once" has not thought about it. Of several
 * that make sense the longest counts, clamped to {@link #LONGEST}.
 */
final class RetryHints {

    /** No wait is believed to be longer. */
    static final Duration LONGEST = Duration.ofDays(31);

    private static final double ABSURD_SECONDS = 1e9;
    private static final int LONGEST_VALUE = 64;
    private static final Pattern NUMBER = Pattern.compile("\\d{1,18}(\\.\\d{0,18})?([eE]\\d{1,2})?");
    private static final Pattern DURATION = Pattern.compile("(\\d{1,18}(?:\\.\\d{0,18})?)(ms|s|m|h)?");
    private static final Pattern TEXT = Pattern.compile(
            "(?:try again|retry|wait)(?: after| in| for)?\\s+(?:(\\d{1,6}) ?h(?:ours?)?\\b)?\\s*"
                    + "(?:(\\d{1,6}) ?m(?:in(?:ute)?s?)?(?![a-z]))?\\s*"
                    + "(?:(\\d{1,9}(?:\\.\\d{1,9})?)\\s?(ms|milliseconds?|secs?|seconds?|s)\\b)?",
            Pattern.CASE_INSENSITIVE);
    private static final Pattern CHINESE_TEXT = Pattern.compile("(\\d{1,6})\\s*(秒|分钟|小时)(?:钟)?(?:之?后|再)");
    private static final DateTimeFormatter RFC_850 = new DateTimeFormatterBuilder()
            .parseCaseInsensitive()
            .appendPattern("EEEE, dd-MMM-")
            .appendValueReduced(ChronoField.YEAR, 2, 2, 1990)
            .appendPattern(" HH:mm:ss 'GMT'")
            .toFormatter(Locale.US)
            .withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter ASCTIME = new DateTimeFormatterBuilder()
            .parseCaseInsensitive()
            .appendPattern("EEE MMM ppd HH:mm:ss yyyy")
            .toFormatter(Locale.US)
            .withZone(ZoneOffset.UTC);
    private static final List<String> LIMITS = List.of(
            "ratelimit-requests",
            "ratelimit-tokens",
            "ratelimit-input-tokens",
            "ratelimit-output-tokens",
            "ratelimit-unified-5h",
            "ratelimit-unified-7d",
            "ratelimit-unified",
            "fast-input-tokens",
            "fast-output-tokens");

    private static final Set<String> MEMBERS = Set.of(
            "retrydelay",
            "retryafter",
            "xretryafter",
            "retryafterms",
            "retryaftermilliseconds",
            "retryaftersecs",
            "retryafterseconds",
            "retryinseconds");

    private RetryHints() {}

    /**
     * The wait that headers and words of a response ask for, counted from the response, or null when they ask for none.
     *
     * @param message the service's words, or null
     * @param now used where the response has no {@code Date} of its own
     */
    static @Nullable Duration find(Headers headers, @Nullable String message, Instant now) {
        Instant respondedAt = respondedAt(headers, now);
        @Nullable Duration[] hint = {message == null ? null : text(message)};
        headers.forEach((name, value) -> hint[0] = later(hint[0], ofHeader(name, value, respondedAt)));
        return hint[0] == null ? exhausted(headers, respondedAt) : hint[0];
    }

    private static @Nullable Duration ofHeader(String name, String value, Instant respondedAt) {
        return switch (name) {
            case "retry-after-ms", "x-retry-after-ms", "x-ms-retry-after-ms" -> seconds(value, 1e-3);
            case "retry-after", "x-retry-after" -> secondsOrDate(value, respondedAt);
            case "msh-cooldown-seconds" -> seconds(value, 1);
            default -> null;
        };
    }

    /** Whether a member of an error's body is a hint by its name, in any style of writing. */
    static boolean isName(String name) {
        return MEMBERS.contains(plain(name));
    }

    /**
     * The wait that a member of an error's body asks for, or null.
     *
     * @param name one that {@link #isName} knows, or {@code seconds}
     * @param value a number in the unit that the name says, seconds without one; or a number with its unit, as protobuf
     *     writes durations ("3.5s", "1200ms")
     */
    static @Nullable Duration ofMember(String name, @Nullable String value) {
        Matcher duration = DURATION.matcher(value == null || value.length() > LONGEST_VALUE ? "" : value.trim());
        if (!duration.matches()) {
            return null;
        }
        String unit = duration.group(2);
        if (unit == null) {
            return seconds(duration.group(1), plain(name).endsWith("ms") ? 1e-3 : 1);
        }
        return switch (unit) {
            case "ms" -> seconds(duration.group(1), 1e-3);
            case "m" -> seconds(duration.group(1), 60);
            case "h" -> seconds(duration.group(1), 3600);
            default -> seconds(duration.group(1), 1);
        };
    }

    /** The longer of two waits, either of which may be unknown. */
    static @Nullable Duration later(@Nullable Duration one, @Nullable Duration other) {
        if (one == null || other == null) {
            return one == null ? other : one;
        }
        return one.compareTo(other) >= 0 ? one : other;
    }

    private static String plain(String name) {
        return name.toLowerCase(Locale.ROOT).replace("_", "").replace("-", "");
    }

    private static Instant respondedAt(Headers headers, Instant now) {
        String date = headers.first("date");
        Instant respondedAt = date == null ? null : date(date.trim());
        return respondedAt == null ? now : respondedAt;
    }

    private static @Nullable Duration secondsOrDate(@Nullable String value, Instant respondedAt) {
        Duration seconds = seconds(value, 1);
        if (seconds != null || value == null || value.length() > LONGEST_VALUE) {
            return seconds;
        }
        Instant date = date(value.trim());
        return date == null ? null : clamp(Duration.between(respondedAt, date));
    }

    private static @Nullable Duration seconds(@Nullable String value, double unit) {
        String number = value == null ? "" : value.trim();
        if (number.length() > LONGEST_VALUE || !NUMBER.matcher(number).matches()) {
            return null;
        }
        return seconds(Double.parseDouble(number) * unit);
    }

    private static @Nullable Duration seconds(double seconds) {
        return seconds > ABSURD_SECONDS ? null : clamp(Duration.ofMillis(Math.round(Math.ceil(seconds * 1e3))));
    }

    private static @Nullable Duration clamp(Duration hint) {
        if (hint.isNegative() || hint.isZero()) {
            return null;
        }
        return hint.compareTo(LONGEST) > 0 ? LONGEST : hint;
    }

    private static @Nullable Instant date(String value) {
        Instant date = parse(value, DateTimeFormatter.RFC_1123_DATE_TIME);
        if (date == null) {
            date = parse(value, RFC_850);
        }
        return date == null ? parse(value, ASCTIME) : date;
    }

    private static @Nullable Instant parse(String value, DateTimeFormatter format) {
        try {
            return format.parse(value, Instant::from);
        } catch (DateTimeException e) {
            return null;
        }
    }

    private static @Nullable Duration text(String message) {
        Matcher matcher = TEXT.matcher(message);
        while (matcher.find()) {
            if (matcher.group(1) != null || matcher.group(2) != null || matcher.group(3) != null) {
                return seconds(number(matcher.group(1)) * 3600 + number(matcher.group(2)) * 60 + last(matcher));
            }
        }
        Matcher chinese = CHINESE_TEXT.matcher(message);
        return chinese.find() ? seconds(number(chinese.group(1)) * unit(chinese.group(2))) : null;
    }

    private static double unit(String chinese) {
        return chinese.equals("秒") ? 1 : chinese.equals("分钟") ? 60 : 3600;
    }

    private static double last(Matcher matcher) {
        String unit = matcher.group(4);
        boolean millis = unit != null && unit.toLowerCase(Locale.ROOT).startsWith("m");
        return number(matcher.group(3)) / (millis ? 1000 : 1);
    }

    private static double number(@Nullable String digits) {
        return digits == null ? 0 : Double.parseDouble(digits);
    }

    /** Anthropic's limits each say when they are full again; only those that are used up matter. */
    private static @Nullable Duration exhausted(Headers headers, Instant respondedAt) {
        Duration longest = null;
        for (String limit : LIMITS) {
            String prefix = "anthropic-" + limit;
            String reset = headers.first(prefix + "-reset");
            if (reset != null && "0".equals(headers.first(prefix + "-remaining"))) {
                Duration hint = untilReset(reset.trim(), respondedAt);
                longest = later(longest, hint);
            }
        }
        return longest;
    }

    private static @Nullable Duration untilReset(String reset, Instant respondedAt) {
        try {
            return clamp(
                    Duration.between(respondedAt, ZonedDateTime.parse(reset).toInstant()));
        } catch (DateTimeException e) {
            return null;
        }
    }
}
