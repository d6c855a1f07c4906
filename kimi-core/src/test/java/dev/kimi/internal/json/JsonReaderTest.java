package dev.kimi.internal.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kimi.internal.json.JsonException.Reason;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonReaderTest {

    private static final JsonReader.Names NAMES = JsonReader.Names.of("id", "reasoning_content", "content", "é");

    @Test
    void walks_an_object_by_its_names() {
        List<String> seen = new ArrayList<>();

        try (JsonReader in =
                reader("{\"content\":\"x\",\"new\":[1,{\"id\":2}],\"id\":7,\"reasoning_content\":null,\"é\":true}")) {
            assertThat(in.next()).isTrue();
            assertThat(in.beginObject()).isTrue();
            for (int name = in.nextName(NAMES); name != JsonReader.END; name = in.nextName(NAMES)) {
                switch (name) {
                    case 0 -> seen.add("id " + in.number(-1));
                    case 1 -> seen.add("reasoning " + in.string());
                    case 2 -> seen.add("content " + in.string());
                    case 3 -> seen.add("é " + in.bool(false));
                    default -> seen.add(in.name() + " " + in.any());
                }
            }
            assertThat(in.next()).isFalse();
        }

        assertThat(seen).containsExactly("content x", "new [1, {id=2}]", "id 7", "reasoning null", "é true");
    }

    @Test
    void passes_over_values_of_another_kind() {
        try (JsonReader in =
                reader("{\"id\":{\"a\":[1]},\"content\":[[2]],\"id\":\"seven\",\"content\":5,\"id\":true}")) {
            in.next();
            in.beginObject();
            in.nextName(NAMES);
            assertThat(in.number(-1)).isEqualTo(-1);
            in.nextName(NAMES);
            assertThat(in.string()).isNull();
            in.nextName(NAMES);
            assertThat(in.beginArray()).isFalse();
            in.nextName(NAMES);
            assertThat(in.beginObject()).isFalse();
            in.nextName(NAMES);
            assertThat(in.object()).isNull();
            assertThat(in.nextName(NAMES)).isEqualTo(JsonReader.END);
        }
    }

    @Test
    void a_name_whose_value_is_not_read_is_passed_over() {
        try (JsonReader in = reader("{\"a\":{\"id\":1},\"b\":[1],\"content\":\"x\"}")) {
            in.next();
            in.beginObject();
            in.nextName(NAMES);
            in.nextName(NAMES);

            assertThat(in.nextName(NAMES)).isEqualTo(2);
            assertThat(in.string()).isEqualTo("x");
        }
    }

    @Test
    void reads_any_value_in_order() {
        Object value = any("""
                {"z":1,"a":[null,true,false,"é\\u00e9\\n"],"big":72284146837509280001234,"long":7228414683750928000,
                 "decimal":1.10,"exponent":-2.5e-3,"empty":{},"list":[]}""");

        assertThat(value).isInstanceOf(Map.class);
        Map<?, ?> map = (Map<?, ?>) value;
        assertThat(map.keySet().stream().map(Object::toString))
                .containsExactly("z", "a", "big", "long", "decimal", "exponent", "empty", "list");
        assertThat(map.get("a")).isEqualTo(Arrays.asList(null, true, false, "éé\n"));
        assertThat(map.get("z")).isEqualTo(1L);
        assertThat(map.get("big")).isEqualTo(new BigInteger("72284146837509280001234"));
        assertThat(map.get("long")).isEqualTo(7228414683750928000L);
        assertThat(map.get("decimal")).hasToString("1.10").isEqualTo(new BigDecimal("1.10"));
        assertThat(map.get("exponent")).isEqualTo(new BigDecimal("-2.5e-3"));
        assertThat(map.get("empty")).isEqualTo(Map.of());
        assertThat(map.get("list")).isEqualTo(List.of());
    }

    @Test
    void gives_the_text_of_an_object_byte_for_byte() {
        String object = "{ \"é\" : [1.50, {}, \"\\u0041\\/\"] ,\"a\":1,\"a\":2}";
        byte[] json = ("  x\uFEFF{\"o\":" + object + ",\"n\":1,\"list\":[ " + object + " ,[],null]}")
                .getBytes(StandardCharsets.UTF_8);
        int from = "  x".length();

        try (JsonReader in = new JsonReader(json, from, json.length - from)) {
            in.next();
            in.beginObject();
            in.nextName(JsonReader.Names.of());
            assertThat(in.objectText()).isEqualTo(object);
            in.nextName(JsonReader.Names.of());
            assertThat(in.objectText()).as("a number").isNull();
            in.nextName(JsonReader.Names.of());
            in.beginArray();
            in.nextElement();
            assertThat(in.objectText()).isEqualTo(object);
            in.nextElement();
            assertThat(in.objectText()).as("a list").isNull();
            in.nextElement();
            assertThat(in.objectText()).as("null").isNull();
            assertThat(in.nextElement()).isFalse();
        }
    }

    @Test
    void reads_texts_that_follow_one_another() {
        List<@Nullable Object> values = new ArrayList<>();
        try (JsonReader in = reader(" \n {\"id\":1}\n{\"id\":2} [3]\r\n\"four\" 5 null ")) {
            while (in.next()) {
                values.add(in.any());
            }
        }

        assertThat(values).containsExactly(Map.of("id", 1L), Map.of("id", 2L), List.of(3L), "four", 5L, null);
    }

    @Test
    void reads_a_range_of_an_array() {
        byte[] bytes = "xx{\"id\":12}yy".getBytes(StandardCharsets.UTF_8);
        try (JsonReader in = new JsonReader(bytes, 2, bytes.length - 4)) {
            in.next();
            assertThat(in.any()).isEqualTo(Map.of("id", 12L));
            assertThat(in.next()).isFalse();
        }
    }

    @Test
    void numbers_are_cut_or_missing() {
        assertThat(numbers("[1, 1.9, -1.9, 1e3, 9223372036854775807, 9223372036854775808, 1e400, \"5\", null]"))
                .containsExactly(1L, 1L, -1L, 1000L, Long.MAX_VALUE, -7L, -7L, 5L, -7L);
    }

    @Test
    void a_number_may_stand_in_a_string() {
        assertThat(numbers("[\"12\", \" 12 \", \"12.0\", \"-3.9\", \"9223372036854775807\"]"))
                .containsExactly(12L, 12L, 12L, -3L, Long.MAX_VALUE);
        assertThat(numbers(
                        "[\"\", \"-\", \"+1\", \"1.\", \".5\", \"12a\", \"1.2.3\", \"1e3\", \"9223372036854775808\"]"))
                .containsOnly(-7L)
                .hasSize(9);
        assertThat(numbers("[\"" + "0".repeat(1000) + "1\", \"\u0661\"]")).containsExactly(-7L, -7L);
    }

    @Test
    void what_a_service_sent_is_read_with_replacements_for_what_is_no_utf8() {
        byte[] bytes = {'[', '"', 'a', (byte) 0xE6, (byte) 0x9C, '"', ',', '"', (byte) 0xFF, 'b', '"', ']'};
        try (JsonReader in = JsonReader.lenient(bytes, 0, bytes.length)) {
            in.next();
            assertThat(in.any()).isEqualTo(List.of("a\uFFFD", "\uFFFDb"));
        }
        try (JsonReader in = JsonReader.of(ByteBuffer.wrap(bytes, 1, 5))) {
            assertThat(in.next()).isTrue();
            assertThat(in.string()).isEqualTo("a\uFFFD");
        }
    }

    @Test
    void a_number_beyond_decimals_is_over_a_limit() {
        assertThat(any("1e2147483647")).isEqualTo(new BigDecimal("1e2147483647"));
        for (String number : List.of("1e2147483648", "0e99999999999", "1e-99999999999")) {
            assertFails(Reason.LIMIT, () -> any("{\"a\":" + number + "}"));
            assertFails(Reason.LIMIT, () -> any(number));
        }
    }

    @Test
    void text_is_what_was_sent() {
        List<@Nullable String> texts = new ArrayList<>();
        try (JsonReader in = reader("[\"a\", 429, 1.50, true, null, {\"a\":1}, [1]]")) {
            in.next();
            in.beginArray();
            while (in.nextElement()) {
                texts.add(in.text());
            }
        }
        assertThat(texts).containsExactly("a", "429", "1.50", "true", null, null, null);
    }

    @Test
    void rejects_duplicate_names_when_asked() {
        String json = "{\"a\":{\"b\":1,\"b\":2}}";

        assertThat(any(json)).isEqualTo(Map.of("a", Map.of("b", 2L)));
        assertFails(Reason.DUPLICATE_NAME, () -> {
            JsonReader in = reader(json);
            in.next();
            in.anyUnique();
        });
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{}|true",
                "{\"a\":{\"a\":1},\"b\":[{\"a\":1},{\"a\":1}]}|true",
                "{\"a\":1,\"b\":2,\"a\":3}|false",
                "{\"a\":1,\"\\u0061\":3}|false",
                "[1,{\"a\":[{\"b\":1,\"b\":2}]},2]|false",
                "1.5|true"
            })
    void tells_whether_a_name_comes_twice_in_what_it_passes_over(String json, boolean unique) {
        try (JsonReader in = reader(json + " 7")) {
            in.next();
            assertThat(in.skipUnique()).isEqualTo(unique);
            in.next();
            assertThat(in.number(0)).isEqualTo(7);
        }
    }

    @Test
    void passes_over_nothing_that_it_could_not_read() {
        assertFails(Reason.LIMIT, () -> skipUnique("{\"a\":1e99999999999}"));
        assertFails(Reason.LIMIT, () -> skipUnique("[".repeat(65) + "]".repeat(65)));
        assertFails(Reason.MALFORMED, () -> skipUnique("{\"a\":1,\"b\"}"));
    }

    private static void skipUnique(String json) {
        try (JsonReader in = reader(json)) {
            in.next();
            in.skipUnique();
        }
    }

    @Test
    void says_where_objects_and_lists_stand() {
        byte[] json = "xx{\"a\": [1, {}] ,\"b\":{ \"é\":2} }yy".getBytes(StandardCharsets.UTF_8);

        try (JsonReader in = new JsonReader(json, 2, json.length - 4)) {
            in.next();
            int from = in.begin();
            in.beginObject();
            in.nextName(JsonReader.Names.of());
            int list = in.begin();
            in.skip();
            assertThat(in.text(list, in.end())).isEqualTo("[1, {}]");
            in.nextName(JsonReader.Names.of());
            int object = in.begin();
            in.skipUnique();
            assertThat(in.text(object, in.end())).isEqualTo("{ \"é\":2}");
            assertThat(in.nextName(JsonReader.Names.of())).isEqualTo(JsonReader.END);
            assertThat(from).isEqualTo(2);
            assertThat(in.end()).isEqualTo(json.length - 2);
        }
    }

    @Test
    void tells_what_the_writer_would_spell_alike() {
        List<String> strings = new ArrayList<>(List.of("", "/", "\\/", "\\u0041", "\\u00e9", "é🌒", "\\ud83c\\udf12"));
        for (int c = 0; c < 0x20; c++) {
            strings.addAll(List.of("\\u%04x".formatted(c), "\\u%04X".formatted(c), "12345678\\u%04x".formatted(c)));
        }
        for (char c : "\"\\nrtbf".toCharArray()) {
            strings.addAll(List.of("\\" + c, "1234567\\" + c, "\\" + c + "\\" + c));
        }
        for (String string : strings) {
            for (String json : List.of(
                    "{\"a\":\"" + string + "\"}",
                    "{\"" + string + "\":{}}",
                    "{\"a\": \"" + string + "\"}",
                    "{\"a\":\"" + string + "\"\n}")) {
                byte[] written = new JsonWriter().any(any(json)).toByteArray();

                assertThat(isSpelledAsWritten(json))
                        .as(json)
                        .isEqualTo(json.equals(new String(written, StandardCharsets.UTF_8)));
            }
        }
    }

    private static boolean isSpelledAsWritten(String json) {
        try (JsonReader in = reader("[" + json + "]")) {
            in.next();
            in.beginArray();
            in.nextElement();
            int from = in.begin();
            in.skip();
            return in.isSpelledAsWritten(from, in.end());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{",
                "[1",
                "{\"a\"",
                "{\"a\":",
                "{\"a\":tru",
                "\"abc",
                "{\"secret\" 1}",
                "nul",
                "[1,]",
                "{a:1}",
                "01",
                "'secret'",
                "<html>secret</html>",
                "[DONE]",
                "NaN",
                "{\"a\":1}}",
                "\"\\x\"",
                "\"a\nb\"",
                "1e",
                "-"
            })
    void malformed_text_neither_passes_nor_leaks(String json) {
        assertThatThrownBy(() -> readAll(json.getBytes(StandardCharsets.UTF_8)))
                .isInstanceOfSatisfying(JsonException.class, e -> {
                    assertThat(e.reason()).isEqualTo(Reason.MALFORMED);
                    assertThat(e).hasNoCause();
                    assertThat(e.getMessage()).matches("Malformed JSON \\(near byte \\d+\\)");
                });
    }

    @Test
    void invalid_utf8_is_malformed() {
        byte[] bytes = {'"', (byte) 0xC3, '"'};
        assertFails(Reason.MALFORMED, () -> readAll(bytes));
    }

    @Test
    void only_utf8_is_json() {
        String json = "{\"a\":\"é\"}";
        assertThat(any("\uFEFF" + json)).isEqualTo(Map.of("a", "é"));
        assertFails(Reason.MALFORMED, () -> readAll(json.getBytes(StandardCharsets.UTF_16LE)));
        assertFails(Reason.MALFORMED, () -> readAll(json.getBytes(StandardCharsets.UTF_16)));
        byte[] mixedUp = {0, 0, '{', 0};
        assertFails(Reason.MALFORMED, () -> readAll(mixedUp));
    }

    @Test
    void depth_is_limited() {
        assertThat(any("[".repeat(64) + "]".repeat(64))).isInstanceOf(List.class);
        assertFails(Reason.LIMIT, () -> any("[".repeat(65) + "]".repeat(65)));
        assertFails(Reason.LIMIT, () -> any("{\"a\":".repeat(65) + "1" + "}".repeat(65)));
        assertFails(Reason.LIMIT, () -> any("{\"a\":".repeat(100_000)));
    }

    @Test
    void lengths_of_strings_numbers_and_names_are_limited() {
        assertThat(any("\"" + "x".repeat(8 << 20) + "\"")).asString().hasSize(8 << 20);
        assertFails(Reason.LIMIT, () -> any("\"" + "x".repeat((8 << 20) + 1) + "\""));
        assertFails(Reason.LIMIT, () -> any("\"" + "é".repeat((8 << 20) + 1) + "\""));
        assertFails(Reason.LIMIT, () -> any("1".repeat(2_000)));
        assertFails(Reason.LIMIT, () -> any("1." + "1".repeat(2_000)));
        assertFails(Reason.LIMIT, () -> any("{\"" + "n".repeat(100_000) + "\":1}"));
    }

    @Test
    void the_number_of_tokens_is_limited() {
        assertThat(any("[" + "1,".repeat((1 << 20) - 3) + "1]"))
                .asInstanceOf(InstanceOfAssertFactories.LIST)
                .hasSize((1 << 20) - 2);
        assertFails(Reason.LIMIT, () -> any("[" + "1,".repeat((1 << 20) - 2) + "1]"));
        assertFails(Reason.LIMIT, () -> readAll("1 ".repeat((1 << 20) + 1).getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void the_length_of_the_document_is_limited() {
        int most = 32 << 20;
        byte[] document = new byte[most + 1];
        Arrays.fill(document, (byte) ' ');
        document[most - 1] = '7';

        assertFails(Reason.LIMIT, () -> new JsonReader(document));
        assertFails(Reason.LIMIT, () -> JsonReader.of(ByteBuffer.wrap(document)));
        try (JsonReader in = new JsonReader(document, 0, most)) {
            assertThat(in.next()).isTrue();
            assertThat(in.number(0)).isEqualTo(7);
        }
    }

    @Test
    void skipping_is_bounded_too() {
        assertFails(Reason.LIMIT, () -> {
            JsonReader in = reader("[".repeat(65) + "]".repeat(65));
            in.next();
            in.skip();
        });
    }

    @Test
    void whatever_the_bytes_are_only_json_exceptions_come() {
        byte[] seedText =
                "{\"id\":\"é月🌒\",\"a\":[1,-2.5e3,true,null,{\"b\":\"\\u00e9\\n\"}]}".getBytes(StandardCharsets.UTF_8);
        int failures = 0;
        for (long seed = 0; seed < 20_000; seed++) {
            Random random = new Random(seed);
            byte[] bytes = Arrays.copyOf(seedText, random.nextInt(seedText.length + 1));
            for (int i = random.nextInt(4); i > 0 && bytes.length > 0; i--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            try {
                readAll(bytes);
            } catch (JsonException e) {
                failures++;
            }
        }
        assertThat(failures).isGreaterThan(10_000);
    }

    private static void readAll(byte[] bytes) {
        try (JsonReader in = new JsonReader(bytes)) {
            while (in.next()) {
                in.any();
            }
        }
    }

    private static List<Long> numbers(String json) {
        List<Long> numbers = new ArrayList<>();
        try (JsonReader in = reader(json)) {
            in.next();
            in.beginArray();
            while (in.nextElement()) {
                numbers.add(in.number(-7));
            }
        }
        return numbers;
    }

    private static @Nullable Object any(String json) {
        try (JsonReader in = reader(json)) {
            in.next();
            return in.any();
        }
    }

    private static JsonReader reader(String json) {
        return new JsonReader(json.getBytes(StandardCharsets.UTF_8));
    }

    private static void assertFails(Reason reason, Runnable action) {
        assertThatThrownBy(action::run)
                .isInstanceOfSatisfying(
                        JsonException.class, e -> assertThat(e.reason()).isEqualTo(reason));
    }
}
