package dev.kimi.internal.util;

/** What text may stand where in a request, so that none can be split into two. */
public final class HttpText {

    private static final String MARKS = "!#$%&'*+-.^_`|~";

    private HttpText() {}

    /** Whether the text is a token of HTTP, as methods and the names of headers are. */
    public static boolean isToken(String text) {
        return !text.isEmpty() && text.chars().allMatch(HttpText::isTokenCharacter);
    }

    private static boolean isTokenCharacter(int c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || MARKS.indexOf(c) >= 0;
    }

    /** Whether the text holds CR, LF or NUL. */
    public static boolean splits(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\r' || c == '\n' || c == 0) {
                return true;
            }
        }
        return false;
    }
}
