package dev.kimi.internal.json;

import dev.kimi.internal.util.Utf8;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.sym.PropertyNameMatcher;
import tools.jackson.core.util.JsonRecyclerPools;
import tools.jackson.core.util.Named;

/**
 * Pull reader over UTF-8 bytes, lenient about types: a getter that meets a value of another kind passes over it and
 * says that there is none, since responses of services change faster than their descriptions. Malformed text, and text
 * over the limits (depth 64, strings 8 Mi characters, document 32 MiB, 1 Mi tokens), is a {@link JsonException}.
 *
 * <p>Use: {@link #next} to step onto a value, then either {@link #beginObject} with a loop over {@link #nextName}, or
 * {@link #beginArray} with a loop over {@link #nextElement}, or one of the getters; after {@code nextName} each getter,
 * {@code begin…} and {@link #skip} steps onto the name's value by itself. Several texts may follow one another,
 * separated by white space: {@code next()} steps from one to the next. Not thread-safe; {@link #close} returns buffers.
 */
public final class JsonReader implements AutoCloseable {

    /** What {@link #nextName} returns for a name that is not among those given. */
    public static final int UNKNOWN = PropertyNameMatcher.MATCH_UNKNOWN_NAME;

    /** What {@link #nextName} returns after the last name of the object. */
    public static final int END = PropertyNameMatcher.MATCH_END_OBJECT;

    /** Longest document, in bytes. */
    public static final int MAX_DOCUMENT = 32 << 20;

    /** Deepest nesting of objects and arrays. */
    public static final int MAX_DEPTH = 64;

    private static final int MAX_NUMBER = 1000;
    private static final String OVER_LIMIT = "JSON over a limit of depth, length or count";
    private static final byte[] BOM = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};
    private static final JsonFactory FACTORY = JsonFactory.builder()
            // JSON is UTF-8; guessing leads to other parsers, and to failures when a parser is made.
            .disable(TokenStreamFactory.Feature.CHARSET_DETECTION)
            .recyclerPool(JsonRecyclerPools.threadLocalPool())
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_DEPTH)
                    .maxStringLength(8 << 20)
                    .maxDocumentLength(MAX_DOCUMENT)
                    .maxTokenCount(1 << 20)
                    .maxNumberLength(MAX_NUMBER)
                    .build())
            .build();

    /** Names that {@link #nextName} finds without making a String; an index is the place in the list. */
    public static final class Names {

        private final PropertyNameMatcher matcher;

        private Names(String... names) {
            List<Named> list =
                    Arrays.stream(names).map(name -> Named.fromString(name)).toList();
            this.matcher = FACTORY.constructNameMatcher(list, false);
        }

        /** The names, in the order of their indices. */
        public static Names of(String... names) {
            return new Names(names);
        }
    }

    private final JsonParser parser;
    private final byte[] source;
    /** Where the parser's bytes begin in the source. */
    private final int begin;

    /** Reads all of {@code json}. */
    public JsonReader(byte[] json) {
        this(json, 0, json.length);
    }

    /** Reads {@code length} bytes of {@code json} from {@code offset}; the array must not change meanwhile. */
    public JsonReader(byte[] json, int offset, int length) {
        if (length > MAX_DOCUMENT) {
            throw new JsonException(JsonException.Reason.LIMIT, "JSON longer than " + MAX_DOCUMENT + " bytes", -1);
        }
        int bom = length >= BOM.length && Arrays.equals(json, offset, offset + BOM.length, BOM, 0, BOM.length)
                ? BOM.length
                : 0;
        this.source = json;
        this.begin = offset + bom;
        this.parser = FACTORY.createParser(ObjectReadContext.empty(), json, begin, length - bom);
    }

    /**
     * Reads what a service sent: like {@link #JsonReader(byte[], int, int)}, but U+FFFD stands for what is no UTF-8.
     */
    public static JsonReader lenient(byte[] json, int offset, int length) {
        if (length > MAX_DOCUMENT || Utf8.isValid(json, offset, offset + length)) {
            return new JsonReader(json, offset, length);
        }
        return new JsonReader(Utf8.repaired(json, offset, length));
    }

    /** Like {@link #lenient}, of the remaining bytes of {@code json}, whose position it does not move. */
    public static JsonReader of(ByteBuffer json) {
        if (json.hasArray()) {
            return lenient(json.array(), json.arrayOffset() + json.position(), json.remaining());
        }
        byte[] copy = new byte[json.remaining()];
        json.duplicate().get(copy);
        return lenient(copy, 0, copy.length);
    }

    /** Steps to the next text of the input, or false at its end; the one before must have been read whole. */
    public boolean next() {
        return advance() != null;
    }

    /** Steps into the value when it is an object; anything else is skipped. */
    public boolean beginObject() {
        return begin(JsonToken.START_OBJECT);
    }

    /** Steps into the value when it is an array; anything else is skipped. */
    public boolean beginArray() {
        return begin(JsonToken.START_ARRAY);
    }

    /** Steps to the next name of the object: its index in {@code names}, {@link #UNKNOWN} or {@link #END}. */
    public int nextName(Names names) {
        try {
            if (parser.currentToken() == JsonToken.PROPERTY_NAME) {
                skip();
            }
            return parser.nextNameMatch(names.matcher);
        } catch (JacksonException e) {
            throw failure(e);
        }
    }

    /** The name that {@link #nextName} stepped to. */
    public String name() {
        return parser.currentName();
    }

    /** Steps to the next value of the array begun last, or past its end and returns false. */
    public boolean nextElement() {
        return advance() != JsonToken.END_ARRAY;
    }

    /** Whether the value is a string; does not consume it. */
    public boolean isString() {
        return value() == JsonToken.VALUE_STRING;
    }

    /** Whether the value is an object; does not consume it. */
    public boolean isObject() {
        return value() == JsonToken.START_OBJECT;
    }

    /** Whether the value is an array; does not consume it. */
    public boolean isArray() {
        return value() == JsonToken.START_ARRAY;
    }

    /** Whether the value is {@code null}; does not consume it. */
    public boolean isNull() {
        return value() == JsonToken.VALUE_NULL;
    }

    /** The value when it is a string, else null. */
    public @Nullable String string() {
        if (value() == JsonToken.VALUE_STRING) {
            return currentText();
        }
        skip();
        return null;
    }

    /** The value when it is a string, or the text of a number or boolean as it was sent, else null. */
    public @Nullable String text() {
        JsonToken token = value();
        if (token.isScalarValue() && token != JsonToken.VALUE_NULL) {
            return currentText();
        }
        skip();
        return null;
    }

    /**
     * The value when it is a number within the range of long, or a string that holds one, cut to an integer, else
     * {@code missing}.
     */
    public long number(long missing) {
        JsonToken token = value();
        if (token == JsonToken.VALUE_STRING) {
            return NumberText.read(currentText(), missing);
        }
        if (!token.isNumeric()) {
            skip();
            return missing;
        }
        try {
            if (token == JsonToken.VALUE_NUMBER_INT) {
                return parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER ? missing : parser.getLongValue();
            }
            double value = parser.getDoubleValue();
            return Math.abs(value) < Long.MAX_VALUE ? (long) value : missing;
        } catch (JacksonException e) {
            throw failure(e);
        }
    }

    /** The value when it is a boolean, else {@code missing}. */
    public boolean bool(boolean missing) {
        JsonToken token = value();
        if (token.isBoolean()) {
            return token == JsonToken.VALUE_TRUE;
        }
        skip();
        return missing;
    }

    /**
     * The value as a modifiable {@code Map<String, Object>} or {@code List<Object>} in the order sent, String, Long,
     * BigInteger (integers beyond long), BigDecimal, Boolean or null. Of a name that comes twice the last value counts.
     */
    public @Nullable Object any() {
        return any(false);
    }

    /** Like {@link #any()}, but an object with the same name twice is a {@link JsonException}. */
    public @Nullable Object anyUnique() {
        return any(true);
    }

    /** The value when it is an object, as {@link #any()} reads it, else null. */
    @SuppressWarnings("unchecked")
    public @Nullable Map<String, @Nullable Object> object() {
        if (isObject()) {
            return (Map<String, @Nullable Object>) any(false);
        }
        skip();
        return null;
    }

    /** The text of the value when it is an object, byte for byte as it came, else null. */
    public @Nullable String objectText() {
        if (!isObject()) {
            skip();
            return null;
        }
        int from = begin();
        skip();
        return text(from, end());
    }

    /** Where the value, an object or a list, begins among the bytes; does not consume it. */
    public int begin() {
        value();
        return begin + (int) parser.currentTokenLocation().getByteOffset();
    }

    /** Where the object or list ends that was read last, at its end or by {@link #skip}. */
    public int end() {
        return begin + (int) offset();
    }

    /** How many names, values, and ends of objects and lists were passed so far. */
    public long tokens() {
        return parser.currentTokenCount();
    }

    /** What stands between two places, byte for byte as it came. */
    public String text(int from, int to) {
        return new String(source, from, to - from, StandardCharsets.UTF_8);
    }

    /**
     * Whether {@link JsonWriter} would write the same bytes as stand between two places, of which all but strings,
     * names and brackets is for the caller to know.
     */
    public boolean isSpelledAsWritten(int from, int to) {
        return JsonStrings.areTheWriters(source, from, to);
    }

    /** Passes over the value like {@link #skip}, and says whether no object in it has a name twice. */
    public boolean skipUnique() {
        value();
        try {
            return JsonTree.skip(parser);
        } catch (JacksonException e) {
            throw failure(e);
        } catch (NumberFormatException e) {
            throw overLimit();
        }
    }

    /** Passes over the value, whatever it is. */
    public void skip() {
        value();
        try {
            parser.skipChildren();
        } catch (JacksonException e) {
            throw failure(e);
        }
    }

    /** Returns the buffers; the reader must not be used afterwards. */
    @Override
    public void close() {
        parser.close();
    }

    /** An exponent beyond int, which the library lets through. */
    private JsonException overLimit() {
        return new JsonException(JsonException.Reason.LIMIT, OVER_LIMIT, offset());
    }

    private boolean begin(JsonToken start) {
        if (value() == start) {
            return true;
        }
        skip();
        return false;
    }

    private @Nullable Object any(boolean unique) {
        value();
        try {
            return JsonTree.read(parser, unique);
        } catch (JacksonException e) {
            throw failure(e);
        } catch (NumberFormatException e) {
            throw overLimit();
        }
    }

    /** The current value's token, after stepping over its name. */
    private JsonToken value() {
        JsonToken token = parser.currentToken();
        if (token == JsonToken.PROPERTY_NAME) {
            token = advance();
        }
        if (token == null) {
            throw new IllegalStateException("No value here: call next() first");
        }
        return token;
    }

    private @Nullable JsonToken advance() {
        try {
            return parser.nextToken();
        } catch (JacksonException e) {
            throw failure(e);
        }
    }

    private String currentText() {
        try {
            return parser.getString();
        } catch (JacksonException e) {
            throw failure(e);
        }
    }

    private long offset() {
        return parser.currentLocation().getByteOffset();
    }

    /** Without the library's message and without a cause: both quote the text. */
    private JsonException failure(JacksonException e) {
        return e instanceof StreamConstraintsException
                ? new JsonException(JsonException.Reason.LIMIT, OVER_LIMIT, offset())
                : new JsonException(JsonException.Reason.MALFORMED, "Malformed JSON", offset());
    }
}
