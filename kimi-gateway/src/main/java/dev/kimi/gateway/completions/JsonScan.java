package dev.kimi.gateway.completions;

import dev.kimi.gateway.dialect.GatewayException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The members of a JSON object that a client has sent, found in one pass: what they say, and where in the bytes they
 * stand, so that one can be exchanged and all others stay as they came. All of the object is checked to be JSON, once,
 * and no member may come twice: a service could go by the other one. Immutable and thread-safe; prints no content.
 */
final class JsonScan {

    private static final int BYTES_PER_TOKEN = 3;
    private static final int PER_MESSAGE = 8;
    private static final int PER_TOOL = 16;
    private static final int PER_FILE = 1_600;

    /** What is shorter costs no more as text. */
    private static final int SHORTEST_FILE = 256;

    /** Within these, a data URL has said that it is one. */
    private static final int DATA_URL_HEAD = 128;

    private static final byte[] DATA_URL = ascii("\"data:");
    private static final byte[] BASE64 = ascii(";base64,");

    private static final JsonFactory FACTORY = new JsonFactory();
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build();

    private final byte[] json;
    private final Map<String, Member> members = new LinkedHashMap<>();

    /**
     * @param textBytes of all strings in it, but for files
     * @param files base64 in it, such as images
     * @param elements of an array, 0 for others
     */
    private record Member(JsonToken token, int start, int end, int textBytes, int files, int elements) {}

    private JsonScan(byte[] json) {
        this.json = json;
    }

    /**
     * @param json kept, and not to be changed
     * @throws GatewayException with status 400 if it is not one JSON object in UTF-8, or has a member twice
     */
    static JsonScan of(byte[] json) {
        JsonScan scan = new JsonScan(json);
        int first = 0;
        while (first < json.length && isBlank(json[first])) {
            first++;
        }
        // Not left to the parser, which would guess UTF-16 and UTF-32.
        if (first + 1 >= json.length || json[first] != '{' || json[first + 1] == 0) {
            throw CompletionsChat.rejected("The request body must be one JSON object in UTF-8.");
        }
        try (JsonParser in = FACTORY.createParser(ObjectReadContext.empty(), json)) {
            in.nextToken();
            scan.object(in);
        } catch (StreamConstraintsException e) {
            throw CompletionsChat.rejected(
                    "The request body is nested deeper than 500 levels, or has a number of more than 1,000 digits.");
        } catch (JacksonException e) {
            TokenStreamLocation at = e.getLocation();
            throw CompletionsChat.rejected("The request body is not valid JSON"
                    + (at == null ? "." : ": it breaks off, or is malformed, at byte " + at.getByteOffset() + "."));
        }
        return scan;
    }

    /**
     * A text; null when there is none, or null.
     *
     * @throws GatewayException if it is something else
     */
    @Nullable String text(String member) {
        Member found = valueOf(member);
        if (found == null) {
            return null;
        }
        if (found.token() != JsonToken.VALUE_STRING) {
            throw CompletionsChat.rejected("\"" + member + "\" must be a string.");
        }
        return MAPPER.readValue(json, found.start(), found.end() - found.start(), String.class);
    }

    /**
     * A flag; false when there is none, or null.
     *
     * @throws GatewayException if it is something else
     */
    boolean flag(String member) {
        Member found = valueOf(member);
        if (found != null && found.token() != JsonToken.VALUE_TRUE && found.token() != JsonToken.VALUE_FALSE) {
            throw CompletionsChat.rejected("\"" + member + "\" must be true or false.");
        }
        return found != null && found.token() == JsonToken.VALUE_TRUE;
    }

    /** A whole number of at least 1; 0 for anything else, which is the service's to judge. */
    long count(String member) {
        Member found = valueOf(member);
        if (found == null || found.token() != JsonToken.VALUE_NUMBER_INT || found.end() - found.start() > 18) {
            return 0;
        }
        return Math.max(0, MAPPER.readValue(json, found.start(), found.end() - found.start(), Long.class));
    }

    /** How many elements an array has; 0 for anything else. */
    int elements(String member) {
        Member found = members.get(member);
        return found == null ? 0 : found.elements();
    }

    /** Whether it is a text. */
    boolean isText(String member) {
        Member found = members.get(member);
        return found != null && found.token() == JsonToken.VALUE_STRING;
    }

    /** Whether it is an array. */
    boolean isArray(String member) {
        Member found = members.get(member);
        return found != null && found.token() == JsonToken.START_ARRAY;
    }

    /** The value as a tree; null when there is none, or null. */
    @Nullable JsonNode tree(String member) {
        Member found = valueOf(member);
        return found == null ? null : MAPPER.readTree(json, found.start(), found.end() - found.start());
    }

    /** All of it as a tree. */
    JsonNode tree() {
        return MAPPER.readTree(json);
    }

    /**
     * How many tokens the model will read, rather too many than too few, by the same rule as the engine estimates them:
     * three bytes of text are one, and an image is 1,600 whatever its bytes.
     *
     * @param conversation members that hold what is said
     * @param tools members that hold tools
     */
    long inputTokens(List<String> conversation, List<String> tools) {
        long bytes = 0;
        long tokens = 0;
        for (String name : conversation) {
            Member member = members.get(name);
            if (member != null) {
                bytes += member.textBytes();
                tokens += (long) member.elements() * PER_MESSAGE + (long) member.files() * PER_FILE;
            }
        }
        for (String name : tools) {
            Member member = members.get(name);
            if (member != null) {
                bytes += member.end() - member.start();
                tokens += (long) member.elements() * PER_TOOL;
            }
        }
        return tokens + (bytes + BYTES_PER_TOKEN - 1) / BYTES_PER_TOKEN;
    }

    /**
     * The same bytes with another text as the value of a member; the very same array if that is the value already.
     *
     * @throws IllegalArgumentException if there is no such member
     */
    byte[] with(String member, String text) {
        Member found = members.get(member);
        if (found == null) {
            throw new IllegalArgumentException("there is no member " + member);
        }
        if (found.token() == JsonToken.VALUE_STRING && text.equals(text(member))) {
            return json;
        }
        byte[] value = MAPPER.writeValueAsBytes(text);
        byte[] all = new byte[json.length - (found.end() - found.start()) + value.length];
        System.arraycopy(json, 0, all, 0, found.start());
        System.arraycopy(value, 0, all, found.start(), value.length);
        System.arraycopy(json, found.end(), all, found.start() + value.length, json.length - found.end());
        return all;
    }

    @Override
    public String toString() {
        return "JsonScan[" + json.length + " bytes, " + members.size() + " members]";
    }

    private @Nullable Member valueOf(String member) {
        Member found = members.get(member);
        return found == null || found.token() == JsonToken.VALUE_NULL ? null : found;
    }

    private void object(JsonParser in) {
        for (String name = in.nextName(); name != null; name = in.nextName()) {
            JsonToken token = in.nextToken();
            int start = startOf(in);
            Member member = token.isStructStart() ? structure(in, token, start) : scalar(in, token, start);
            if (members.put(name, member) != null) {
                throw CompletionsChat.rejected(
                        "The request body has a member twice; which one holds would be a guess.");
            }
        }
        if (in.nextToken() != null) {
            throw CompletionsChat.rejected(
                    "The request body must be one JSON object, but more follows behind its end.");
        }
    }

    private static Member scalar(JsonParser in, JsonToken token, int start) {
        in.finishToken();
        int end = (int) in.currentLocation().getByteOffset();
        return new Member(token, start, end, token == JsonToken.VALUE_STRING ? end - start - 2 : 0, 0, 0);
    }

    /** Strings are not decoded, so that large images cost neither time nor memory. */
    private Member structure(JsonParser in, JsonToken opening, int start) {
        int depth = 1;
        int elements = 0;
        int textBytes = 0;
        int files = 0;
        int string = -1;
        boolean named = false;
        while (true) {
            JsonToken token = in.nextToken();
            int at = startOf(in);
            if (string >= 0) {
                // from quote to quote, and the comma or what else stands between
                int length = Math.max(0, at - string - 2);
                if (length >= SHORTEST_FILE && (named || isDataUrl(string))) {
                    files++;
                } else {
                    textBytes += length;
                }
                string = -1;
            }
            if (depth == 1 && opening == JsonToken.START_ARRAY && !token.isStructEnd()) {
                elements++;
            }
            if (token.isStructStart()) {
                depth++;
            } else if (token.isStructEnd()) {
                depth--;
                if (depth == 0) {
                    return new Member(opening, start, at + 1, textBytes, files, elements);
                }
            } else if (token == JsonToken.VALUE_STRING) {
                string = at;
                named = "data".equals(in.currentName());
            }
        }
    }

    private boolean isDataUrl(int quote) {
        if (!startsWith(DATA_URL, quote)) {
            return false;
        }
        for (int i = quote + DATA_URL.length; i < quote + DATA_URL_HEAD; i++) {
            if (startsWith(BASE64, i)) {
                return true;
            }
        }
        return false;
    }

    private boolean startsWith(byte[] prefix, int from) {
        for (int i = 0; i < prefix.length; i++) {
            if (from + i >= json.length || json[from + i] != prefix[i]) {
                return false;
            }
        }
        return true;
    }

    private static int startOf(JsonParser in) {
        return (int) in.currentTokenLocation().getByteOffset();
    }

    private static boolean isBlank(byte c) {
        return c == ' ' || c == '\n' || c == '\r' || c == '\t';
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
