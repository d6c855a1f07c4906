package dev.kimi.internal.util;

import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** What may stand where in the head of a request, so that none can be split into two or read in two ways. */
public final class HttpText {

    private static final String MARKS = "!#$%&'*+-.^_`|~";

    /** Where a message ends and what becomes of its connection, which only the transport may say. */
    private static final Set<String> FRAMING = Set.of(
            "connection",
            "content-length",
            "expect",
            "host",
            "http2-settings",
            "keep-alive",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade");

    private static final Pattern DOTS = Pattern.compile("(?i)(?:/|%2f|%5c)(?:\\.|%2e){1,2}(?=/|%2f|%5c|;|$)");

    private static final Set<String> OF_THE_CLIENT = Set.of("accept-encoding", "authorization", "x-api-key");

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

    /**
     * Whether the text is a path with perhaps a query as a request line takes it: a slash, then visible ASCII. Beyond
     * ASCII a character may turn into a line break when it is cut to a byte, as U+010D does.
     */
    public static boolean isTarget(String text) {
        return text.startsWith("/") && text.chars().allMatch(c -> c > ' ' && c < 0x7f);
    }

    /**
     * Checks the path and query of a request of a caller's, below a base URL.
     *
     * @throws IllegalArgumentException if it does not begin with one slash, or could leave the host or the base URL
     */
    public static void checkCallersPath(String path) {
        if (!isTarget(path) || path.startsWith("//") || path.indexOf('\\') >= 0 || path.indexOf('#') >= 0) {
            throw new IllegalArgumentException(
                    "a path begins with one / and holds no blanks, control characters, backslashes or #: encode them");
        }
        if (climbs(path)) {
            throw new IllegalArgumentException(
                    "a path holds no segments . or .., encoded or not: a server between could take it for another one");
        }
    }

    /** Whether segments of the path, or what a server between may take for some, are dots that lead out of it. */
    public static boolean climbs(String path) {
        int query = path.indexOf('?');
        String segments = query < 0 ? path : path.substring(0, query);
        boolean any = segments.contains("/.") || segments.indexOf('%') >= 0;
        return any && DOTS.matcher(segments).find();
    }

    /** Whether only the transport may write a header of that name, in any case. */
    public static boolean isFraming(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return FRAMING.contains(lower) || lower.startsWith("proxy-");
    }

    /** Whether a caller's header of that name, in any case, would override what the client or its transport writes. */
    public static boolean isReserved(String name) {
        return isFraming(name) || OF_THE_CLIENT.contains(name.toLowerCase(Locale.ROOT));
    }

    /**
     * Checks a header line of any origin.
     *
     * @throws IllegalArgumentException if the name is no name of a header, or the value holds a control character other
     *     than a tab, or a character beyond Latin-1; the value is not shown
     */
    public static void checkHeader(String name, String value) {
        if (!isToken(name)) {
            throw new IllegalArgumentException("the name of a header is empty or holds a character that none may:"
                    + " letters, digits and " + MARKS + " are allowed");
        }
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c < ' ' && c != '\t' || c == 0x7f || c > 0xff) {
                throw new IllegalArgumentException("the header " + name + " holds at position " + i + " a "
                        + (c > 0xff ? "character beyond Latin-1" : "control character")
                        + ", which no header may: encode it, or leave it out");
            }
        }
    }

    /**
     * Checks a header line of a caller's.
     *
     * @throws IllegalArgumentException as {@link #checkHeader} does, and if the client or its transport writes the
     *     header
     */
    public static void checkCallersHeader(String name, String value) {
        checkHeader(name, value);
        if (isReserved(name)) {
            throw new IllegalArgumentException("the header " + name + " is written by the client: leave it out."
                    + " Credentials are set with the client's builder.");
        }
    }
}
