package dev.kimi.gateway.observe;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Fields of a line, in order. A text can neither end the line nor look like another field. */
final class LogFields {

    private static final int MAX_LENGTH = 128;
    private static final String ALSO_PLAIN = "._:/@+,-";

    private final Map<String, Object> all = new LinkedHashMap<>();

    /** @param value null or empty for none */
    LogFields text(String name, @Nullable String value) {
        if (value != null && !value.isEmpty()) {
            all.put(name, plain(value));
        }
        return this;
    }

    LogFields number(String name, long value) {
        all.put(name, value);
        return this;
    }

    /** @param to 0 for what has not happened */
    LogFields millis(String name, long from, long to) {
        return to == 0 ? this : number(name, TimeUnit.NANOSECONDS.toMillis(to - from));
    }

    Map<String, Object> all() {
        return all;
    }

    private static String plain(String value) {
        int length = Math.min(value.length(), MAX_LENGTH);
        for (int i = 0; i < length; i++) {
            if (!isPlain(value.charAt(i))) {
                return replaced(value, length);
            }
        }
        return length == value.length() ? value : value.substring(0, length);
    }

    private static String replaced(String value, int length) {
        StringBuilder plain = new StringBuilder(length);
        for (int i = 0; i < length; i++) {
            char c = value.charAt(i);
            plain.append(isPlain(c) ? c : '?');
        }
        return plain.toString();
    }

    private static boolean isPlain(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || ALSO_PLAIN.indexOf(c) >= 0;
    }
}
