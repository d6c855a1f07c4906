package dev.kimi.sim;

import dev.kimi.transport.Headers;
import org.jspecify.annotations.Nullable;

/** The spellings in which a service asks for a wait, and what each of them comes to. */
enum Hints {
    NONE(null, "", -1),
    SECONDS("retry-after", "1", 1_000_000_000L),
    DECIMALS("retry-after", "7.5", 7_500_000_000L),
    NOW("retry-after", "0", -1),
    NEGATIVE("retry-after", "-3", -1),
    NOT_A_NUMBER("retry-after", "NaN", -1),
    BEYOND_ANY_CLOCK("retry-after", "99999999999999999999999", -1),
    TOO_LONG("retry-after", "3600", 3_600_000_000_000L),
    LONGER_THAN_ALLOWED("retry-after", "75", 75_000_000_000L),
    LONGER_THAN_MOST_DEADLINES("retry-after", "59", 59_000_000_000L),
    MILLIS("retry-after-ms", "1500", 1_500_000_000L),
    X("x-retry-after", "3", 3_000_000_000L),
    COOLDOWN("msh-cooldown-seconds", "4", 4_000_000_000L),
    DATE("retry-after", "Thu, 01 Jan 2026 00:00:09 GMT", 9_000_000_000L),
    OBSOLETE_DATE("retry-after", "Thursday, 01-Jan-26 00:00:08 GMT", 8_000_000_000L),
    ASCTIME("retry-after", "Thu Jan  1 00:00:07 2026", 7_000_000_000L),
    PAST("retry-after", "Wed, 31 Dec 2025 23:00:00 GMT", -1),
    WORDS(null, "try again after 2 seconds", 2_000_000_000L);

    static final int COUNT = 18;
    private static final Hints[] ALL = values();

    private final @Nullable String header;
    private final String value;
    private final long nanos;

    Hints(@Nullable String header, String value, long nanos) {
        this.header = header;
        this.value = value;
        this.nanos = nanos;
    }

    static Hints of(int number) {
        return ALL[number];
    }

    /** The wait in nanoseconds, -1 for none. */
    long nanos() {
        return nanos;
    }

    /** Adds the header, with the date of the response for those that count from it; gives the words for the message. */
    String add(Headers.Builder headers) {
        if (header == null) {
            return value;
        }
        headers.add(header, value).add("date", "Thu, 01 Jan 2026 00:00:00 GMT");
        return "slow down";
    }
}
