package dev.kimi.gateway.server;

import java.util.Locale;

/** Paths that every server and proxy reads alike; others may be one thing for a rule and another for a handler. */
final class PlainPath {

    private PlainPath() {}

    /**
     * Whether there is no parameter, empty or dotted segment in it, and nothing encoded that has a meaning in paths.
     *
     * @param path raw, as it was sent
     */
    static boolean matches(String path) {
        if (!path.startsWith("/") || path.contains("//") || path.indexOf(';') >= 0 || path.indexOf('\\') >= 0) {
            return false;
        }
        for (String segment : path.split("/", -1)) {
            if (segment.equals(".") || segment.equals("..")) {
                return false;
            }
        }
        return path.indexOf('%') < 0 || plainlyEncoded(path.toLowerCase(Locale.ROOT));
    }

    private static boolean plainlyEncoded(String path) {
        for (int at = path.indexOf('%'); at >= 0; at = path.indexOf('%', at + 1)) {
            int decoded = at + 2 < path.length() ? hex(path.charAt(at + 1)) << 4 | hex(path.charAt(at + 2)) : -1;
            if (decoded < ' ' || decoded == 0x7f || "/\\.;%".indexOf(decoded) >= 0) {
                return false;
            }
        }
        return true;
    }

    /** Negative for what is no digit, and stays so in the upper half of a byte. */
    private static int hex(char digit) {
        return Character.digit(digit, 16);
    }
}
