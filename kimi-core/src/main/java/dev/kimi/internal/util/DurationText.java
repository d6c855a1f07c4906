package dev.kimi.internal.util;

import java.time.Duration;

/** Lengths of time in messages, as they are written in settings: {@code 500ms}, {@code 2s}, {@code 15m}. */
public final class DurationText {

    private static final long MILLION = 1_000_000;

    private DurationText() {}

    /** In the largest unit that leaves no rest. */
    public static String of(Duration duration) {
        if (duration.getNano() % MILLION != 0) {
            return duration.toMillis() == 0 ? duration.toNanos() + "ns" : duration.toMillis() + "ms";
        }
        if (duration.getNano() != 0) {
            return duration.toMillis() + "ms";
        }
        long seconds = duration.toSeconds();
        if (seconds == 0 || seconds % 60 != 0) {
            return seconds + "s";
        }
        if (seconds % 3600 != 0) {
            return seconds / 60 + "m";
        }
        return seconds % 86_400 != 0 ? seconds / 3600 + "h" : seconds / 86_400 + "d";
    }
}
