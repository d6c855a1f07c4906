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
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Finds out how long the service wants the caller to wait, in all the spellings that services use. A value that makes
 * no sense (not a number, negative, beyond any clock) is passed over; one that does is clamped to {@link #LONGEST}.
 */
final class RetryHints {

    /** No wait is believed to be longer. */
    static final Duration LONGEST = Duration.ofDays(31);

    private static final double ABSURD_SECONDS = 1e9;
    private static final int LONGEST_VALUE = 64;
    private static final Pattern NUMBER = Pattern.compile("\\d{1,18}(\\.\\d{0,18})?([eE]\\d{1,2})?");
    private static final Pattern TEXT = Pattern.compile(
            "(?:try again|retry)(?: after| in)\\s+(?:(\\d{1,6})h)?\\s*(?:(\\d{1,6})m(?!s))?\\s*"
                    + "(?:(\\d{1,9}(?:\\.\\d{1,9})?)\\s?(ms|milliseconds?|seconds?|s|minutes?)\\b)?",
            Pattern.CASE_INSENSITIVE);
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
    private static final List<String> LIMITS =
            List.of("requests", "tokens", "input-tokens", "output-tokens", "unified-5h", "unified-7d", "unified");

    private RetryHints() {}

    /**
     * The wait that an answer asks for, counted from the answer, or null when it asks for none.
     *
     * @param message the service's words, or null
     * @param now used where the answer has no {@code Date} of its own
     */
    static @Nullable Duration find(Headers headers, @Nullable String message, Instant now) {
        Instant answered = answered(headers, now);
        Duration hint = seconds(headers.first("retry-after-ms"), 1e-3);
        if (hint == null) {
            hint = secondsOrDate(headers.first("x-retry-after"), answered);
        }
        if (hint == null) {
            hint = secondsOrDate(headers.first("retry-after"), answered);
        }
        if (hint == null) {
            hint = seconds(headers.first("msh-cooldown-seconds"), 1);
        }
        if (hint == null && message != null) {
            hint = text(message);
        }
        return hint == null ? exhausted(headers, answered) : hint;
    }

    private static Instant answered(Headers headers, Instant now) {
        String date = headers.first("date");
        Instant answered = date == null ? null : date(date.trim());
        return answered == null ? now : answered;
    }

    private static @Nullable Duration secondsOrDate(@Nullable String value, Instant answered) {
        Duration seconds = seconds(value, 1);
        if (seconds != null || value == null || value.length() > LONGEST_VALUE) {
            return seconds;
        }
        Instant date = date(value.trim());
        return date == null ? null : clamp(Duration.between(answered, date));
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

    private static Duration clamp(Duration hint) {
        if (hint.isNegative()) {
            return Duration.ZERO;
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
        return null;
    }

    private static double last(Matcher matcher) {
        double value = number(matcher.group(3));
        String unit = matcher.group(4) == null ? "" : matcher.group(4).toLowerCase(Locale.ROOT);
        if (unit.startsWith("ms") || unit.startsWith("milli")) {
            return value / 1000;
        }
        return unit.startsWith("minute") ? value * 60 : value;
    }

    private static double number(@Nullable String digits) {
        return digits == null ? 0 : Double.parseDouble(digits);
    }

    /** Anthropic's limits each say when they are full again; only those that are used up matter. */
    private static @Nullable Duration exhausted(Headers headers, Instant answered) {
        Duration longest = null;
        for (String limit : LIMITS) {
            String prefix = "anthropic-ratelimit-" + limit;
            String reset = headers.first(prefix + "-reset");
            if (reset != null && "0".equals(headers.first(prefix + "-remaining"))) {
                Duration hint = untilReset(reset.trim(), answered);
                longest = longest == null || hint != null && hint.compareTo(longest) > 0 ? hint : longest;
            }
        }
        return longest;
    }

    private static @Nullable Duration untilReset(String reset, Instant answered) {
        try {
            return clamp(Duration.between(answered, ZonedDateTime.parse(reset).toInstant()));
        } catch (DateTimeException e) {
            return null;
        }
    }
}
