package dev.kimi.internal.protocol;

import dev.kimi.internal.json.JsonException;
import dev.kimi.internal.json.JsonReader;
import dev.kimi.internal.util.ErrorTextRedactor;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads errors, whichever shape they have: an {@code error} object (OpenAI, and Anthropic with a {@code request_id}
 * beside it), an {@code error} that is a string, any of these in an array, {@code detail}, members of the root alone
 * ({@code code} and {@code message}, {@code error_code} and {@code error_msg}, {@code base_resp}), or plain text. Of
 * HTML and an empty body nothing is read, of a body that was cut what was there.
 */
public final class ErrorBodyReader {

    /** The names are an open set, so they are looked at as text. */
    private static final JsonReader.Names ANY = JsonReader.Names.of("error");

    private static final int DEEPEST = 8;
    private static final int LONGEST_PLAIN_TEXT = 2_000;

    private final JsonReader in;
    private final ErrorBody error;

    private ErrorBodyReader(JsonReader in, ErrorBody error) {
        this.in = in;
        this.error = error;
    }

    /** Reads a whole response's body; never throws on what the service sent. */
    public static ErrorBody parse(ByteBuffer body) {
        ByteBuffer json = StreamBytes.json(body);
        if (json == null) {
            return plainText(body);
        }
        ErrorBody error = new ErrorBody();
        try (JsonReader in = JsonReader.of(json)) {
            in.next();
            new ErrorBodyReader(in, error).readAny(0);
        } catch (JsonException e) {
            // A body that was cut: what was read before the cut counts.
            return error;
        }
        return error;
    }

    /** What a JSON text says that is no response though its status was good; null when it is no error either. */
    public static @Nullable ErrorBody bare(ByteBuffer text) {
        ErrorBody error = parse(text);
        return error.message != null || error.status() != 0 ? error : null;
    }

    /** Reads the value of an {@code error} member; null when it says nothing ({@code null}, empty). */
    public static @Nullable ErrorBody read(JsonReader in) {
        ErrorBody error = new ErrorBody();
        new ErrorBodyReader(in, error).readAny(0);
        return error.isEmpty() ? null : error;
    }

    private static ErrorBody plainText(ByteBuffer body) {
        ErrorBody error = new ErrorBody();
        byte[] head = new byte[Math.min(body.remaining(), LONGEST_PLAIN_TEXT)];
        body.duplicate().get(head);
        String text = new String(head, StandardCharsets.UTF_8).strip();
        if (!text.isEmpty() && !text.startsWith("<")) {
            error.message = text;
        }
        return error;
    }

    /** An error as an object, its name or its message alone, or the first of several. */
    private void readAny(int depth) {
        if (in.isObject()) {
            readObject(depth);
        } else if (in.isArray()) {
            readFirst(depth);
        } else {
            String text = in.string();
            // "url.not_found" is a name, "Incorrect API key provided" a message.
            if (text != null && ErrorTextRedactor.isIdentifier(text, ErrorTextRedactor.LONGEST_NAME)) {
                error.type = ErrorBody.first(error.type, text);
            } else {
                error.message = ErrorBody.first(error.message, text);
            }
        }
    }

    private void readFirst(int depth) {
        in.beginArray();
        boolean found = false;
        while (in.nextElement()) {
            if (found || depth > DEEPEST) {
                in.skip();
            } else {
                readAny(depth + 1);
                found = !error.isEmpty();
            }
        }
    }

    private void readObject(int depth) {
        in.beginObject();
        while (in.nextName(ANY) != JsonReader.END) {
            if (depth > DEEPEST) {
                in.skip();
            } else {
                member(in.name(), depth);
            }
        }
    }

    private void member(String name, int depth) {
        switch (name) {
            case "error", "errors", "Error" -> readInner(depth);
            case "message", "msg", "Message", "error_msg", "error_message", "errorMessage", "errmsg" ->
                error.addMessage(text(depth));
            case "detail", "error_description" -> readDetail(depth);
            case "title", "description", "raw", "remedy_hint" -> readBeside(depth);
            case "base_resp" -> readBaseStatus();
            case "type" -> error.addType(in.text());
            case "code", "error_code", "errorCode", "err_code", "errcode" -> readCode(depth);
            case "status", "status_code", "statusCode", "http_code", "http_status", "httpCode" ->
                error.addStatus(in.text());
            case "reason", "error_type", "errorType", "__type", "quotaId", "quotaMetric" -> readName();
            case "param" -> error.param = ErrorBody.first(in.text(), error.param);
            case "request_id", "requestId" -> error.requestId = ErrorBody.first(error.requestId, in.text());
            case "details", "metadata", "innererror", "inner_error", "innerError", "violations", "cause", "data" ->
                readBeside(depth);
            case "headers" -> readHeaders();
            default -> readHint(name);
        }
    }

    private void readInner(int depth) {
        ErrorBody inner = new ErrorBody();
        try {
            new ErrorBodyReader(in, inner).readAny(depth + 1);
        } finally {
            // also where the body was cut within
            error.replace(inner);
        }
    }

    private void readName() {
        String text = in.text();
        error.addName(text);
        error.addWords(text);
    }

    private void readCode(int depth) {
        if (in.isObject()) {
            readBeside(depth);
        } else {
            error.addCode(in.text());
        }
    }

    /** What an error carries beside its own members: names, words and hints, but neither its name nor its message. */
    private void readBeside(int depth) {
        if (in.isArray()) {
            in.beginArray();
            while (in.nextElement()) {
                readBeside(depth + 1);
            }
        } else if (in.isObject() && depth <= DEEPEST) {
            ErrorBody inner = new ErrorBody();
            try {
                new ErrorBodyReader(in, inner).readObject(depth + 1);
            } finally {
                error.addBeside(inner);
            }
        } else {
            readName();
        }
    }

    private void readDetail(int depth) {
        if (in.isObject() || in.isArray()) {
            ErrorBody inner = new ErrorBody();
            try {
                new ErrorBodyReader(in, inner).readAny(depth + 1);
            } finally {
                error.complete(inner);
            }
        } else {
            String text = in.text();
            error.addWords(text);
            error.message = ErrorBody.first(error.message, text);
        }
    }

    private void readBaseStatus() {
        Map<String, @Nullable Object> reported = in.object();
        ErrorBody inner = reported == null ? null : BaseStatus.error(reported);
        if (inner != null) {
            error.complete(inner);
        }
    }

    private void readHeaders() {
        if (in.beginObject()) {
            while (in.nextName(ANY) != JsonReader.END) {
                readHint(in.name());
            }
        }
    }

    private void readHint(String name) {
        if (!RetryHints.isName(name)) {
            in.skip();
        } else if (in.isObject()) {
            readDuration();
        } else {
            error.addHint(RetryHints.ofMember(name, in.text()));
        }
    }

    /** A duration of protobuf, member by member. */
    private void readDuration() {
        in.beginObject();
        while (in.nextName(ANY) != JsonReader.END) {
            if (in.name().equals("seconds")) {
                error.addHint(RetryHints.ofMember("seconds", in.text()));
            } else {
                in.skip();
            }
        }
    }

    private @Nullable String text(int depth) {
        if (in.isObject() || in.isArray()) {
            readBeside(depth);
            return null;
        }
        return in.text();
    }
}
