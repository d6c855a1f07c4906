package dev.kimi.internal.protocol;

import dev.kimi.internal.json.JsonException;
import dev.kimi.internal.json.JsonReader;
import dev.kimi.internal.json.JsonWriter;
import dev.kimi.internal.util.Utf8;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The JSON reader: its values, its rejections, and that all ways through a text come out at the same place. */
final class FuzzJson {

    private static final JsonReader.Names NAMES =
            JsonReader.Names.of("a", "id", "choices", "content", "error", "data", "usage");
    private static final Set<String> MESSAGES = Set.of(
            "JSON longer than " + JsonReader.MAX_DOCUMENT + " bytes",
            "JSON over a limit of depth, length or count",
            "Malformed JSON",
            "The same name twice in one object");
    private static final Pattern PLACE = Pattern.compile(" \\(near byte \\d+\\)$");
    private static final String READ = "read to its end";

    private FuzzJson() {}

    /** How a value is read. */
    private interface Way {
        @Nullable Object read(JsonReader in);
    }

    static void values(FuzzInput input) {
        byte[] text = input.text();
        List<@Nullable Object> values = read(new JsonReader(text), text.length, JsonReader::any);
        surroundings(text, values, input);
        unique(text, values);
        values.subList(0, values.size() - 1).forEach(FuzzJson::value);

        List<@Nullable Object> walked = read(new JsonReader(text), text.length, in -> walk(in, 0, input));
        List<@Nullable Object> skipped = read(new JsonReader(text), text.length, in -> {
            in.skip();
            return null;
        });
        if (values.get(values.size() - 1).equals(READ)) {
            // a walk that passes over values needs not notice what is wrong inside, but must not stumble where nothing
            // is
            FuzzCheck.same(READ, walked.get(walked.size() - 1), "walked through");
            FuzzCheck.same(values.size(), walked.size(), "values walked through");
            FuzzCheck.same(READ, skipped.get(skipped.size() - 1), "skipped");
            FuzzCheck.same(values.size(), skipped.size(), "values skipped");
        }
    }

    /** All values of the text, and last how it ended. */
    private static List<@Nullable Object> read(JsonReader reader, int length, Way way) {
        List<@Nullable Object> values = new ArrayList<>();
        try (reader) {
            while (reader.next()) {
                values.add(way.read(reader));
            }
            values.add(READ);
        } catch (JsonException e) {
            String message = String.valueOf(e.getMessage());
            FuzzCheck.hold(
                    MESSAGES.contains(PLACE.matcher(message).replaceFirst("")), "a message of its own: " + message);
            FuzzCheck.hold(e.getCause() == null, "a cause may quote the text");
            FuzzCheck.hold(e.offset() >= -1 && e.offset() <= length + 4L, "a place beyond the text: " + message);
            values.add(e.reason());
        }
        return values;
    }

    /** What lies around the text in its array, or that there is no array, changes nothing. */
    private static void surroundings(byte[] text, List<@Nullable Object> values, FuzzInput input) {
        byte[] around = new byte[text.length + 40];
        Arrays.fill(around, (byte) "1]}\"".charAt(input.below(4)));
        System.arraycopy(text, 0, around, 20, text.length);
        FuzzCheck.same(
                values,
                read(new JsonReader(around, 20, text.length), text.length + 20, JsonReader::any),
                "in an array");
        ByteBuffer direct = ByteBuffer.allocateDirect(text.length).put(text).flip();
        // U+FFFD takes three bytes, and may stand for one.
        int longest = 3 * text.length;
        List<@Nullable Object> lenient = read(JsonReader.of(ByteBuffer.wrap(text)), longest, JsonReader::any);
        FuzzCheck.same(lenient, read(JsonReader.of(direct), longest, JsonReader::any), "outside the heap");
        if (Utf8.isValid(text, 0, text.length)) {
            FuzzCheck.same(values, lenient, "leniently");
        }
        FuzzCheck.hold(direct.remaining() == text.length, "the buffer's position moves");
    }

    private static void unique(byte[] text, List<@Nullable Object> values) {
        List<@Nullable Object> unique = read(new JsonReader(text), text.length, JsonReader::anyUnique);
        int last = unique.size() - 1;
        if (unique.get(last) == JsonException.Reason.DUPLICATE_NAME) {
            FuzzCheck.same(values.subList(0, last), unique.subList(0, last), "before a name that comes twice");
        } else {
            FuzzCheck.same(values, unique, "no name comes twice");
        }
    }

    private static void value(@Nullable Object value) {
        FuzzCheck.hold(depth(value) <= JsonReader.MAX_DEPTH, "a value deeper than the limit");
        byte[] written = new JsonWriter().any(value).toByteArray();
        List<@Nullable Object> again = read(new JsonReader(written), written.length, JsonReader::any);
        FuzzCheck.same(READ, again.get(again.size() - 1), "what was read and written can be read");
        byte[] rewritten = new JsonWriter().any(again.get(0)).toByteArray();
        // compared as text: half a surrogate pair is read, but cannot be written
        FuzzCheck.hold(Arrays.equals(written, rewritten), "what was read and written reads alike");
    }

    private static int depth(@Nullable Object value) {
        if (value instanceof Map<?, ?> map) {
            return 1 + deepest(map.values());
        }
        return value instanceof List<?> list ? 1 + deepest(list) : 0;
    }

    private static int deepest(Collection<?> values) {
        int deepest = 0;
        for (Object value : values) {
            deepest = Math.max(deepest, depth(value));
        }
        return deepest;
    }

    /** Reads the value in a way of the input's choice, mostly by a getter that may be made for another kind. */
    private static @Nullable Object walk(JsonReader in, int depth, FuzzInput input) {
        FuzzCheck.hold(depth <= JsonReader.MAX_DEPTH, "nesting deeper than the limit");
        switch (input.below(10)) {
            case 0 -> in.skip();
            case 1 -> in.string();
            case 2 -> in.text();
            case 3 -> in.number(-1);
            case 4 -> in.any();
            case 5 -> in.bool(false);
            case 6 -> in.object();
            case 7 -> walkArray(in, depth, input);
            case 8 -> walkObject(in, depth, input);
            default -> byKind(in, depth, input);
        }
        return null;
    }

    private static void byKind(JsonReader in, int depth, FuzzInput input) {
        if (in.isObject()) {
            walkObject(in, depth, input);
        } else if (in.isArray()) {
            walkArray(in, depth, input);
        } else if (in.isString()) {
            FuzzCheck.hold(in.string() != null, "a string is none");
        } else if (in.isNull()) {
            FuzzCheck.hold(in.any() == null, "null is something");
        } else {
            FuzzCheck.hold(in.text() != null, "a number or boolean without text");
        }
    }

    private static void walkArray(JsonReader in, int depth, FuzzInput input) {
        if (in.beginArray()) {
            while (in.nextElement()) {
                walk(in, depth + 1, input);
            }
        }
    }

    private static void walkObject(JsonReader in, int depth, FuzzInput input) {
        if (in.beginObject()) {
            for (int name = in.nextName(NAMES); name != JsonReader.END; name = in.nextName(NAMES)) {
                FuzzCheck.hold(in.name() != null, "a member without name");
                // a value that nobody reads is passed over by the next name
                if (input.below(4) != 3) {
                    walk(in, depth + 1, input);
                }
            }
        }
    }
}
