package dev.kimi.internal.json;

import java.nio.charset.StandardCharsets;

/**
 * Recognises good JSON without a parser, whose making alone takes longer than a short text. It says yes to nothing that
 * {@link JsonReader} rejects, and leaves to that what is long or odd.
 */
final class JsonSyntax {

    /** No text as short as this can break a limit of tokens or of the length of strings. */
    private static final int MAX_LENGTH = 1 << 20;

    private static final int MAX_NAME = 10_000;
    private static final int MAX_NUMBER = 100;
    private static final int NO = -1;
    private static final byte[] TRUE = "true".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] FALSE = "false".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] NULL = "null".getBytes(StandardCharsets.US_ASCII);

    private JsonSyntax() {}

    /**
     * Whether the bytes are exactly one JSON value.
     *
     * @param utf8 valid UTF-8
     * @return false if they are not, or if that is for the reader to say
     */
    static boolean isGood(byte[] utf8) {
        if (utf8.length > MAX_LENGTH) {
            return false;
        }
        int end = value(utf8, blanks(utf8, 0), 0);
        return end != NO && blanks(utf8, end) == utf8.length;
    }

    // Each of these takes the index where something begins and gives the index behind it, or NO.

    private static int value(byte[] text, int from, int depth) {
        return switch (at(text, from)) {
            case '{' -> depth == JsonReader.MAX_DEPTH ? NO : object(text, from, depth + 1);
            case '[' -> depth == JsonReader.MAX_DEPTH ? NO : array(text, from, depth + 1);
            case '"' -> string(text, from);
            case 't' -> word(text, from, TRUE);
            case 'f' -> word(text, from, FALSE);
            case 'n' -> word(text, from, NULL);
            default -> number(text, from);
        };
    }

    private static int object(byte[] text, int from, int depth) {
        int i = blanks(text, from + 1);
        if (at(text, i) == '}') {
            return i + 1;
        }
        while (i != NO) {
            i = next(text, member(text, i, depth));
            if (at(text, i) == '}') {
                return i + 1;
            }
            i = at(text, i) == ',' ? blanks(text, i + 1) : NO;
        }
        return NO;
    }

    private static int member(byte[] text, int from, int depth) {
        int name = at(text, from) == '"' ? string(text, from) : NO;
        int colon = name - from > MAX_NAME ? NO : next(text, name);
        return at(text, colon) == ':' ? value(text, blanks(text, colon + 1), depth) : NO;
    }

    private static int array(byte[] text, int from, int depth) {
        int i = blanks(text, from + 1);
        if (at(text, i) == ']') {
            return i + 1;
        }
        while (i != NO) {
            i = next(text, value(text, i, depth));
            if (at(text, i) == ']') {
                return i + 1;
            }
            i = at(text, i) == ',' ? blanks(text, i + 1) : NO;
        }
        return NO;
    }

    private static int string(byte[] text, int from) {
        int i = JsonStrings.special(text, from + 1, text.length);
        while (at(text, i) == '\\') {
            int escape = escape(text, i + 1);
            if (escape == NO) {
                return NO;
            }
            i = JsonStrings.special(text, escape, text.length);
        }
        return at(text, i) == '"' ? i + 1 : NO;
    }

    private static int escape(byte[] text, int from) {
        int kind = at(text, from);
        if (kind != 'u') {
            return kind > 0 && "\"\\/bfnrt".indexOf(kind) >= 0 ? from + 1 : NO;
        }
        for (int i = from + 1; i <= from + 4; i++) {
            if (Character.digit(at(text, i), 16) < 0) {
                return NO;
            }
        }
        return from + 5;
    }

    private static int number(byte[] text, int from) {
        int i = at(text, from) == '-' ? from + 1 : from;
        // a zero that leads others is for the reader to reject
        i = at(text, i) == '0' ? i + 1 : digits(text, i);
        if (at(text, i) == '.') {
            i = digits(text, i + 1);
        }
        if (at(text, i) == 'e' || at(text, i) == 'E') {
            int sign = at(text, i + 1);
            i = digits(text, sign == '+' || sign == '-' ? i + 2 : i + 1);
        }
        return i - from > MAX_NUMBER ? NO : i;
    }

    private static int digits(byte[] text, int from) {
        int i = from;
        while (at(text, i) >= '0' && at(text, i) <= '9') {
            i++;
        }
        return i == from ? NO : i;
    }

    private static int word(byte[] text, int from, byte[] word) {
        for (int i = 0; i < word.length; i++) {
            if (at(text, from + i) != word[i]) {
                return NO;
            }
        }
        return from + word.length;
    }

    /** Behind the blanks that follow, if there is something that they may follow. */
    private static int next(byte[] text, int from) {
        return from == NO ? NO : blanks(text, from);
    }

    private static int blanks(byte[] text, int from) {
        int i = from;
        while (i < text.length && (text[i] == ' ' || text[i] == '\n' || text[i] == '\r' || text[i] == '\t')) {
            i++;
        }
        return i;
    }

    /** The byte, which is below 0 in a character beyond ASCII; 0 where there is none. */
    private static int at(byte[] text, int i) {
        return i >= 0 && i < text.length ? text[i] : 0;
    }
}
