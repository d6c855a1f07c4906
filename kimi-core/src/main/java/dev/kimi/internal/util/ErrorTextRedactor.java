package dev.kimi.internal.util;

import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.StringTokenizer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Makes text from outside fit to be shown. A service's words say best what is wrong with a request, but they also quote
 * keys, account ids and pieces of the prompt; the messages of a transport's exceptions quote bytes of the connection.
 * So only the vocabulary of API and transport errors, field names and short numbers pass, in ASCII; every other word,
 * and every quotation of several words, becomes an ellipsis, and a text that is mostly ellipses is not shown at all.
 */
public final class ErrorTextRedactor {

    private static final int LONGEST_INPUT = 2_000;
    private static final int LONGEST_OUTPUT = 300;
    private static final int LONGEST_WORD = 60;
    private static final Pattern NUMBER = Pattern.compile("\\d{1,3}(,\\d{3}){0,3}|\\d{1,9}(\\.\\d{1,6})?");
    private static final Pattern INDEX = Pattern.compile("\\d{1,6}");
    private static final Pattern PARTS = Pattern.compile("[\\[\\].:=/]+");
    /** Most characters of a name that a service gives to an error. */
    public static final int LONGEST_NAME = 64;

    private static final Pattern PARTS_OF_NAME =
            Pattern.compile("[_.:/-]+|(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])");
    /** In lower case; a word on each line of the resource, in order. */
    private static final Set<String> WORDS = Resource.lines(ErrorTextRedactor.class, "error-vocabulary.txt");

    private ErrorTextRedactor() {}

    /** What of {@code message} may be shown, at most 300 characters, or null when nothing worth it is left. */
    public static @Nullable String of(@Nullable String message) {
        if (message == null || message.isBlank()) {
            return null;
        }
        StringBuilder out = new StringBuilder();
        int shown = 0;
        int masked = 0;
        StringTokenizer tokens = new StringTokenizer(message.substring(0, Math.min(message.length(), LONGEST_INPUT)));
        Quotation quotation = new Quotation();
        while (tokens.hasMoreTokens()) {
            String token = tokens.nextToken();
            if (out.length() + token.length() > LONGEST_OUTPUT) {
                break;
            }
            if (!quotation.covers(token) && harmless(token)) {
                shown++;
                out.append(out.isEmpty() ? "" : " ").append(token);
            } else {
                masked++;
                out.append(out.isEmpty() ? "…" : out.charAt(out.length() - 1) == '…' ? "" : " …");
            }
        }
        return shown <= masked ? null : out.toString();
    }

    /** Whether nothing of the text would have to be masked or cut. */
    public static boolean isHarmless(String text) {
        Quotation quotation = new Quotation();
        StringTokenizer tokens = new StringTokenizer(text);
        boolean harmless = text.length() <= LONGEST_OUTPUT;
        while (harmless && tokens.hasMoreTokens()) {
            String token = tokens.nextToken();
            harmless = !quotation.covers(token) && harmless(token);
        }
        return harmless;
    }

    /** Whether the text is a name put together from the vocabulary, such as {@code rate_limit_reached_error}. */
    public static boolean isHarmlessName(String name) {
        return isIdentifier(name, LONGEST_NAME)
                && (WORDS.contains(name.toLowerCase(Locale.ROOT))
                        || Arrays.stream(PARTS_OF_NAME.split(name)).allMatch(ErrorTextRedactor::isWordOrIndex));
    }

    private static boolean isWordOrIndex(String part) {
        return part.isEmpty()
                || WORDS.contains(part.toLowerCase(Locale.ROOT))
                || INDEX.matcher(part).matches();
    }

    private static boolean harmless(String token) {
        if (!token.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
            return false;
        }
        String bare = strip(token);
        if (bare.isEmpty()) {
            return token.length() <= 3;
        }
        String lower = bare.toLowerCase(Locale.ROOT);
        if (WORDS.contains(lower) || NUMBER.matcher(bare).matches()) {
            return true;
        }
        String[] parts = PARTS.split(lower);
        return bare.length() <= LONGEST_WORD
                // an address of digits alone is nobody's index
                && Arrays.stream(parts).anyMatch(part -> WORDS.contains(strip(part)))
                && Arrays.stream(parts).allMatch(part -> isWordOrIndex(strip(part)));
    }

    private static String strip(String token) {
        int from = 0;
        int to = token.length();
        while (from < to && punctuation(token.charAt(from))) {
            from++;
        }
        while (to > from && punctuation(token.charAt(to - 1))) {
            to--;
        }
        String bare = token.substring(from, to);
        return bare.endsWith("'s") ? bare.substring(0, bare.length() - 2) : bare;
    }

    private static boolean punctuation(char c) {
        return "'\"`.,:;!?()[]{}".indexOf(c) >= 0;
    }

    /** Follows quotation marks through the words of a text: whoever quotes several words quotes somebody. */
    private static final class Quotation {
        private static final String OPENING = "'\"`“‘«";
        private static final String CLOSING = "'\"`”’»";
        private int kind = -1;

        /** Whether the next word belongs to a quotation of several words. */
        boolean covers(String word) {
            if (kind >= 0) {
                kind = closes(word) ? -1 : kind;
                return true;
            }
            int at = 0;
            while (at < word.length() && "([{:=".indexOf(word.charAt(at)) >= 0) {
                at++;
            }
            int mark = at < word.length() ? OPENING.indexOf(word.charAt(at)) : -1;
            if (mark < 0 || word.indexOf(CLOSING.charAt(mark), at + 1) >= 0) {
                return false;
            }
            kind = mark;
            return true;
        }

        private boolean closes(String word) {
            int last = word.length() - 1;
            while (last > 0 && ".,:;!?)]}".indexOf(word.charAt(last)) >= 0) {
                last--;
            }
            return word.charAt(last) == CLOSING.charAt(kind);
        }
    }

    /**
     * Whether the text is made as identifiers are, of ASCII letters, digits and {@code _ . : / -}: anything else might
     * be anything, and identifiers are shown in logs and traces.
     *
     * @param longest most characters
     */
    public static boolean isIdentifier(String text, int longest) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
            // from '-' to ':' stand '-', '.', '/', the digits and ':'
            if (!letter && !(c >= '-' && c <= ':') && c != '_') {
                return false;
            }
        }
        return !text.isEmpty() && text.length() <= longest;
    }
}
