package dev.kimi.gateway.completions;

import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.kimi.gateway.dialect.GatewayException;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

class JsonScanTest {

    private static final JsonMapper MAPPER = new JsonMapper();
    private static final List<String> MESSAGES = List.of("messages");
    private static final List<String> TOOLS = List.of("tools");

    @Test
    void one_text_is_exchanged_and_every_other_byte_stays() {
        String before =
                " {\"a\" : \"é\\u00e9\", \"model\" :  \"x\\ny\" , \"messages\":[{\"model\":\"x\"}], \"n\":1.50 }\n";

        byte[] after = scan(before).with("model", "kimi-\"k3\"");

        assertThat(new String(after, UTF_8)).isEqualTo(before.replace("\"x\\ny\"", "\"kimi-\\\"k3\\\"\""));
    }

    @Test
    void the_same_text_gives_the_same_array() {
        byte[] json = "{\"model\":\"k\\u0033\"}".getBytes(UTF_8);

        assertThat(JsonScan.of(json).with("model", "k3")).isSameAs(json);
    }

    @Test
    void members_are_read_by_type() {
        JsonScan scan = scan("""
                {"t":"a","f":true,"n":12,"z":null,"half":1.5,"less":-3,"huge":99999999999999999999,"list":[1,[2],{}]}""");

        assertThat(scan.text("t")).isEqualTo("a");
        assertThat(scan.text("z")).isNull();
        assertThat(scan.flag("f")).isTrue();
        assertThat(scan.flag("z")).isFalse();
        assertThat(scan.flag("none")).isFalse();
        assertThat(scan.count("n")).isEqualTo(12);
        assertThat(List.of(scan.count("half"), scan.count("less"), scan.count("huge"), scan.count("t")))
                .containsOnly(0L);
        assertThat(scan.elements("list")).isEqualTo(3);
        assertThat(scan.isArray("list")).isTrue();
        assertThat(scan.isArray("t")).isFalse();
        assertThat(scan.tree("list")).isEqualTo(MAPPER.readTree("[1,[2],{}]"));
        assertThat(scan.tree("z")).isNull();
        assertThat(error(() -> scan.text("n"))).isEqualTo("\"n\" must be a string.");
        assertThat(error(() -> scan.flag("t"))).isEqualTo("\"t\" must be true or false.");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "  ",
                "{",
                "[]",
                "null",
                "\"model\"",
                "{\"a\":1",
                "{\"a\":}",
                "{\"a\":1,}",
                "{'a':1}",
                "{\"a\":NaN}",
                "{\"a\":01}",
                "{\"a\":[1}",
                "{\"a\":\"\u0001\"}",
                "{\"a\":\"x}",
                "{\"a\":[\"\\x\"]}",
                "{\"a\":/* c */1}",
                "{\"a\":1}{",
                "{\"a\":1} x",
                "\uFEFF{\"a\":1}",
                "{\"a\":1,\"b\":2,\"a\":1}",
                "{\"model\":1,\"mod\\u0065l\":2}"
            })
    void what_is_not_one_json_object_is_rejected(String json) {
        assertThat(error(() -> scan(json))).startsWith("The request body");
    }

    @Test
    void neither_other_encodings_nor_broken_utf8_pass() {
        assertThat(error(() -> JsonScan.of("{\"a\":1}".getBytes(UTF_16LE)))).contains("UTF-8");
        assertThat(error(() -> JsonScan.of(new byte[] {'{', '"', 'a', '"', ':', '[', '"', (byte) 0xc3, '"', ']', '}'})))
                .contains("not valid JSON");
    }

    @Test
    void the_message_says_where_and_repeats_nothing() {
        assertThat(error(() -> scan("{\"secret\":tru}")))
                .isEqualTo("The request body is not valid JSON: it breaks off, or is malformed, at byte 10.");
        assertThat(error(() -> scan("{\"a\":" + "[".repeat(600)))).contains("500 levels");
    }

    @Test
    void text_counts_by_its_bytes_and_images_by_their_number() {
        String image = "data:image/png;base64," + "A".repeat(300_000);

        assertThat(scan("{\"messages\":[{\"role\":\"user\",\"content\":\"" + "x".repeat(3_000) + "\"}]}")
                        .inputTokens(MESSAGES, TOOLS))
                .isBetween(1_008L, 1_012L);
        assertThat(scan("{\"messages\":[{\"content\":[{\"image_url\":{\"url\":\"" + image + "\"}}]}]}")
                        .inputTokens(MESSAGES, TOOLS))
                .isEqualTo(1_608);
        assertThat(scan("{\"messages\":[{\"content\":[{\"source\":{\"data\":\"" + "A".repeat(300_000) + "\"}}]}]}")
                        .inputTokens(MESSAGES, TOOLS))
                .isEqualTo(1_608);
        assertThat(scan("{\"messages\":[{\"content\":\"data: " + "x".repeat(3_000) + "\"}]}")
                        .inputTokens(MESSAGES, TOOLS))
                .isGreaterThan(1_000)
                .isLessThan(1_020);
        assertThat(scan("{\"tools\":[{\"name\":\"a\"},{\"name\":\"b\"}],\"other\":\"" + "x".repeat(999) + "\"}")
                        .inputTokens(MESSAGES, TOOLS))
                .isEqualTo(32 + 9);
    }

    @Test
    void any_object_is_read_as_a_tree_reads_it() {
        Random random = new Random(7);
        for (int i = 0; i < 300; i++) {
            ObjectNode object = MAPPER.createObjectNode();
            for (int m = random.nextInt(6); m >= 0; m--) {
                object.set("m" + m + (random.nextBoolean() ? "é" : ""), value(random, 3));
            }
            object.put("model", text(random));
            String json = random.nextBoolean() ? object.toString() : object.toPrettyString();

            JsonScan scan = scan(json);

            assertThat(scan.tree()).isEqualTo(object);
            for (String name : object.propertyNames()) {
                JsonNode node = object.get(name);
                assertThat(scan.tree(name)).isEqualTo(node.isNull() ? null : node);
                assertThat(scan.elements(name)).isEqualTo(node.isArray() ? node.size() : 0);
            }
            String other = text(random);
            assertThat(MAPPER.readTree(scan.with("model", other)))
                    .isEqualTo(object.deepCopy().put("model", other));
        }
    }

    private static JsonNode value(Random random, int depth) {
        return switch (random.nextInt(depth == 0 ? 4 : 6)) {
            case 0 -> MAPPER.getNodeFactory().stringNode(text(random));
            case 1 -> MAPPER.getNodeFactory().numberNode(random.nextInt(1_000));
            case 2 -> MAPPER.getNodeFactory().booleanNode(random.nextBoolean());
            case 3 -> MAPPER.getNodeFactory().nullNode();
            case 4 -> {
                ArrayNode array = MAPPER.createArrayNode();
                for (int i = random.nextInt(4); i > 0; i--) {
                    array.add(value(random, depth - 1));
                }
                yield array;
            }
            default -> {
                ObjectNode object = MAPPER.createObjectNode();
                for (int i = random.nextInt(4); i > 0; i--) {
                    object.set("k" + i, value(random, depth - 1));
                }
                yield object;
            }
        };
    }

    private static String text(Random random) {
        String[] pieces = {"a", "\"", "\\", "é", "漢", "😀", "\n", "{", "]", ",", " "};
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(12); i > 0; i--) {
            text.append(pieces[random.nextInt(pieces.length)]);
        }
        return text.toString();
    }

    private static JsonScan scan(String json) {
        return JsonScan.of(json.getBytes(UTF_8));
    }

    private static String error(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        GatewayException thrown = catchThrowableOfType(GatewayException.class, call);
        assertThat(thrown.error().status()).isEqualTo(400);
        return thrown.error().message();
    }
}
