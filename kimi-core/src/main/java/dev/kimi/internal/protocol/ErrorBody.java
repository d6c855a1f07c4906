package dev.kimi.internal.protocol;

import dev.kimi.internal.json.JsonException;
import dev.kimi.internal.json.JsonReader;
import dev.kimi.internal.util.ErrorTextRedactor;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What an error response says, whichever shape it has: an {@code error} object (OpenAI, and Anthropic with a
 * {@code request_id} beside it), an {@code error} that is a string, any of these in an array, {@code detail}, members
 * of the root alone ({@code code} and {@code message}, {@code error_code} and {@code error_msg}, {@code base_resp}), or
 * plain text. HTML, an empty body and a body that was cut leave null what they do not say. Everything in it is the
 * service's own text: see {@link dev.kimi.internal.util.ErrorTextRedactor} before showing any.
 */
final class ErrorBody {

    /** The names are an open set, so they are looked at as text. */
    private static final JsonReader.Names ANY = JsonReader.Names.of("error");

    private static final Pattern STATUS = Pattern.compile("[45]\\d\\d");
    private static final Pattern CODE_AT_THE_END = Pattern.compile("[(\\[（](?:code[:= ]+)?(\\d{4,6})[)\\]）][.。\\s]*$");
    private static final Pattern ADDRESS = Pattern.compile("https?://\\S+");
    private static final Pattern NO_ERROR = Pattern.compile("0|2\\d\\d|true|false");
    private static final int DEEPEST = 8;
    private static final int LONGEST_WORDS = 4_000;
    private static final int LONGEST_PLAIN_TEXT = 2_000;
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

    /** Reads a whole response's body; never throws on what the service sent. */
    static ErrorBody parse(ByteBuffer body) {
        ErrorBody error = new ErrorBody();
        ByteBuffer json = StreamBytes.json(body);
        if (json == null) {
            error.readPlainText(body);
            return error;
        }
        try (JsonReader in = JsonReader.of(json)) {
            in.next();
            error.readAny(in, 0);
        } catch (JsonException e) {
            // A body that was cut: what was read before the cut counts.
            return error;
        }
        return error;
    }

    /** What a JSON text says that is no response though its status was good; null when it is no error either. */
    static @Nullable ErrorBody bare(ByteBuffer text) {
        ErrorBody error = parse(text);
        return error.message != null || error.status() != 0 ? error : null;
    }

    /** Reads the value of an {@code error} member; null when it says nothing ({@code null}, empty). */
    static @Nullable ErrorBody read(JsonReader in) {
        ErrorBody error = new ErrorBody();
        error.readAny(in, 0);
        return error.isEmpty() ? null : error;
    }

    boolean isEmpty() {
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

    private void readPlainText(ByteBuffer body) {
        byte[] head = new byte[Math.min(body.remaining(), LONGEST_PLAIN_TEXT)];
        body.duplicate().get(head);
        String text = new String(head, StandardCharsets.UTF_8).strip();
        if (!text.isEmpty() && !text.startsWith("<")) {
            message = text;
        }
    }

    /** An error as an object, its name or its message alone, or the first of several. */
    private void readAny(JsonReader in, int depth) {
        if (in.isObject()) {
            readObject(in, depth);
        } else if (in.isArray()) {
            readFirst(in, depth);
        } else {
            String text = in.string();
            // "url.not_found" is a name, "Incorrect API key provided" a message.
            if (text != null && ErrorTextRedactor.isIdentifier(text, ErrorTextRedactor.LONGEST_NAME)) {
                type = first(type, text);
            } else {
                message = first(message, text);
            }
        }
    }

    private void readFirst(JsonReader in, int depth) {
        in.beginArray();
        boolean found = false;
        while (in.nextElement()) {
            if (found || depth > DEEPEST) {
                in.skip();
            } else {
                readAny(in, depth + 1);
                found = !isEmpty();
            }
        }
    }

    private void readObject(JsonReader in, int depth) {
        in.beginObject();
        while (in.nextName(ANY) != JsonReader.END) {
            if (depth > DEEPEST) {
                in.skip();
            } else {
                member(in.name(), in, depth);
            }
        }
    }

    private void member(String name, JsonReader in, int depth) {
        switch (name) {
            case "error", "errors", "Error" -> readInner(in, depth);
            case "message", "msg", "Message", "error_msg", "error_message", "errorMessage", "errmsg" ->
                setMessage(text(in, depth));
            case "detail", "error_description" -> readDetail(in, depth);
            case "title", "description", "raw", "remedy_hint" -> readBeside(in, depth);
            case "base_resp" -> readBaseStatus(in);
            case "type" -> setType(in.text());
            case "code", "error_code", "errorCode", "err_code", "errcode" -> readCode(in, depth);
            case "status", "status_code", "statusCode", "http_code", "http_status", "httpCode" -> readStatus(in);
            case "reason", "error_type", "errorType", "__type", "quotaId", "quotaMetric" -> readName(in);
            case "param" -> param = first(in.text(), param);
            case "request_id", "requestId" -> requestId = first(requestId, in.text());
            case "details", "metadata", "innererror", "inner_error", "innerError", "violations", "cause", "data" ->
                readBeside(in, depth);
            case "headers" -> readHeaders(in);
            default -> readHint(name, in);
        }
    }

    /** What the inner object says counts before what stands beside it, whichever comes first. */
    private void readInner(JsonReader in, int depth) {
        ErrorBody inner = new ErrorBody();
        try {
            inner.readAny(in, depth + 1);
        } finally {
            // also where the body was cut within
            addWords(message);
            addName(type);
            addName(code);
            type = first(inner.type, type);
            code = first(inner.code, code);
            param = first(inner.param, param);
            message = first(inner.message, message);
            take(inner);
        }
    }

    private void setMessage(@Nullable String text) {
        if (message == null || message.isBlank()) {
            message = text;
        } else {
            addWords(text);
        }
    }

    private void setType(@Nullable String text) {
        // Anthropic's root has the type "error" around the object that has the type of the error
        if (text == null || text.equals("error") || type != null) {
            addName(text);
        } else {
            type = text;
        }
    }

    private void readName(JsonReader in) {
        String text = in.text();
        addName(text);
        addWords(text);
    }

    private void readCode(JsonReader in, int depth) {
        if (in.isObject()) {
            readBeside(in, depth);
            return;
        }
        String text = in.text();
        if (code == null || code.isBlank()) {
            code = text;
        } else {
            addName(text);
        }
    }

    private void readStatus(JsonReader in) {
        String text = in.text();
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

    /** What an error carries beside its own members: names, words and hints, but neither its name nor its message. */
    private void readBeside(JsonReader in, int depth) {
        if (in.isArray()) {
            in.beginArray();
            while (in.nextElement()) {
                readBeside(in, depth + 1);
            }
        } else if (in.isObject() && depth <= DEEPEST) {
            ErrorBody inner = new ErrorBody();
            try {
                inner.readObject(in, depth + 1);
            } finally {
                take(inner);
            }
        } else {
            String text = in.text();
            addName(text);
            addWords(text);
        }
    }

    private void take(ErrorBody inner) {
        inner.names().forEach(this::addName);
        addWords(inner.message);
        addWords(inner.otherWords.toString());
        hint = RetryHints.later(hint, inner.hint);
        status = status == 0 ? inner.status : status;
        requestId = first(requestId, inner.requestId);
    }

    private void readDetail(JsonReader in, int depth) {
        if (in.isObject() || in.isArray()) {
            ErrorBody inner = new ErrorBody();
            try {
                inner.readAny(in, depth + 1);
            } finally {
                type = first(type, inner.type);
                code = first(code, inner.code);
                message = first(message, inner.message);
                take(inner);
            }
        } else {
            String text = in.text();
            addWords(text);
            message = first(message, text);
        }
    }

    private void readBaseStatus(JsonReader in) {
        Map<String, @Nullable Object> reported = in.object();
        ErrorBody inner = reported == null ? null : BaseStatus.error(reported);
        if (inner != null) {
            type = first(type, inner.type);
            code = first(code, inner.code);
            message = first(message, inner.message);
            take(inner);
        }
    }

    private void readHeaders(JsonReader in) {
        if (in.beginObject()) {
            while (in.nextName(ANY) != JsonReader.END) {
                readHint(in.name(), in);
            }
        }
    }

    private void readHint(String name, JsonReader in) {
        if (!RetryHints.isName(name)) {
            in.skip();
        } else if (in.isObject()) {
            readDuration(in);
        } else {
            hint = RetryHints.later(hint, RetryHints.ofMember(name, in.text()));
        }
    }

    /** A duration of protobuf, member by member. */
    private void readDuration(JsonReader in) {
        in.beginObject();
        while (in.nextName(ANY) != JsonReader.END) {
            if (in.name().equals("seconds")) {
                hint = RetryHints.later(hint, RetryHints.ofMember("seconds", in.text()));
            } else {
                in.skip();
            }
        }
    }

    private @Nullable String text(JsonReader in, int depth) {
        if (in.isObject() || in.isArray()) {
            readBeside(in, depth);
            return null;
        }
        return in.text();
    }

    private void addWords(@Nullable String text) {
        if (text != null && otherWords.length() < LONGEST_WORDS) {
            otherWords.append(head(text, LONGEST_WORDS)).append(' ');
        }
    }

    private void addName(@Nullable String name) {
        addName(otherNames, name);
    }

    private static void addName(List<String> names, @Nullable String name) {
        if (name != null
                && names.size() < MAX_NAMES
                && ErrorTextRedactor.isIdentifier(name, ErrorTextRedactor.LONGEST_NAME)) {
            names.add(name);
        }
    }

    private static @Nullable String first(@Nullable String one, @Nullable String other) {
        return one == null || one.isBlank() ? other : one;
    }
}
