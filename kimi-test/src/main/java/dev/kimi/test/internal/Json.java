package dev.kimi.test.internal;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.io.JsonStringEncoder;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.type.TypeReference;
import tools.jackson.core.util.JsonRecyclerPools;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The simulator's own JSON mapper, untouched by what the application configures. */
public final class Json {

    private static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .recyclerPool(JsonRecyclerPools.threadLocalPool())
                    .build())
            .build();
    private static final TypeReference<Map<String, Object>> MAP = new TypeReference<>() {};

    private Json() {}

    /** The parsed text, or null if it is not JSON. */
    public static @Nullable JsonNode parse(byte[] text) {
        try {
            return MAPPER.readTree(text);
        } catch (JacksonException e) {
            return null;
        }
    }

    /** The members of a JSON object in their order; empty if the text is anything else. */
    public static Map<String, Object> members(byte[] text) {
        try {
            Map<String, Object> members = MAPPER.readValue(text, MAP);
            return members == null ? Map.of() : members;
        } catch (JacksonException e) {
            return Map.of();
        }
    }

    /** Writes any tree of maps, lists and scalars. */
    public static String write(Object value) {
        return MAPPER.writeValueAsString(value);
    }

    /** Appends the text as a JSON string, with its quotes. */
    public static StringBuilder quote(StringBuilder out, CharSequence text) {
        out.append('"');
        JsonStringEncoder.getInstance().quoteAsString(text, out);
        return out.append('"');
    }

    /** Appends the pieces as one JSON string. A piece never ends within a surrogate pair. */
    static StringBuilder quote(StringBuilder out, List<String> pieces) {
        JsonStringEncoder encoder = JsonStringEncoder.getInstance();
        out.append('"');
        for (String piece : pieces) {
            encoder.quoteAsString(piece, out);
        }
        return out.append('"');
    }

    /** The string under the key, or null if there is none or it is of another type. */
    public static @Nullable String text(JsonNode object, String key) {
        JsonNode value = object.get(key);
        return value != null && value.isString() ? value.stringValue() : null;
    }
}
