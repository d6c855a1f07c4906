package dev.kimi.internal.protocol;

import dev.kimi.internal.util.ErrorTextRedactor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What an error response says, null where it does not. Everything in it is the service's own text: see
 * {@link ErrorTextRedactor} before showing any.
 */
public final class ErrorBody {

    private static final Pattern STATUS = Pattern.compile("[45]\\d\\d");
    private static final Pattern CODE_AT_THE_END = Pattern.compile("[(\\[（](?:code[:= ]+)?(\\d{4,6})[)\\]）][.。\\s]*$");
    private static final Pattern ADDRESS = Pattern.compile("https?://\\S+");
    private static final Pattern NO_ERROR = Pattern.compile("0|2\\d\\d|true|false");
    private static final int LONGEST_WORDS = 4_000;
    private static final int MAX_NAMES = 16;

    @Nullable String message;

    @Nullable String type;

    @Nullable String code;

    @Nullable String param;

    @Nullable String requestId;

    private @Nullable Duration hint;
    private int status;
    /** What else is an identifier: reasons, inner codes, words of gRPC. */
    private final List<String> otherNames = new ArrayList<>();

    private final StringBuilder otherWords = new StringBuilder();

    /** Whether it says nothing that an error says. */
    public boolean isEmpty() {
        return message == null && type == null && code == null && status == 0 && otherNames.isEmpty();
    }

    /** The service's name of the error, from {@code type} or {@code code}, or null; an identifier, never free text. */
    @Nullable String name() {
        String name = type == null || type.equals("error") ? code : type;
        return name != null && ErrorTextRedactor.isIdentifier(name, ErrorTextRedactor.LONGEST_NAME) ? name : null;
    }

    /** All identifiers that say what the error is, and the number that a message ends with; for recognising it. */
    List<String> names() {
        List<String> names = new ArrayList<>(otherNames);
        addName(names, type);
        addName(names, code);
        Matcher last = CODE_AT_THE_END.matcher(message == null ? "" : head(message, LONGEST_WORDS));
        if (last.find()) {
            names.add(last.group(1));
        }
        return names;
    }

    /** The HTTP status that the body names, be it by a word of gRPC, or 0. */
    int status() {
        if (status != 0) {
            return status;
        }
        if (code != null && STATUS.matcher(code).matches()) {
            return Integer.parseInt(code);
        }
        int number = code == null ? 0 : GrpcStatus.ofNumber(code);
        if (number != 0) {
            return number;
        }
        for (String name : names()) {
            int meant = GrpcStatus.toHttp(name);
            if (meant != 0) {
                return meant;
            }
        }
        return 0;
    }

    /** The wait that members of the body ask for, the longest where several do, or null. */
    @Nullable Duration hint() {
        return hint;
    }

    /** All that is said, in lower case and without addresses, for recognising it. */
    String words() {
        String text = (message == null ? "" : message) + ' ' + otherWords;
        return ADDRESS.matcher(head(text, LONGEST_WORDS)).replaceAll(" ").toLowerCase(Locale.ROOT);
    }

    private static String head(String text, int most) {
        return text.substring(0, Math.min(text.length(), most));
    }

    /** The first message is the error's, others are words. */
    void addMessage(@Nullable String text) {
        if (message == null || message.isBlank()) {
            message = text;
        } else {
            addWords(text);
        }
    }

    void addType(@Nullable String text) {
        // Anthropic's root has the type "error" around the object that has the type of the error
        if (text == null || text.equals("error") || type != null) {
            addName(text);
        } else {
            type = text;
        }
    }

    void addCode(@Nullable String text) {
        if (code == null || code.isBlank()) {
            code = text;
        } else {
            addName(text);
        }
    }

    /** A status of HTTP, or a word of gRPC. */
    void addStatus(@Nullable String text) {
        if (text == null || NO_ERROR.matcher(text).matches()) {
            return;
        }
        if (STATUS.matcher(text).matches()) {
            status = status == 0 ? Integer.parseInt(text) : status;
            return;
        }
        addName(text);
        if (GrpcStatus.toHttp(text) != 0) {
            code = first(code, text);
        }
    }

    void addHint(@Nullable Duration other) {
        hint = RetryHints.later(hint, other);
    }

    /** What an error within says counts before what stands around it, whichever comes first. */
    void replace(ErrorBody inner) {
        addWords(message);
        addName(type);
        addName(code);
        type = first(inner.type, type);
        code = first(inner.code, code);
        param = first(inner.param, param);
        message = first(inner.message, message);
        addBeside(inner);
    }

    /** What is missing here is taken from {@code inner}. */
    void complete(ErrorBody inner) {
        type = first(type, inner.type);
        code = first(code, inner.code);
        message = first(message, inner.message);
        addBeside(inner);
    }

    /** Takes names, words and hints alone. */
    void addBeside(ErrorBody inner) {
        inner.names().forEach(this::addName);
        addWords(inner.message);
        addWords(inner.otherWords.toString());
        addHint(inner.hint);
        status = status == 0 ? inner.status : status;
        requestId = first(requestId, inner.requestId);
    }

    void addWords(@Nullable String text) {
        if (text != null && otherWords.length() < LONGEST_WORDS) {
            otherWords.append(head(text, LONGEST_WORDS)).append(' ');
        }
    }

    void addName(@Nullable String name) {
        addName(otherNames, name);
    }

    private static void addName(List<String> names, @Nullable String name) {
        if (name != null
                && names.size() < MAX_NAMES
                && ErrorTextRedactor.isIdentifier(name, ErrorTextRedactor.LONGEST_NAME)) {
            names.add(name);
        }
    }

    /** The first of both that is not blank. */
    static @Nullable String first(@Nullable String one, @Nullable String other) {
        return one == null || one.isBlank() ? other : one;
    }
}
