package dev.kimi.internal.json;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/** Values as Java objects, however deep. Failures are those of the parser. */
final class JsonTree {

    private JsonTree() {}

    /**
     * The current value, as {@link JsonReader#any} says.
     *
     * @param unique whether an object with the same name twice is a {@link JsonException}
     */
    static @Nullable Object read(JsonParser parser, boolean unique) {
        return switch (parser.currentToken()) {
            case START_OBJECT -> map(parser, unique);
            case START_ARRAY -> list(parser, unique);
            case VALUE_STRING -> parser.getString();
            case VALUE_NUMBER_INT -> integer(parser);
            case VALUE_NUMBER_FLOAT -> parser.getDecimalValue();
            case VALUE_TRUE -> Boolean.TRUE;
            case VALUE_FALSE -> Boolean.FALSE;
            default -> null;
        };
    }

    /** Passes over the current value, and says whether no object in it has a name twice. */
    static boolean skip(JsonParser parser) {
        return switch (parser.currentToken()) {
            case START_OBJECT -> skipMap(parser);
            case START_ARRAY -> {
                boolean unique = true;
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    unique &= skip(parser);
                }
                yield unique;
            }
            case VALUE_NUMBER_FLOAT -> {
                // what cannot be a value to anybody fails here as it does there
                parser.getDecimalValue();
                yield true;
            }
            default -> true;
        };
    }

    private static boolean skipMap(JsonParser parser) {
        boolean unique = true;
        String first = null;
        Set<String> names = null;
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = parser.currentName();
            if (first == null) {
                first = name;
            } else {
                names = names == null ? new HashSet<>(Set.of(first)) : names;
                unique &= names.add(name);
            }
            parser.nextToken();
            unique &= skip(parser);
        }
        return unique;
    }

    private static Map<String, @Nullable Object> map(JsonParser parser, boolean unique) {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = parser.currentName();
            if (unique && map.containsKey(name)) {
                throw new JsonException(
                        JsonException.Reason.DUPLICATE_NAME,
                        "The same name twice in one object",
                        parser.currentLocation().getByteOffset());
            }
            parser.nextToken();
            map.put(name, read(parser, unique));
        }
        return map;
    }

    private static List<@Nullable Object> list(JsonParser parser, boolean unique) {
        List<@Nullable Object> list = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            list.add(read(parser, unique));
        }
        return list;
    }

    private static Object integer(JsonParser parser) {
        return parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER
                ? parser.getBigIntegerValue()
                : (Object) parser.getLongValue();
    }
}
