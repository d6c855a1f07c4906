package dev.kimi.internal.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kimi.internal.json.JsonException.Reason;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class JsonWriterTest {

    @Test
    void writes_objects_and_arrays() {
        JsonWriter out = new JsonWriter(1);
        out.beginObject()
                .field("a", "x")
                .field("b", 2)
                .field("c", true)
                .name("d")
                .beginArray();
        out.value(1)
                .beginArray()
                .endArray()
                .beginObject()
                .endObject()
                .nullValue()
                .value(1.5)
                .value("y");
        out.endArray().name("e").beginObject().endObject().field("f", (String) null);
        out.name("g").any(new BigDecimal("1.10")).endObject();

        assertThat(text(out))
                .isEqualTo(
                        "{\"a\":\"x\",\"b\":2,\"c\":true,\"d\":[1,[],{},null,1.5,\"y\"],\"e\":{},\"f\":null,\"g\":1.10}");
    }

    @Test
    void writes_the_members_of_an_object_as_they_are() {
        JsonWriter out = new JsonWriter().beginObject().field("a", 1);
        out.members(" {\"b\": 1.50,\"c\":{ }} ").members("{ }").field("d", 2).endObject();

        assertThat(text(out)).isEqualTo("{\"a\":1,\"b\": 1.50,\"c\":{ },\"d\":2}");
        for (String wrong : List.of("[1]", "1", "", "{\"a\":1},{}", "{\"a\":1", "{} {}")) {
            assertThatThrownBy(() -> new JsonWriter().beginObject().members(wrong))
                    .isInstanceOf(JsonException.class);
        }
    }

    @Test
    void takes_for_json_exactly_what_the_reader_reads_as_one_value() {
        String sample = " {\"id\":\"é月🌒\\u00e9\\n\\/\",\"\":[1,-2.5e3,0,1E+9,true,null,false,{\"b\" : [ ]}, {}]}\n";
        List<String> texts =
                new ArrayList<>(List.of(sample, "", " ", "0", "-0.0", "\"\"", "null", "\uFEFF{}", "{} {}"));
        texts.addAll(List.of("01", "-", "1.", ".5", "1e", "+1", "[1,]", "{,}", "{\"a\"}", "{\"a\":}", "[", "]", "tru"));
        texts.addAll(List.of("\"\\u12g4\"", "\"\\x\"", "\"a\nb\"", "\"\\ud800\"", "{\"a\":1,}", "[1 2]", "{\"a\" 1}"));
        texts.addAll(List.of("[".repeat(64) + "]".repeat(64), "[".repeat(65) + "]".repeat(65), "1".repeat(2_000)));
        String odd = " {}[]\":,\\0.e-tnué";
        for (long seed = 0; seed < 20_000; seed++) {
            Random random = new Random(seed);
            int length = random.nextInt(4) == 0 ? random.nextInt(sample.length() + 1) : sample.length();
            StringBuilder text = new StringBuilder(sample.substring(0, length));
            for (int i = random.nextInt(3); i > 0 && text.length() > 0; i--) {
                text.setCharAt(random.nextInt(text.length()), odd.charAt(random.nextInt(odd.length())));
            }
            texts.add(random.nextBoolean() ? text.toString() : sample.replace("1", text));
        }

        List<String> good = texts.stream().filter(JsonWriterTest::isOneValue).toList();
        assertThat(texts.stream().filter(JsonWriterTest::isWritten).toList()).isEqualTo(good);
        assertThat(good.size()).isBetween(1_000, texts.size() - 1_000);
    }

    private static boolean isWritten(String text) {
        try {
            return Arrays.equals(new JsonWriter().json(text).toByteArray(), text.getBytes(StandardCharsets.UTF_8));
        } catch (JsonException e) {
            return false;
        }
    }

    private static boolean isOneValue(String text) {
        try (JsonReader in = new JsonReader(text.getBytes(StandardCharsets.UTF_8))) {
            boolean has = in.next();
            if (has) {
                in.skip();
            }
            return has && !in.next();
        } catch (JsonException e) {
            return false;
        }
    }

    @Test
    void writes_java_values() {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        map.put("z", List.of(1, 2L, (short) 3, (byte) 4));
        map.put("a", null);
        map.put("n", Arrays.asList(new BigInteger("72284146837509280001234"), new BigDecimal("1E+3"), 0.1f, 2.0d));
        map.put("o", new Object[] {true, Reason.LIMIT, new StringBuilder("s")});

        assertThat(text(new JsonWriter().any(map)))
                .isEqualTo("{\"z\":[1,2,3,4],\"a\":null,\"n\":[72284146837509280001234,1E+3,0.1,2.0],"
                        + "\"o\":[true,\"LIMIT\",\"s\"]}");
    }

    @Test
    void escapes_what_must_be_escaped_at_any_place() {
        for (int c = 0; c < 0x180; c++) {
            for (int before = 0; before < 18; before++) {
                String value = "x".repeat(before) + (char) c + "é".repeat(before % 3) + "yyyyyyyy";
                byte[] json = new JsonWriter().value(value).toByteArray();
                assertThat(read(json)).isEqualTo(value);
            }
        }
        assertThat(text(new JsonWriter().value("a\"b\\c\n\r\t\b\f\u0001\u001f/<\u007f")))
                .isEqualTo("\"a\\\"b\\\\c\\n\\r\\t\\b\\f\\u0001\\u001f/<\u007f\"");
    }

    @Test
    void names_are_escaped_too() {
        assertThat(text(new JsonWriter().beginObject().field("a\"é", 1).endObject()))
                .isEqualTo("{\"a\\\"é\":1}");
    }

    @Test
    void long_strings_come_through_whole_wherever_the_pieces_meet() {
        for (int before = 0; before < 4; before++) {
            String value = "x".repeat(before) + "🌒".repeat(40_000) + "\n\"" + "é".repeat(70_000);
            assertThat(read(new JsonWriter().value(value).toByteArray())).isEqualTo(value);
        }
    }

    @Test
    void half_a_surrogate_pair_becomes_a_question_mark() {
        assertThat(text(new JsonWriter().value("a\ud83cb"))).isEqualTo("\"a?b\"");
        assertThat(text(new JsonWriter().value("\udf12"))).isEqualTo("\"?\"");
    }

    @Test
    void what_is_written_is_read_back_the_same() {
        for (long seed = 0; seed < 2_000; seed++) {
            Random random = new Random(seed);
            Object value = randomValue(random, 4);
            assertThat(read(new JsonWriter().any(value).toByteArray()))
                    .as("seed %d", seed)
                    .isEqualTo(value);
        }
    }

    private static @Nullable Object randomValue(Random random, int depth) {
        return switch (random.nextInt(depth > 0 ? 8 : 6)) {
            case 0 -> null;
            case 1 -> random.nextBoolean();
            case 2 -> random.nextLong();
            case 3 -> new BigInteger(80, random).setBit(70);
            case 4 -> new BigDecimal(BigInteger.valueOf(random.nextLong()), 1 + random.nextInt(12));
            case 5 -> randomText(random);
            case 6 -> {
                List<@Nullable Object> list = new ArrayList<>();
                for (int i = random.nextInt(4); i > 0; i--) {
                    list.add(randomValue(random, depth - 1));
                }
                yield list;
            }
            default -> {
                Map<String, @Nullable Object> map = new LinkedHashMap<>();
                for (int i = random.nextInt(4); i > 0; i--) {
                    map.put(randomText(random), randomValue(random, depth - 1));
                }
                yield map;
            }
        };
    }

    private static String randomText(Random random) {
        int[] points = random.ints(random.nextInt(30), 0, 0x11000)
                .filter(point -> point < 0xD800 || point > 0xDFFF)
                .map(point -> random.nextBoolean() ? point : point % 128)
                .toArray();
        return new String(points, 0, points.length);
    }

    @Test
    void rejects_what_is_no_json() {
        assertFails(Reason.UNSUPPORTED_VALUE, () -> new JsonWriter().any(new Object()));
        assertFails(Reason.UNSUPPORTED_VALUE, () -> new JsonWriter().any(Map.of(1, "a")));
        assertFails(Reason.UNSUPPORTED_VALUE, () -> new JsonWriter().any(List.of(Double.NaN)));
        assertFails(Reason.UNSUPPORTED_VALUE, () -> new JsonWriter().value(Double.POSITIVE_INFINITY));
        Map<String, Object> itself = new HashMap<>();
        itself.put("me", itself);
        assertFails(Reason.LIMIT, () -> new JsonWriter().any(itself));
    }

    private static void assertFails(Reason reason, Runnable action) {
        assertThatThrownBy(action::run)
                .isInstanceOfSatisfying(
                        JsonException.class, e -> assertThat(e.reason()).isEqualTo(reason));
    }

    private static String text(JsonWriter out) {
        return new String(out.toByteArray(), StandardCharsets.UTF_8);
    }

    private static @Nullable Object read(byte[] json) {
        try (JsonReader in = new JsonReader(json)) {
            in.next();
            return in.any();
        }
    }
}
