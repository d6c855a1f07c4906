package dev.kimi.internal.protocol;

import dev.kimi.internal.json.JsonException;
import dev.kimi.internal.json.JsonReader;
import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What an error answer says, whichever shape it has: an {@code error} object (OpenAI, and Anthropic with a
 * {@code request_id} beside it), an {@code error} that is a string, {@code detail}, or {@code message} alone. HTML, an
 * empty body and a body that was cut leave null what they do not say. Everything in it is the service's own text: see
 * {@link SafeText} before showing any.
 */
final class ErrorBody {

    private static final JsonReader.Names ROOT =
            JsonReader.Names.of("error", "message", "detail", "type", "code", "request_id", "msg", "param");
    private static final JsonReader.Names ERROR =
            JsonReader.Names.of("message", "type", "code", "param", "metadata", "status", "request_id", "msg");
    private static final JsonReader.Names METADATA = JsonReader.Names.of("raw");
    private static final Pattern IDENTIFIER = Pattern.compile("[A-Za-z0-9_.-]{1,64}");
    private static final Pattern STATUS = Pattern.compile("[45]\\d\\d");

    @Nullable String message;

    @Nullable String type;

    @Nullable String code;

    @Nullable String param;

    @Nullable String requestId;

    private @Nullable String upstream;

    /** Reads a whole answer's body; never throws on what the service sent. */
    static ErrorBody parse(ByteBuffer body) {
        ErrorBody error = new ErrorBody();
        if (!looksLikeObject(body)) {
            return error;
        }
        try (JsonReader in = JsonReader.of(body)) {
            in.next();
            error.readRoot(in);
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
        error.readError(in);
        return error.isEmpty() ? null : error;
    }

    boolean isEmpty() {
        return message == null && type == null && code == null;
    }

    /** The service's name of the error, from {@code type} or {@code code}, or null; an identifier, never free text. */
    @Nullable String name() {
        String name = type == null || type.equals("error") ? code : type;
        return name != null && IDENTIFIER.matcher(name).matches() ? name : null;
    }

    /** The HTTP status that the body names in {@code code}, or 0. */
    int status() {
        return code != null && STATUS.matcher(code).matches() ? Integer.parseInt(code) : 0;
    }

    /** All that is said, in lower case, for recognising it. */
    String words() {
        String text = (message == null ? "" : message) + ' ' + (upstream == null ? "" : upstream);
        return text.substring(0, Math.min(text.length(), 4_000)).toLowerCase(Locale.ROOT);
    }

    private void readRoot(JsonReader in) {
        if (!in.beginObject()) {
            return;
        }
        String alone = null;
        for (int name = in.nextName(ROOT); name != JsonReader.END; name = in.nextName(ROOT)) {
            switch (name) {
                case 0 -> readError(in);
                case 1, 2, 6 -> alone = first(alone, detail(in));
                case 3 -> type = first(type, in.text());
                case 4 -> code = first(code, in.text());
                case 5 -> requestId = first(requestId, in.text());
                case 7 -> param = first(param, in.text());
                default -> in.skip();
            }
        }
        message = first(message, alone);
    }

    private void readError(JsonReader in) {
        if (!in.isObject()) {
            String text = in.string();
            // "url.not_found" is a name, "Incorrect API key provided" a message.
            if (text != null && IDENTIFIER.matcher(text).matches()) {
                type = text;
            } else if (text != null && !text.isBlank()) {
                message = text;
            }
            return;
        }
        in.beginObject();
        for (int name = in.nextName(ERROR); name != JsonReader.END; name = in.nextName(ERROR)) {
            switch (name) {
                case 0, 7 -> message = first(in.text(), message);
                case 1 -> type = first(in.text(), type);
                case 2 -> code = first(in.text(), code);
                case 3 -> param = first(in.text(), param);
                case 4 -> readMetadata(in);
                case 5 -> code = first(code, in.text());
                case 6 -> requestId = first(requestId, in.text());
                default -> in.skip();
            }
        }
    }

    private void readMetadata(JsonReader in) {
        if (in.beginObject()) {
            for (int name = in.nextName(METADATA); name != JsonReader.END; name = in.nextName(METADATA)) {
                if (name == 0) {
                    upstream = in.text();
                } else {
                    in.skip();
                }
            }
        }
    }

    /** A string, or the message of the first entry of a list, as validators send it. */
    private static @Nullable String detail(JsonReader in) {
        if (!in.isArray()) {
            return in.text();
        }
        in.beginArray();
        String text = null;
        while (in.nextElement()) {
            if (in.isObject()) {
                ErrorBody entry = new ErrorBody();
                entry.readError(in);
                text = first(text, entry.message);
            } else {
                text = first(text, in.text());
            }
        }
        return text;
    }

    private static @Nullable String first(@Nullable String one, @Nullable String other) {
        return one == null || one.isBlank() ? other : one;
    }

    private static boolean looksLikeObject(ByteBuffer body) {
        for (int i = body.position(); i < body.limit(); i++) {
            byte b = body.get(i);
            if (b == '{') {
                return true;
            } else if (b != ' ' && b != '\n' && b != '\r' && b != '\t' && b >= 0) {
                return false;
            }
        }
        return false;
    }
}
